import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { young } from '../events/young.ts';
import type { Core } from '../hw/core.ts';
import { Tsc } from '../hw/tsc.ts';

/** A system's own measurement of its utilisation, as the paper took it; beside it stands the true busy time. */
export interface Instrument {
  /** What it is, for reports. */
  readonly name: string;
  /** The measurement window begins. */
  begin(): void;
  /** The window of `elapsed` ticks ends, of which the core idled `idle`: utilisation as the instrument reads it, 0..1. */
  read(elapsed: Tick, idle: Tick): number;
}

/** A delta from one TSC reading to the next counts as idle below this. */
const IDLE_BELOW = 150;

/**
 * Idle-loop counting on Rumprun (bare metal and seL4): a loop reads the TSC and counts a delta as idle when it is under 150 cycles (costs.md 1b). The turn of the
 * loop that an interrupt breaks is lost, so every idle span counts for whole turns only.
 */
export class IdleLoopInstrument implements Instrument {
  readonly name = 'idle loop, TSC deltas under 150 cycles';
  private lost: Tick = ZERO;

  constructor(core: Core) {
    const turn = core.paths.ticks('idle.loop');
    const counts = new Tsc(core.paths.costs).counts(turn) < IDLE_BELOW;
    core.idleSpan = young((ticks) => {
      // Whole numbers below 2^52, which a division does not round up to the next whole number: cheaper than %.
      this.lost += counts ? ticks - Math.floor(ticks / turn) * turn : ticks;
    });
  }

  begin(): void {
    this.lost = 0;
  }

  read(elapsed: Tick, idle: Tick): number {
    return (elapsed - idle + this.lost) / elapsed;
  }
}
