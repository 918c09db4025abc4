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
  /** Never later than the earliest pending occurrence; may be earlier after a cancellation, which costs one idle look. */
  nextTick: Tick = NEVER;
  /** Occurrences dispatched so far. */
  dispatched = 0;
  private queue = new TinyQueue<Entry>([], earlier);
  private readonly free: Entry[] = [];
  private readonly lanes: Lane[] = [];
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

  /** A lane's head moved from empty to `tick`. */
  announce(tick: Tick): void {
    if (tick < this.nextTick) this.nextTick = tick;
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
    if (tick < this.nextTick) this.nextTick = tick;
  }

  /** Cancels; nothing happens when the event is not scheduled. */
  deschedule(event: Event): void {
    if (event.entry === null) return;
    event.entry.event = null;
    event.entry = null;
    this.cancelled++;
    // Timers that are re-armed for ever would otherwise grow the queue by one dead entry each time.
    if (this.cancelled > 64 && this.cancelled * 2 > this.queue.length) this.compact();
  }

  reschedule(event: Event, tick: Tick): void {
    this.deschedule(event);
    this.schedule(event, tick);
  }

  /** Fires everything up to and including `tick`, in order, then sets `now` to it. */
  dispatchThrough(tick: Tick): void {
    while (this.nextTick <= tick) this.step(tick);
    if (tick > this.now) this.now = tick;
  }

  /** Runs until simulated time `until` (its events included), or until nothing is pending. */
  run(until: Tick = LAST_TICK): void {
    while (this.nextTick <= until) this.step(until);
    if (until > this.now && until < LAST_TICK) this.now = until;
  }

  /** Fires the earliest occurrence if it is due by `limit`, and refreshes `nextTick`. */
  private step(limit: Tick): void {
    const top = this.liveTop();
    let tick = top === undefined ? NEVER : top.tick;
    let priority = top === undefined ? 0 : top.priority;
    let sequence = top === undefined ? 0 : top.sequence;
    let lane: Lane | null = null;
    for (let i = 0; i < this.lanes.length; i++) {
      const candidate = this.lanes[i]!;
      const head = candidate.headTick;
      if (head > tick) continue;
      if (head < tick || candidate.priority < priority || (candidate.priority === priority && candidate.headSequence < sequence)) {
        if (head === NEVER) continue;
        lane = candidate;
        tick = head;
        priority = candidate.priority;
        sequence = candidate.headSequence;
      }
    }
    if (tick <= limit) {
      this.now = tick;
      this.dispatched++;
      if (lane !== null) {
        lane.fire();
      } else if (top !== undefined) {
        const event = top.event;
        this.queue.pop();
        top.event = null;
        this.free.push(top);
        if (event !== null) {
          event.entry = null;
          event.fire(tick);
        }
      }
    }
    this.refresh();
  }

  private refresh(): void {
    const top = this.liveTop();
    let next = top === undefined ? NEVER : top.tick;
    for (let i = 0; i < this.lanes.length; i++) {
      const head = this.lanes[i]!.headTick;
      if (head < next) next = head;
    }
    this.nextTick = next;
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
