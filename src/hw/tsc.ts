import { SECOND, type Tick } from '../events/time.ts';
import type { CostTable } from './cost.ts';

/** The time-stamp counter: invariant, so it counts at its own rate whatever the core clock does (turbo, P-states). */
export class Tsc {
  private readonly ticksPerCount: number;

  constructor(costs: CostTable) {
    this.ticksPerCount = SECOND / (costs.value('tsc.frequency') * 1e6);
  }

  /** What RDTSC returns at `tick`. */
  read(tick: Tick): number {
    return Math.floor(tick / this.ticksPerCount);
  }

  /** Counts that pass in `ticks`, not rounded. */
  counts(ticks: Tick): number {
    return ticks / this.ticksPerCount;
  }
}
