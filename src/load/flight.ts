import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';

/** Full segments in flight of which nothing is known, oldest first, as runs that went out at one time. */
export class Flight {
  /** Segments. */
  length = 0;
  /** When the oldest segment was sent. Meaningless when empty. */
  headTick: Tick = ZERO;
  /** Segments left of the oldest run; the ring holds the runs behind it. */
  headCount = 0;
  private readonly ticks: Float64Array;
  private readonly counts: Int32Array;
  private readonly mask: number;
  private head = 0;
  private tail = 0;

  /** @param capacity most segments, a power of two. */
  constructor(capacity: number) {
    this.ticks = new Float64Array(capacity);
    this.counts = new Int32Array(capacity);
    this.mask = capacity - 1;
  }

  /** Appends `count` segments; the caller keeps `length` within the capacity. */
  push(tick: Tick, count: number): void {
    if (this.length === 0) {
      this.headTick = tick;
      this.headCount = count;
    } else {
      const slot = this.tail++ & this.mask;
      this.ticks[slot] = tick;
      this.counts[slot] = count;
    }
    this.length += count;
  }

  /** Removes the `count` oldest segments; there are as many. */
  drop(count: number): void {
    this.length -= count;
    let left = this.headCount - count;
    while (left <= 0 && this.head < this.tail) {
      const slot = this.head++ & this.mask;
      this.headTick = this.ticks[slot]!; // a run in use, here and below
      left += this.counts[slot]!;
    }
    this.headCount = left;
  }

  /** Removes segments of the oldest run until `left` of it are left. */
  dropTo(left: number): void {
    this.length -= this.headCount - left;
    this.headCount = left;
  }
}
