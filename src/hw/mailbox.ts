import type { Tick } from '../events/time.ts';
import { ACK, BYTES, FRAME_WORDS, WINDOW } from './frame.ts';

/**
 * Frames on their way to a host that looks at them only now and then (a NIC that coalesces its interrupts): what a link delivers waits here with its arrival,
 * without an event of its own. The host is told when the first one is sent to an empty box.
 */
export class Mailbox {
  words: Float64Array;
  private ticks: Float64Array;
  private mask: number;
  private head = 0;
  private count = 0;
  private readonly first: (arrival: Tick) => void;

  /** `first(arrival)`: a frame that will arrive then has been put into the empty box. */
  constructor(first: (arrival: Tick) => void) {
    this.first = first;
    this.ticks = new Float64Array(64);
    this.words = new Float64Array(64 * FRAME_WORDS);
    this.mask = 63;
  }

  get empty(): boolean {
    return this.count === 0;
  }

  /** Arrival of the oldest frame; Infinity when the box is empty. */
  get oldest(): Tick {
    return this.count === 0 ? Infinity : this.ticks[this.head]!; // inside the ring
  }

  /** Offset of the oldest frame in `words`; it leaves the box, and its words stay until the next push. */
  take(): number {
    const slot = this.head;
    this.head = (slot + 1) & this.mask;
    this.count--;
    return slot * FRAME_WORDS;
  }

  /** Adds a frame that arrives at `tick`, not before the last one, copied from `words[offset...]`. */
  put(tick: Tick, words: Float64Array, offset: number): void {
    if (this.count > this.mask) this.grow();
    const slot = (this.head + this.count) & this.mask;
    this.ticks[slot] = tick;
    const target = slot * FRAME_WORDS;
    for (let i = 0; i < FRAME_WORDS; i++) this.words[target + i] = words[offset + i]!; // both hold FRAME_WORDS from there
    if (this.count++ === 0) this.first(tick);
  }

  /** Adds an ACK as `put` does, its fields given; the box is not empty. */
  putAck(tick: Tick, bytes: number, ack: number, window: number): void {
    if (this.count > this.mask) this.grow();
    const slot = (this.head + this.count++) & this.mask;
    this.ticks[slot] = tick;
    const { words } = this;
    const target = slot * FRAME_WORDS;
    for (let i = 0; i < FRAME_WORDS; i++) words[target + i] = 0;
    words[target + BYTES] = bytes;
    words[target + ACK] = ack;
    words[target + WINDOW] = window;
  }

  private grow(): void {
    const size = this.mask + 1;
    const ticks = new Float64Array(size * 2);
    const words = new Float64Array(size * 2 * FRAME_WORDS);
    for (let i = 0; i < size; i++) {
      const slot = (this.head + i) & this.mask;
      ticks[i] = this.ticks[slot]!; // the ring is full
      words.set(this.words.subarray(slot * FRAME_WORDS, (slot + 1) * FRAME_WORDS), i * FRAME_WORDS);
    }
    this.ticks = ticks;
    this.words = words;
    this.head = 0;
    this.mask = size * 2 - 1;
  }
}
