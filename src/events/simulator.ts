import TinyQueue from 'tinyqueue';
import { type Entry, Event, orderOf } from './event.ts';
import { LAST_TICK, NEVER, type Tick } from './time.ts';
import { ZERO } from './zero.ts';

/** Events kept in order beside the queue: above what a machine has pending at a time. */
const NEAR = 16;

function earlier(a: Entry, b: Entry): number {
  return a.tick - b.tick || a.order - b.order;
}

/**
 * The event engine: the next few events in a sorted list, the others in a priority queue; of a sorted stream (`Lane`) the next occurrence is an event; one total order (tick, priority, sequence).
 * It is driven either by `run` or by a simulated CPU that asks for `nextTick` and calls `dispatchThrough` as its own time advances.
 */
export class Simulator {
  /** Tick of the occurrence being dispatched, else the tick that `dispatchThrough` or `run` got to. */
  now: Tick = ZERO;
  /** Tick of the earliest pending occurrence, NEVER when there is none. While an occurrence is being dispatched it is that one's tick. */
  nextTick: Tick = NEVER;
  /** Occurrences dispatched so far. */
  dispatched = 0;
  /** Before the first and after the last near event, which the list closes to a ring: as its tick is NEVER, a walk ends at it. */
  private readonly end = new Event('end', 0, () => {});
  /** Events in the list: each is before all of the queue, and there is one unless nothing is pending. A machine's dozen timers never leave it, where a heap would cost several times as much. */
  private nearCount = 0;
  private queue = new TinyQueue<Entry>([], earlier);
  private readonly free: Entry[] = [];
  private sequence = 0;
  private cancelled = 0;

  /** Events pending; of a lane that is its head. */
  get pending(): number {
    return this.nearCount + this.queue.length - this.cancelled;
  }

  /** Tick by which what is pending must be fired: `nextTick`, and its slack where an event has some. */
  get patience(): Tick {
    if (this.queue.length > 0) return this.nextTick;
    let patience = NEVER;
    for (let event = this.end.next; event.tick < patience; event = event.next) {
      const latest = event.tick + event.slack;
      if (latest < patience) patience = latest;
    }
    return patience;
  }

  nextSequence(): number {
    return this.sequence++;
  }

  /** @throws RangeError when the event is already pending, or `tick` is in the past, fractional or past the last exact tick. */
  schedule(event: Event, tick: Tick): void {
    if (event.tick !== NEVER || !(tick >= this.now && tick <= LAST_TICK) || Math.floor(tick) !== tick) this.refuse(event, tick);
    this.enter(event, tick, orderOf(event.priority, this.sequence++));
  }

  /** Schedules an event whose order is known; tick and order are good. */
  enter(event: Event, tick: Tick, order: number): void {
    event.tick = tick;
    event.order = order;
    if (this.nearCount < NEAR && this.queue.length === 0) this.insert(event);
    else this.place(event);
    if (tick < this.nextTick) this.nextTick = tick;
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
      if (this.nearCount === 0) this.refill();
    }
    if (tick === this.nextTick) this.nextTick = this.end.next.tick;
  }

  /** Cancels and schedules. */
  reschedule(event: Event, tick: Tick): void {
    const { tick: from, previous, next } = event;
    // A timer that is moved often keeps its place, as a rule.
    if (from > this.nextTick && from !== NEVER && previous.tick < tick && tick < next.tick && tick <= LAST_TICK && Math.floor(tick) === tick && event.entry === null && this.queue.length === 0) {
      event.tick = tick;
      event.order = orderOf(event.priority, this.sequence++);
      return;
    }
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
    const event = this.end.next;
    // A handler that runs the core comes here while its own tick is still the next one.
    if (event.tick === due) {
      this.now = due;
      this.dispatched++;
      this.remove(event);
      if (this.nearCount === 0) this.refill();
      event.tick = NEVER;
      if (event.stream === null) event.fire(due);
      else event.stream.fire(due);
    }
    this.nextTick = this.end.next.tick;
  }

  /** Puts an event into its place among the near ones. */
  private insert(event: Event): void {
    const { tick, order } = event;
    let next = this.end.next;
    while (next.tick < tick || (next.tick === tick && next.order < order)) next = next.next;
    const { previous } = next;
    event.previous = previous;
    event.next = next;
    previous.next = event;
    next.previous = event;
    this.nearCount++;
  }

  private remove({ previous, next }: Event): void {
    previous.next = next;
    next.previous = previous;
    this.nearCount--;
  }

  /** Among the near ones when it is before their last, else into the queue: there are some. */
  private place(event: Event): void {
    const last = this.end.previous;
    if (event.tick > last.tick || (event.tick === last.tick && event.order > last.order)) {
      this.enqueue(event);
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

  /** Moves the first event of the queue, if any, to the near ones, of which there are none. */
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
      this.insert(event);
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
