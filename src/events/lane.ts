import { Event, orderOf, type Stream } from './event.ts';
import { LAST_TICK, type Tick } from './time.ts';
import { ZERO } from './zero.ts';
import type { Simulator } from './simulator.ts';

/** Slots at first: most lanes hold one occurrence or two, and V8 keeps so short an array in its own heap. */
const FIRST = 8;

/**
 * A stream of occurrences that is already in time order (a FIFO link, a paced source, a trace). The simulator knows its head only, as an event
 * that keeps its place in the order; an occurrence behind it costs a ring-buffer slot. Each carries `width` numbers of payload.
 */
export class Lane implements Stream {
  readonly name: string;
  readonly priority: number;
  readonly width: number;
  /** Payload: occurrence at offset o owns words[o .. o + width). */
  words: Float64Array;
  private readonly simulator: Simulator;
  /** Stands for the earliest occurrence, scheduled while there is one. */
  private readonly event: Event;
  private readonly handler: (tick: Tick, offset: number) => void;
  private ticks: Float64Array;
  private orders: Float64Array;
  private mask: number;
  private head = 0;
  private count = 0;
  private lastTick: Tick = ZERO;
  /** 1 while the handler runs: the slot before the head is then still its own. */
  private firing = 0;

  /** `handler(tick, offset)`: the payload at `offset` is valid until the handler returns. */
  constructor(simulator: Simulator, name: string, priority: number, width: number, handler: (tick: Tick, offset: number) => void) {
    this.simulator = simulator;
    this.name = name;
    this.priority = priority;
    this.width = width;
    this.handler = handler;
    this.ticks = new Float64Array(FIRST);
    this.orders = new Float64Array(FIRST);
    this.words = new Float64Array(FIRST * width);
    this.mask = FIRST - 1;
    this.event = new Event(name, priority, () => {}, this);
  }

  /** Each occurrence may fire so much later than it is due. */
  set slack(ticks: Tick) {
    this.event.slack = ticks;
  }

  /** Earliest pending tick, NEVER when empty. */
  get headTick(): Tick {
    return this.event.tick;
  }

  get length(): number {
    return this.count;
  }

  /** Offset of the payload of the last occurrence still pending, -1 when there is none: for a source that can make one occurrence stand for more. */
  get tailOffset(): number {
    return this.count === 0 ? -1 : ((this.head + this.count - 1) & this.mask) * this.width;
  }

  /**
   * Appends an occurrence and returns the offset of its payload in `words`.
   * @throws RangeError when `tick` is not a whole tick, or is before the lane's last one or before now: a lane is sorted.
   */
  push(tick: Tick): number {
    if (!(tick >= this.lastTick && tick >= this.simulator.now && tick <= LAST_TICK) || Math.floor(tick) !== tick) this.refuse(tick);
    if (this.count + this.firing > this.mask) this.grow();
    const slot = (this.head + this.count) & this.mask;
    const order = orderOf(this.priority, this.simulator.nextSequence());
    this.lastTick = tick;
    this.ticks[slot] = tick;
    this.orders[slot] = order;
    if (this.count++ === 0) this.simulator.enter(this.event, tick, order);
    return slot * this.width;
  }

  /** Removes the head and runs the handler on it. Called by the simulator when the head is the earliest occurrence of all. */
  fire(tick: Tick): void {
    const slot = this.head;
    const head = (slot + 1) & this.mask;
    this.head = head;
    if (--this.count > 0) this.simulator.enter(this.event, this.ticks[head]!, this.orders[head]!); // inside the ring: count > 0
    this.firing = 1;
    this.handler(tick, slot * this.width);
    this.firing = 0;
  }

  private grow(): void {
    const size = this.mask + 1;
    const ticks = new Float64Array(size * 2);
    const orders = new Float64Array(size * 2);
    const words = new Float64Array(size * 2 * this.width);
    const mask = size * 2 - 1;
    // The first slot in use keeps its place, so that a handler that is running finds its payload where it was.
    const first = (this.head - this.firing) & this.mask;
    for (let i = 0; i < size; i++) {
      const from = (first + i) & this.mask;
      const to = (first + i) & mask;
      ticks[to] = this.ticks[from]!; // both rings hold it
      orders[to] = this.orders[from]!;
      words.set(this.words.subarray(from * this.width, (from + 1) * this.width), to * this.width);
    }
    this.ticks = ticks;
    this.orders = orders;
    this.words = words;
    this.head = (first + this.firing) & mask;
    this.mask = mask;
  }

  private refuse(tick: Tick): never {
    throw new RangeError(`lane ${this.name}: ${tick} is not a tick from ${Math.max(this.lastTick, this.simulator.now)} on`);
  }
}
