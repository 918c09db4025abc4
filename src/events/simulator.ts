import TinyQueue from 'tinyqueue';
import { type Entry, type Event, orderOf } from './event.ts';
import type { Lane } from './lane.ts';
import { LAST_TICK, NEVER, type Tick } from './time.ts';
import { ZERO } from './zero.ts';

/** Events kept in order beside the queue: above what a machine has pending at a time. */
const NEAR = 16;

function earlier(a: Entry, b: Entry): number {
  return a.tick - b.tick || a.order - b.order;
}

/**
 * The event engine: the next few events in a sorted array, the others in a priority queue, sorted streams in lanes beside them; one total order (tick, priority, sequence).
 * It is driven either by `run` or by a simulated CPU that asks for `nextTick` and calls `dispatchThrough` as its own time advances.
 */
export class Simulator {
  /** Tick of the occurrence being dispatched, else the tick that `dispatchThrough` or `run` got to. */
  now: Tick = ZERO;
  /** Tick of the earliest pending occurrence, NEVER when there is none. While an occurrence is being dispatched it is that one's tick. */
  nextTick: Tick = NEVER;
  /** Occurrences dispatched so far. */
  dispatched = 0;
  /** Pending events, latest first: each is before all of the queue. A machine's dozen timers never leave it, where a heap would cost several times as much. */
  private readonly near: (Event | null)[] = Array.from({ length: NEAR }, () => null);
  private nearCount = 0;
  private queue = new TinyQueue<Entry>([], earlier);
  private readonly free: Entry[] = [];
  private readonly lanes: Lane[] = [];
  /** The lane whose head is the earliest occurrence; null: an event is. */
  private earliestLane: Lane | null = null;
  private sequence = 0;
  private cancelled = 0;

  /** Events pending, lanes not counted. */
  get pending(): number {
    return this.nearCount + this.queue.length - this.cancelled;
  }

  nextSequence(): number {
    return this.sequence++;
  }

  addLane(lane: Lane): void {
    this.lanes.push(lane);
  }

  /** A lane got a head. */
  announce(lane: Lane): void {
    if (lane.headTick > this.nextTick) return;
    if (lane.headTick === this.nextTick) this.select();
    else {
      this.nextTick = lane.headTick;
      this.earliestLane = lane;
    }
  }

  /** @throws RangeError when the event is already pending, or `tick` is in the past, fractional or past the last exact tick. */
  schedule(event: Event, tick: Tick): void {
    if (event.tick !== NEVER || !(tick >= this.now && tick <= LAST_TICK) || Math.floor(tick) !== tick) this.refuse(event, tick);
    event.tick = tick;
    event.order = orderOf(event.priority, this.sequence++);
    if (this.queue.length === 0 && this.nearCount < NEAR) this.insert(event);
    else this.place(event);
    if (tick > this.nextTick) return;
    if (tick === this.nextTick) this.select();
    else {
      this.nextTick = tick;
      this.earliestLane = null;
    }
  }

  /** Cancels; nothing happens when the event is not scheduled. */
  deschedule(event: Event): void {
    const { tick } = event;
    if (tick === NEVER) return;
    event.tick = NEVER;
    const { entry } = event;
    if (entry !== null) {
      entry.event = null;
      event.entry = null;
      this.cancelled++;
      // Timers that are re-armed for ever would otherwise grow the queue by one dead entry each time.
      if (this.cancelled > 64 && this.cancelled * 2 > this.queue.length) this.compact();
    } else {
      this.remove(event);
    }
    if (tick === this.nextTick) this.select();
  }

  reschedule(event: Event, tick: Tick): void {
    this.deschedule(event);
    this.schedule(event, tick);
  }

  /** Fires everything up to and including `tick`, in order, then sets `now` to it. */
  dispatchThrough(tick: Tick): void {
    while (this.nextTick <= tick) this.fireNext();
    if (tick > this.now) this.now = tick;
  }

  /** Runs until simulated time `until` (its events included), or until nothing is pending. */
  run(until: Tick = LAST_TICK): void {
    while (this.nextTick <= until) this.fireNext();
    if (until > this.now && until < LAST_TICK) this.now = until;
  }

  /** Fires the earliest occurrence. Nothing must be called with nothing pending: `nextTick` says so. */
  fireNext(): void {
    const due = this.nextTick;
    const lane = this.earliestLane;
    if (lane !== null && lane.headTick === due) {
      this.now = due;
      this.dispatched++;
      lane.fire();
    } else if (this.nearCount > 0) {
      const event = this.near[this.nearCount - 1]!; // a place in use
      if (event.tick === due) {
        this.now = due;
        this.dispatched++;
        this.near[--this.nearCount] = null;
        event.tick = NEVER;
        event.fire(due);
      }
    }
    this.select();
  }

  /** Finds the earliest occurrence of all: `nextTick`, and the lane it heads or null when it is an event. */
  private select(): void {
    if (this.nearCount === 0 && this.queue.length > 0) this.refill();
    let tick = NEVER;
    let order = -Infinity;
    if (this.nearCount > 0) {
      const event = this.near[this.nearCount - 1]!; // a place in use
      tick = event.tick;
      order = event.order;
    }
    let earliest: Lane | null = null;
    const { lanes } = this;
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[i]!; // within bounds
      const head = lane.headTick;
      if (head < tick || (head === tick && lane.headOrder < order)) {
        earliest = lane;
        tick = head;
        order = lane.headOrder;
      }
    }
    this.nextTick = tick;
    this.earliestLane = earliest;
  }

  /** Puts an event into its place among the near ones, of which there is one free. */
  private insert(event: Event): void {
    const { near } = this;
    const { tick, order } = event;
    let place = this.nearCount++;
    for (; place > 0; place--) {
      const other = near[place - 1]!; // a place in use
      if (tick < other.tick || (tick === other.tick && order < other.order)) break;
      near[place] = other;
    }
    near[place] = event;
  }

  private remove(event: Event): void {
    const { near } = this;
    const last = --this.nearCount;
    let place = near.indexOf(event);
    for (; place < last; place++) near[place] = near[place + 1]!; // places in use
    near[last] = null;
  }

  /** Among the near ones when it is before their last or nothing is in the queue, else into the queue. */
  private place(event: Event): void {
    const last = this.near[0] ?? null;
    if (this.nearCount === 0 || last === null || event.tick > last.tick || (event.tick === last.tick && event.order > last.order)) {
      this.enqueue(event);
      // A queue whose events were all cancelled has no say.
      if (this.nearCount === 0) this.refill();
      return;
    }
    if (this.nearCount === NEAR) {
      this.remove(last);
      this.enqueue(last);
    }
    this.insert(event);
  }

  private enqueue(event: Event): void {
    const entry = this.free.pop() ?? { tick: 0, order: 0, event: null };
    entry.tick = event.tick;
    entry.order = event.order;
    entry.event = event;
    event.entry = entry;
    this.queue.push(entry);
  }

  /** Moves the first event of the queue to the near ones, of which there are none. */
  private refill(): void {
    for (let entry = this.queue.pop(); entry !== undefined; entry = this.queue.pop()) {
      const { event } = entry;
      entry.event = null;
      this.free.push(entry);
      if (event === null) {
        this.cancelled--;
        continue;
      }
      event.entry = null;
      this.near[0] = event;
      this.nearCount = 1;
      return;
    }
  }

  private compact(): void {
    const live: Entry[] = [];
    for (const entry of this.queue.data) {
      if (entry.event === null) this.free.push(entry);
      else live.push(entry);
    }
    this.queue = new TinyQueue(live, earlier);
    this.cancelled = 0;
  }

  private refuse(event: Event, tick: Tick): never {
    if (event.tick !== NEVER) throw new RangeError(`event ${event.name} is already scheduled for ${event.tick}`);
    throw new RangeError(`event ${event.name}: ${tick} is not a tick from ${this.now} on`);
  }
}
