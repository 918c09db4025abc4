import { NEVER, type Tick } from '../events/time.ts';
import { operation } from '../anykernel/operation.ts';
import type { Core } from '../hw/core.ts';
import type { Counters } from '../hw/counters.ts';
import { spend } from '../hw/path.ts';
import { type Part, part, type Sequence } from '../hw/sequence.ts';

/** A cooperative bmk thread: `run` is called when it is scheduled and returns when it blocks. */
export interface BmkThread {
  readonly name: string;
  /** Ledger context. */
  readonly context: number;
  /** The path that each run begins with; absent: it depends. */
  readonly begin?: number;
  /** `begun`: its first path has been run. */
  run(begun: boolean): void;
}

/** What the bmk scheduler asks of the platform below it. */
export interface Platform {
  /** Blocks interrupts (or their threads) out of the scheduler's data; `splx` lets them in again, which may run them at once. Not nested here. */
  splhigh(): void;
  splx(): void;
  /**
   * Blocks until an interrupt or until tick `until`, called at splhigh. True: it came back, at splhigh. False: the virtual CPU's thread is blocked, the scheduler must
   * return and is resumed, at splhigh, later. `begun`: the sequence that `Shortcut.blocking` gave has been run.
   */
  cpuBlock(until: Tick, begun: boolean): boolean;
  /** What a resumed scheduler does first. */
  resumed(): void;
  /** The scheduler has switched to another thread; absent where that is no matter of the platform. */
  switched?(): void;
  /** What the scheduler must know to do a turn as one; absent: it does each act by itself. */
  readonly shortcut?: Shortcut;
}

/** A turn as one: where nothing comes between, acts are the same each time. */
export interface Shortcut {
  /** Whether splx would let somebody in. */
  contended(): boolean;
  /** The path of `resumed`, and what is left of resumed and splx when that has been run. */
  readonly back: number;
  cameBack(): void;
  /** What cpuBlock begins with, the scheduler's own `lead` before it; absent: each time something else. */
  blocking?(lead: Part): Sequence;
}

/** A queued thread: its place in the run queue and its wake-up time. */
class Slot {
  readonly thread: BmkThread;
  readonly context: number;
  queued = false;
  /** The one behind it in the run queue; null: it is the last, or not queued. */
  next: Slot | null = null;
  wakeAt: Tick = NEVER;
  /** From the scheduler's look to the end of the thread's first path: plus 2 with the platform's way back from sleep before it, plus 1 with a switch; null: not needed so far. */
  readonly ways: (Sequence | null)[] = [null, null, null, null];

  constructor(thread: BmkThread) {
    this.thread = thread;
    this.context = thread.context;
  }
}

/** First in, first out, linked through the threads themselves: each switch takes one out. */
class RunQueue {
  /** Null: no thread is queued. */
  first: Slot | null = null;
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
  /** From the look that finds no thread on; null: not needed so far. */
  private blocking: Sequence | null = null;

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
    const { core, platform } = this;
    let back = this.blocked;
    this.blocked = false;
    if (!back) platform.splhigh();
    for (;;) {
      let slot = this.enterAtOnce(back);
      const begun = slot !== null;
      if (slot === null) {
        if (back) platform.resumed();
        if (core.stopped) return;
        const idles = this.idleAtOnce();
        if (!idles) slot = this.enter();
        if (slot === null) {
          back = false;
          if (platform.cpuBlock(this.firstTimeout, idles)) continue;
          this.blocked = true;
          return;
        }
      }
      back = false;
      core.context = slot.context;
      slot.thread.run(begun);
      this.running = null;
      platform.splhigh();
    }
  }

  /** The scheduler's look, which finds no thread, and what the platform then begins with, as one. False: it cannot, and nothing has been done. */
  private idleAtOnce(): boolean {
    const { core, platform: { shortcut }, runQueue } = this;
    if (runQueue.first !== null || shortcut?.blocking === undefined || shortcut.contended()) return false;
    this.blocking ??= shortcut.blocking(part(this.context, [this.look], [this.idleEntries]));
    if (this.firstTimeout <= core.now + this.blocking.ticks) return false;
    core.context = this.context;
    return core.runSequence(this.blocking);
  }

  /** schedule(): switches to the next thread; null: there is none. */
  private enter(): Slot | null {
    const { core, platform } = this;
    core.context = this.context;
    core.run(this.look);
    if (this.firstTimeout <= core.now) this.expire();
    const slot = this.runQueue.shift();
    if (slot === null) {
      this.counters.add(this.idleEntries);
      return null;
    }
    this.running = slot;
    // schedule() has released the scheduler's data when it switches.
    platform.splx();
    if (slot !== this.last) {
      this.counters.add(this.switches);
      core.run(this.switchTo);
      platform.switched?.();
    }
    this.last = slot;
    return slot;
  }

  /** The same and the thread's first path as one, where nothing comes between; `back`: the platform's way back from sleep before it. Null: it cannot, and nothing has been done. */
  private enterAtOnce(back: boolean): Slot | null {
    const { core, platform: { shortcut }, runQueue: { first } } = this;
    if (first === null || shortcut === undefined || core.stopped || shortcut.contended()) return null;
    const switches = first !== this.last;
    const sequence = first.ways[(back ? 2 : 0) + (switches ? 1 : 0)] ?? this.way(first, back, switches, shortcut);
    if (this.firstTimeout <= core.now + sequence.ticks || !core.runSequence(sequence)) return null;
    this.runQueue.shift();
    this.running = first;
    this.last = first;
    if (back) shortcut.cameBack();
    else this.platform.splx();
    return first;
  }

  private way(slot: Slot, back: boolean, switches: boolean, shortcut: Shortcut): Sequence {
    const { begin } = slot.thread;
    const own = part(this.context, [...(back ? [shortcut.back] : []), this.look, ...(switches ? [this.switchTo] : [])], switches ? [this.switches] : []);
    const sequence = this.core.join(this.counters, own, part(slot.context, begin === undefined ? [] : [begin]));
    slot.ways[(back ? 2 : 0) + (switches ? 1 : 0)] = sequence;
    return sequence;
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
