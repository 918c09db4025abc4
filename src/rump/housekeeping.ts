import { operation } from '../anykernel/operation.ts';
import { SECOND, type Tick } from '../events/time.ts';
import type { Core } from '../hw/core.ts';
import type { BmkScheduler, BmkThread } from './bmk-scheduler.ts';

const HZ = 100;
/** Pieces of the work that the hardclock of that number in a second begins, and those of what a timeout begins. */
const CALLOUTS: Readonly<Record<number, readonly string[]>> = { 18: pieces('18', 2), 19: pieces('19', 6), 70: pieces('70', 2) };
const TIMEOUT: readonly string[] = pieces('timeout', 4);
/** The thread that the timeout wakes. */
const WOKEN = 'timeout.woken';

function pieces(chain: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${chain}.${index}`);
}

/** One of two threads that hand the work to each other: what counts is that every piece is run by another thread than the one before. */
class Worker implements BmkThread {
  readonly name: string;
  readonly context: number;
  private readonly body: () => void;

  constructor(core: Core, name: string, body: () => void) {
    this.name = name;
    this.context = core.defineContext(`rump:${name}`);
    this.body = body;
  }

  run(): void {
    this.body();
  }
}

/**
 * What the rump kernel of the recordings does once a second without traffic, beside the protocol timers: chains of short thread runs, found in every second of the idle recording ioapic-hpet. Which kernel
 * threads they are is not known.
 */
export class Housekeeping {
  private readonly core: Core;
  private readonly scheduler: BmkScheduler;
  private readonly paths: ReadonlyMap<string, number>;
  private readonly timer: number;
  private readonly workers: readonly number[];
  private readonly period: Tick;
  private readonly pending: number[] = [];
  private turn = 0;
  private next: Tick;

  /** `first`: of the timeout; `period`: a second of the rump kernel's clock. */
  constructor(core: Core, scheduler: BmkScheduler, first: Tick, period: Tick = SECOND) {
    this.core = core;
    this.scheduler = scheduler;
    this.period = period;
    this.next = first;
    const names = [...Object.values(CALLOUTS).flat(), ...TIMEOUT, WOKEN];
    this.paths = new Map(names.map((name) => [name, operation(core.paths, `housekeeping.${name}`)]));
    this.timer = scheduler.addThread(new Worker(core, 'timeout', () => {
      this.next += this.period;
      this.scheduler.wakeAt(this.timer, this.next);
      this.core.run(this.path(WOKEN));
      this.begin(TIMEOUT);
    }));
    this.workers = [0, 1].map((index) => scheduler.addThread(new Worker(core, `worker/${index}`, () => this.work())));
    scheduler.wakeAt(this.timer, first);
  }

  /** After each hardclock, counted from 1. */
  hardclock(count: number): void {
    const due = CALLOUTS[count % HZ];
    if (due !== undefined) this.begin(due);
  }

  private path(name: string): number {
    const path = this.paths.get(name);
    if (path === undefined) throw new RangeError(`no piece ${name} of housekeeping`);
    return path;
  }

  private begin(pieces: readonly string[]): void {
    for (const piece of pieces) this.pending.push(this.path(piece));
    this.wake();
  }

  private wake(): void {
    const worker = this.workers[this.turn++ & 1];
    if (worker !== undefined) this.scheduler.wake(worker);
  }

  private work(): void {
    const path = this.pending.shift();
    if (path === undefined) return;
    this.core.run(path);
    if (this.pending.length > 0) this.wake();
  }
}
