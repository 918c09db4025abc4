import { MS, type Tick } from '../events/time.ts';
import { operation } from '../anykernel/operation.ts';
import type { Core } from '../hw/core.ts';
import type { BmkScheduler, BmkThread } from './bmk-scheduler.ts';

/** hz = 100. */
export const HARDCLOCK_PERIOD: Tick = 10 * MS;

/** The rump kernel's clock (rumpkern/intr.c, doclock): hardclock every 10 ms of absolute time; late ticks run back to back. */
export class ClockThread implements BmkThread {
  readonly name = 'clock';
  readonly context: number;
  /** Ticks so far. */
  hardclocks = 0;
  private readonly core: Core;
  private readonly scheduler: BmkScheduler;
  private readonly id: number;
  private readonly tick: number;
  private readonly callouts: () => void;
  private readonly period: Tick;
  private next: Tick;

  /** `first`: when the first tick is due; `callouts` runs after each tick what has come due; `period`: of a clock that runs fast or slow. */
  constructor(core: Core, scheduler: BmkScheduler, first: Tick, callouts: () => void, period: Tick = HARDCLOCK_PERIOD) {
    this.period = period;
    this.core = core;
    this.scheduler = scheduler;
    this.callouts = callouts;
    this.next = first;
    this.context = core.defineContext('rump:clock');
    this.tick = operation(core.paths, 'clock.tick');
    this.id = scheduler.addThread(this);
    scheduler.wakeAt(this.id, first);
  }

  run(): void {
    while (this.next <= this.core.now) {
      this.core.run(this.tick);
      this.hardclocks++;
      this.next += this.period;
      this.callouts();
    }
    this.scheduler.wakeAt(this.id, this.next);
  }
}
