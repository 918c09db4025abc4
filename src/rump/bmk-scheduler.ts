import { NEVER, type Tick } from '../events/time.ts';
import { operation } from '../anykernel/operation.ts';
import type { Core } from '../hw/core.ts';
import type { Counters } from '../hw/counters.ts';
import { spend } from '../hw/path.ts';

/** A cooperative bmk thread: `run` is called when it is scheduled and returns when it blocks. */
export interface BmkThread {
  readonly name: string;
  /** Ledger context. */
  readonly context: number;
  run(): void;
}

/** What the bmk scheduler asks of the platform below it. */
export interface Platform {
  /** Blocks interrupts (or their threads) out of the scheduler's data; `splx` lets them in again, which may run them at once. Not nested here. */
  splhigh(): void;
  splx(): void;
  /**
   * Blocks until an interrupt or until tick `until`, called at splhigh. True: it came back, at splhigh. False: the virtual CPU's thread is blocked, the scheduler must
   * return and is resumed, at splhigh, later.
   */
  cpuBlock(until: Tick): boolean;
  /** What a resumed scheduler does first. */
  resumed(): void;
  /** The scheduler has switched to another thread; absent where that is no matter of the platform. */
  switched?(): void;
}

/** A queued thread: its place in the run queue and its wake-up time. */
class Slot {
  readonly thread: BmkThread;
  readonly context: number;
  queued = false;
  /** The one behind it in the run queue; null: it is the last, or not queued. */
  next: Slot | null = null;
  wakeAt: Tick = NEVER;

  constructor(thread: BmkThread) {
    this.thread = thread;
    this.context = thread.context;
  }
}

/** First in, first out, linked through the threads themselves: each switch takes one out. */
class RunQueue {
  private first: Slot | null = null;
  private last: Slot | null = null;

  push(slot: Slot): void {
    slot.queued = true;
    if (this.first === null || this.last === null) this.first = slot;
    else this.last.next = slot;
    this.last = slot;
  }

  /** Null: no thread is queued. */
  shift(): Slot | null {
    const { first } = this;
    if (first === null) return null;
    this.first = first.next;
    first.next = null;
    first.queued = false;
    return first;
  }
}

/**
 * Rumprun's scheduler (seL4/rumprun 582c0b5 lib/libbmk_core/sched.c): one virtual CPU, a first-in first-out run queue without priorities,
 * no preemption. When nothing is runnable it asks the platform to block until the first timeout. Timeouts are looked at only here.
 */
export class BmkScheduler {
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly platform: Platform;
  private readonly slots: Slot[] = [];
  private readonly runQueue = new RunQueue();
  private running: Slot | null = null;
  private last: Slot | null = null;
  private blocked = false;
  /** The earliest timeout, or one that has just expired. */
  private firstTimeout: Tick = NEVER;
  private readonly context: number;
  private readonly look: number;
  private readonly expired: number;
  private readonly switchTo: number;
  private readonly switches: number;
  private readonly idleEntries: number;

  constructor(core: Core, counters: Counters, platform: Platform) {
    this.core = core;
    this.counters = counters;
    this.platform = platform;
    this.context = core.defineContext('rump:scheduler');
    this.look = operation(core.paths, 'sched.look');
    this.expired = operation(core.paths, 'sched.expire');
    this.switchTo = operation(core.paths, 'sched.switch', spend('stage.refill'));
    this.switches = counters.define('bmk.switches');
    this.idleEntries = counters.define('bmk.idle-entries');
  }

  /** Ledger context of code that runs on the virtual CPU outside any bmk thread. */
  get contextId(): number {
    return this.context;
  }

  addThread(thread: BmkThread): number {
    return this.slots.push(new Slot(thread)) - 1;
  }

  /** bmk_sched_wake: to the tail of the run queue, unless it runs or is queued already. Costs are part of the waking operations. */
  wake(id: number): void {
    const slot = this.slots[id];
    if (slot === undefined) throw new RangeError(`no bmk thread ${id}`);
    // The first timeout must be exact where the platform sleeps until it.
    if (slot.wakeAt !== NEVER) this.cancel(slot);
    if (slot.queued || slot === this.running) return;
    this.runQueue.push(slot);
  }

  /** bmk_sched_blockprepare_timeout for the thread that is about to block. */
  wakeAt(id: number, tick: Tick): void {
    const slot = this.slots[id];
    if (slot === undefined) throw new RangeError(`no bmk thread ${id}`);
    if (slot.wakeAt !== NEVER) this.cancel(slot);
    slot.wakeAt = tick;
    if (tick < this.firstTimeout) this.firstTimeout = tick;
  }

  /** bmk_sched_blockprepare: from here on a wake-up of the running thread queues it, although it has not left the CPU yet. */
  blockPrepare(): void {
    this.running = null;
  }

  /** Runs threads until the platform blocks the virtual CPU or the core stops. */
  resume(): void {
    if (this.blocked) {
      this.blocked = false;
      this.platform.resumed();
    } else {
      this.platform.splhigh();
    }
    while (!this.core.stopped) {
      this.core.context = this.context;
      this.core.run(this.look);
      if (this.firstTimeout <= this.core.now) this.expire();
      const slot = this.runQueue.shift();
      if (slot === null) {
        this.counters.add(this.idleEntries);
        if (this.platform.cpuBlock(this.firstTimeout)) continue;
        this.blocked = true;
        return;
      }
      this.running = slot;
      // schedule() has released the scheduler's data when it switches.
      this.platform.splx();
      if (slot !== this.last) {
        this.counters.add(this.switches);
        this.core.run(this.switchTo);
        this.platform.switched?.();
      }
      this.last = slot;
      this.core.context = slot.context;
      slot.thread.run();
      this.running = null;
      this.platform.splhigh();
    }
  }

  private cancel(slot: Slot): void {
    slot.wakeAt = NEVER;
    let first = NEVER;
    for (let i = 0; i < this.slots.length; i++) first = Math.min(first, this.slots[i]!.wakeAt); // within bounds
    this.firstTimeout = first;
  }

  /** Queues the threads whose time has come, in order of their time. */
  private expire(): void {
    while (this.firstTimeout <= this.core.now) {
      let first: Slot | null = null;
      for (let i = 0; i < this.slots.length; i++) {
        const slot = this.slots[i]!; // within bounds
        if (first === null || slot.wakeAt < first.wakeAt) first = slot;
      }
      this.firstTimeout = first === null ? NEVER : first.wakeAt;
      if (first === null || first.wakeAt > this.core.now) break;
      first.wakeAt = NEVER;
      this.core.run(this.expired);
      if (!first.queued) this.runQueue.push(first);
    }
  }
}
