import { SOFTINT_LEVELS, type Softint } from '../anykernel/host.ts';
import { operation } from '../anykernel/operation.ts';
import { Fifo } from '../events/fifo.ts';
import type { Core } from '../hw/core.ts';
import type { BmkScheduler, BmkThread } from './bmk-scheduler.ts';

/** The thread of one softint level: runs what is pending, in order of scheduling, until nothing is, then blocks. */
class SoftintThread implements BmkThread {
  readonly name: string;
  readonly context: number;
  readonly pending = new Fifo<Softint>();
  readonly begin: number;
  private readonly core: Core;

  constructor(core: Core, level: number) {
    this.core = core;
    this.name = `softint/${level}`;
    this.context = core.defineContext(`rump:softint${level}`);
    this.begin = operation(core.paths, 'softint.run');
  }

  run(begun: boolean): void {
    if (!begun) this.core.run(this.begin);
    for (let handler = this.pending.shift(); handler !== null; handler = this.pending.shift()) handler();
  }
}

/**
 * Soft interrupts in a rump kernel (src-netbsd sys/rump/librump/rumpkern/intr.c): one thread a level. Scheduling only queues; the threads are
 * woken when a thread that is not itself a softint leaves the rump kernel's virtual CPU.
 */
export class Softints {
  private readonly core: Core;
  private readonly scheduler: BmkScheduler;
  private readonly wakes: number;
  private readonly threads: SoftintThread[] = [];
  private readonly ids: number[] = [];
  /** Levels that may have something pending, one bit each: a thread that has run is found out at the next look. */
  private levels = 0;

  constructor(core: Core, scheduler: BmkScheduler) {
    this.core = core;
    this.scheduler = scheduler;
    this.wakes = operation(core.paths, 'softint.wake');
    for (let level = 0; level < SOFTINT_LEVELS; level++) {
      const thread = new SoftintThread(core, level);
      this.threads.push(thread);
      this.ids.push(scheduler.addThread(thread));
    }
  }

  schedule(level: number, handler: Softint): void {
    const pending = this.threads[level]?.pending;
    if (pending === undefined) throw new RangeError(`no softint level ${level}`);
    if (!pending.includes(handler)) pending.push(handler);
    this.levels |= 1 << level;
  }

  /** Whether a softint is scheduled and its thread has not run yet. */
  get waiting(): boolean {
    return this.threads.some(({ pending }) => pending.length > 0);
  }

  /** rump_softint_run: wakes the thread of each level that has something pending. */
  dispatch(): void {
    for (let left = this.levels; left !== 0; left &= left - 1) {
      const level = 31 - Math.clz32(left & -left);
      if (this.threads[level]!.pending.length === 0) { // one thread a level
        this.levels &= ~(1 << level);
        continue;
      }
      this.core.run(this.wakes);
      this.scheduler.wake(this.ids[level]!);
    }
  }
}
