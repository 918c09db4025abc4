import TinyQueue from 'tinyqueue';
import type { Entry, Event } from './event.ts';
import type { Lane } from './lane.ts';
import { LAST_TICK, NEVER, type Tick } from './time.ts';

function earlier(a: Entry, b: Entry): number {
  return a.tick - b.tick || a.priority - b.priority || a.sequence - b.sequence;
}

/**
 * The event engine: future events in a priority queue, sorted streams in lanes beside it, one total order (tick, priority, sequence).
 * It is driven either by `run` or by a simulated CPU that asks for `nextTick` and calls `dispatchThrough` as its own time advances.
 */
export class Simulator {
  /** Tick of the occurrence being dispatched, else the tick that `dispatchThrough` or `run` got to. */
  now: Tick = 0;
  /** Tick of the earliest pending occurrence, NEVER when there is none. While an occurrence is being dispatched it is that one's tick. */
  nextTick: Tick = NEVER;
  /** Occurrences dispatched so far. */
  dispatched = 0;
  private queue = new TinyQueue<Entry>([], earlier);
  private readonly free: Entry[] = [];
  private readonly lanes: Lane[] = [];
  /** The lane whose head is the earliest occurrence; null: the queue's top is. */
  private earliestLane: Lane | null = null;
  private sequence = 0;
  private cancelled = 0;

  /** Events pending, lanes not counted. */
  get pending(): number {
    return this.queue.length - this.cancelled;
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
    if (event.entry !== null) throw new RangeError(`event ${event.name} is already scheduled for ${event.entry.tick}`);
    if (!(tick >= this.now && tick <= LAST_TICK) || Math.floor(tick) !== tick) {
      throw new RangeError(`event ${event.name}: ${tick} is not a tick from ${this.now} on`);
    }
    const entry = this.free.pop() ?? { tick: 0, priority: 0, sequence: 0, event: null };
    entry.tick = tick;
    entry.priority = event.priority;
    entry.sequence = this.sequence++;
    entry.event = event;
    event.entry = entry;
    this.queue.push(entry);
    if (tick > this.nextTick) return;
    if (tick === this.nextTick) this.select();
    else {
      this.nextTick = tick;
      this.earliestLane = null;
    }
  }

  /** Cancels; nothing happens when the event is not scheduled. */
  deschedule(event: Event): void {
    const entry = event.entry;
    if (entry === null) return;
    entry.event = null;
    event.entry = null;
    this.cancelled++;
    if (entry.tick === this.nextTick) this.select();
    // Timers that are re-armed for ever would otherwise grow the queue by one dead entry each time.
    if (this.cancelled > 64 && this.cancelled * 2 > this.queue.length) this.compact();
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
    } else {
      const top = this.liveTop();
      if (top !== undefined && top.tick === due && top.event !== null) {
        const event = top.event;
        this.now = due;
        this.dispatched++;
        this.queue.pop();
        top.event = null;
        this.free.push(top);
        event.entry = null;
        event.fire(due);
      }
    }
    this.select();
  }

  /** Finds the earliest occurrence of all: `nextTick`, and the lane it heads or null when it is in the queue. */
  private select(): void {
    const top = this.liveTop();
    let tick = NEVER;
    let priority = 0;
    let sequence = 0;
    if (top !== undefined) {
      tick = top.tick;
      priority = top.priority;
      sequence = top.sequence;
    }
    let earliest: Lane | null = null;
    const lanes = this.lanes;
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[i]!; // within bounds
      const head = lane.headTick;
      if (head < tick || (head === tick && head !== NEVER && (lane.priority < priority || (lane.priority === priority && lane.headSequence < sequence)))) {
        earliest = lane;
        tick = head;
        priority = lane.priority;
        sequence = lane.headSequence;
      }
    }
    this.nextTick = tick;
    this.earliestLane = earliest;
  }

  private liveTop(): Entry | undefined {
    let top = this.queue.peek();
    while (top !== undefined && top.event === null) {
      this.queue.pop();
      this.cancelled--;
      this.free.push(top);
      top = this.queue.peek();
    }
    return top;
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
}
