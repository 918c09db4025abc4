import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import type { Sequence } from './sequence.ts';

/** One account: what a context spent on a path. */
export interface Account {
  readonly context: string;
  readonly path: number;
  readonly ticks: Tick;
}

/**
 * Every tick of the simulated core lands in exactly one account (context, path), or in idle. Kept as one array that the core adds to;
 * a snapshot at the start and one at the end of the measurement window give the window's accounts by subtraction.
 */
export class Ledger {
  readonly contexts: string[] = [];
  /** One row of prices, then the accounts, a row for each context, without what the sequences have not charged yet: one array, because the core reads a price and adds it to an account each time. */
  readonly book: Float64Array;
  readonly width: number;
  idle: Tick = ZERO;
  private readonly charged: Float64Array;
  private readonly sequences: readonly Sequence[];

  /** @param prices of the paths; their number is fixed, since accounts are addressed as context * number of paths + path. */
  constructor(prices: Float64Array, contexts: readonly string[], sequences: readonly Sequence[] = []) {
    this.width = prices.length;
    this.sequences = sequences;
    this.contexts.push(...contexts);
    this.book = new Float64Array(prices.length * (contexts.length + 1));
    this.book.set(prices);
    this.charged = this.book.subarray(prices.length);
  }

  /** The accounts. */
  get ticks(): Float64Array {
    for (const sequence of this.sequences) sequence.charge(this.book, this.width);
    return this.charged;
  }

  busy(): Tick {
    let sum = 0;
    for (const ticks of this.ticks) sum += ticks;
    return sum;
  }

  snapshot(): LedgerSnapshot {
    return { ticks: this.ticks.slice(), idle: this.idle };
  }
}

export interface LedgerSnapshot {
  readonly ticks: Float64Array;
  readonly idle: Tick;
}
