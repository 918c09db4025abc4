import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';

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
  readonly ticks: Float64Array;
  readonly width: number;
  idle: Tick = ZERO;

  /** @param width number of paths; fixed, since accounts are addressed as context * width + path. */
  constructor(width: number, contexts: readonly string[]) {
    this.width = width;
    this.contexts.push(...contexts);
    this.ticks = new Float64Array(width * contexts.length);
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
