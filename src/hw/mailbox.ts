import type { Tick } from '../events/time.ts';
import type { AckRun } from './ack-run.ts';
import { ACK, SACK_HIGH, SACK_LOW, WINDOW } from './frame.ts';

/** Words of a frame in a box: what an ACK says, in the units of `frame.ts`. */
export const MAIL_ACK = 0;
export const MAIL_WINDOW = 1;
export const MAIL_SACK_LOW = 2;
export const MAIL_SACK_HIGH = 3;
export const MAIL_WORDS = 4;

/**
 * Frames on their way to a host that looks at them only now and then (a NIC that coalesces its interrupts): what a link delivers waits here with its arrival,
 * without an event of its own. No payload comes this way, so only what acknowledges is kept. The host is told when the first one is sent to an empty box.
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
    this.words = new Float64Array(64 * MAIL_WORDS);
    this.mask = 63;
  }

  get empty(): boolean {
    return this.count === 0;
  }

  /** Arrival of the oldest frame; Infinity when the box is empty. */
  get oldest(): Tick {
    return this.count === 0 ? Infinity : this.ticks[this.head]!; // inside the ring
  }

  /** How many frames have arrived by `tick`. */
  arrived(tick: Tick): number {
    const { ticks, mask, head, count } = this;
    let arrived = 0;
    while (arrived < count && ticks[(head + arrived) & mask]! <= tick) arrived++; // inside the ring
    return arrived;
  }

  /** Offset of the oldest frame in `words`; it leaves the box, and its words stay until the next push. */
  take(): number {
    const slot = this.head;
    this.head = (slot + 1) & this.mask;
    this.count--;
    return slot * MAIL_WORDS;
  }

  /** Adds a frame that arrives at `tick`, not before the last one, copied from `words[offset...]`. */
  put(tick: Tick, words: Float64Array, offset: number): void {
    if (this.count > this.mask) this.grow();
    const slot = (this.head + this.count) & this.mask;
    this.ticks[slot] = tick;
    const target = slot * MAIL_WORDS;
    this.words[target + MAIL_ACK] = words[offset + ACK]!; // a frame record, here and below
    this.words[target + MAIL_WINDOW] = words[offset + WINDOW]!;
    this.words[target + MAIL_SACK_LOW] = words[offset + SACK_LOW]!;
    this.words[target + MAIL_SACK_HIGH] = words[offset + SACK_HIGH]!;
    if (this.count++ === 0) this.first(tick);
  }

  /** Adds a run of ACKs, in order of their arrivals, as so many `put`. */
  putAcks(run: AckRun): void {
    const { count, arrivals, acks, windows } = run;
    while (this.count + count > this.mask + 1) this.grow();
    const { ticks, words, mask } = this;
    const first = this.head + this.count;
    for (let i = 0; i < count; i++) {
      const slot = (first + i) & mask;
      const target = slot * MAIL_WORDS;
      ticks[slot] = arrivals[i]!; // i < count, here and below
      words[target + MAIL_ACK] = acks[i]!;
      words[target + MAIL_WINDOW] = windows[i]!;
      words[target + MAIL_SACK_LOW] = 0;
      words[target + MAIL_SACK_HIGH] = 0;
    }
    const wasEmpty = this.count === 0;
    this.count += count;
    if (wasEmpty) this.first(arrivals[0]!);
  }

  private grow(): void {
    const size = this.mask + 1;
    const ticks = new Float64Array(size * 2);
    const words = new Float64Array(size * 2 * MAIL_WORDS);
    for (let i = 0; i < this.count; i++) {
      const slot = (this.head + i) & this.mask;
      ticks[i] = this.ticks[slot]!; // a slot in use
      words.set(this.words.subarray(slot * MAIL_WORDS, (slot + 1) * MAIL_WORDS), i * MAIL_WORDS);
    }
    this.ticks = ticks;
    this.words = words;
    this.head = 0;
    this.mask = size * 2 - 1;
  }
}
