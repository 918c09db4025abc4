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
  /** The accounts without what the sequences have not charged yet: for the core, which adds to them. */
  readonly charged: Float64Array;
  readonly width: number;
  idle: Tick = ZERO;
  private readonly prices: Float64Array;
  private readonly sequences: readonly Sequence[];

  /** @param prices of the paths; their number is fixed, since accounts are addressed as context * number of paths + path. */
  constructor(prices: Float64Array, contexts: readonly string[], sequences: readonly Sequence[] = []) {
    this.width = prices.length;
    this.prices = prices;
    this.sequences = sequences;
    this.contexts.push(...contexts);
    this.charged = new Float64Array(prices.length * contexts.length);
  }

  /** The accounts. */
  get ticks(): Float64Array {
    for (const sequence of this.sequences) sequence.charge(this.charged, this.prices);
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
