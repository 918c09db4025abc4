import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import type { AckRun } from './ack-run.ts';
import { ACK, SACK_HIGH, SACK_LOW, WINDOW } from './frame.ts';

/** Words of a run in a box (see `AckRun`): arrival of the first, how far apart they are when there are several, how many there are; */
const FIRST = 0;
const SPACING = 1;
const COUNT = 2;
/** next byte expected that the first says, how much further each other is, the window's right edge and unit; what is SACKed (of one alone). */
export const MAIL_ACK = 3;
export const MAIL_STEP = 4;
export const MAIL_EDGE = 5;
export const MAIL_UNIT = 6;
export const MAIL_SACK_LOW = 7;
export const MAIL_SACK_HIGH = 8;
const WORDS = 9;

/** Runs it holds at first; a power of two. */
const RUNS = 64;

/**
 * Frames on their way to a host that looks at them only now and then (a NIC that coalesces its interrupts): what a link delivers waits here with its arrival,
 * without an event of its own. No payload comes this way, so only what acknowledges is kept, as runs (see `AckRun`). The host is told when the first one is sent to an empty box.
 */
export class Mailbox {
  words = new Float64Array(RUNS * WORDS);
  private mask = RUNS - 1;
  private head = 0;
  private tail = 0;
  /** So long after the arrival that it is told of next, or later, the host's look at it is noticed. */
  delay: Tick = ZERO;
  private readonly first: (arrival: Tick) => void;

  /** `first(arrival)`: a frame that will arrive then has been put into the empty box. */
  constructor(first: (arrival: Tick) => void) {
    this.first = first;
  }

  get empty(): boolean {
    return this.head === this.tail;
  }

  /** Arrival of the oldest frame; Infinity when the box is empty. */
  get oldest(): Tick {
    return this.head === this.tail ? Infinity : this.words[this.offset + FIRST]!; // inside the ring
  }

  /** Where the oldest run is in `words`. */
  get offset(): number {
    return (this.head & this.mask) * WORDS;
  }

  /** How many frames of the oldest run have arrived by `tick`; 0 too when the box is empty. */
  arrived(tick: Tick): number {
    if (this.head === this.tail) return 0;
    const { words, offset } = this;
    const first = words[offset + FIRST]!; // inside the ring, here and below
    if (first > tick) return 0;
    const count = words[offset + COUNT]! | 0;
    const spacing = words[offset + SPACING]!;
    return count === 1 || first + (count - 1) * spacing <= tick ? count : (((tick - first) / spacing) | 0) + 1;
  }

  /** The first `frames` frames of the oldest run leave the box; its words stay until something is put into it. */
  take(frames: number): void {
    const { words, offset } = this;
    const count = words[offset + COUNT]!; // inside the ring, here and below
    if (frames === count) {
      this.head++;
      return;
    }
    words[offset + COUNT] = count - frames;
    words[offset + FIRST]! += frames * words[offset + SPACING]!;
    words[offset + MAIL_ACK]! += frames * words[offset + MAIL_STEP]!;
  }

  /** Adds a frame that arrives at `tick`, not before the last one: the record at `frame[from...]`. */
  put(tick: Tick, frame: Float64Array, from: number): void {
    const at = this.reserve();
    const { words } = this;
    const ack = frame[from + ACK]!; // a frame record, here and below
    words[at + FIRST] = tick;
    words[at + COUNT] = 1;
    words[at + MAIL_ACK] = ack;
    words[at + MAIL_EDGE] = ack + frame[from + WINDOW]!;
    words[at + MAIL_UNIT] = 1;
    words[at + MAIL_SACK_LOW] = frame[from + SACK_LOW]!;
    words[at + MAIL_SACK_HIGH] = frame[from + SACK_HIGH]!;
    if (this.tail - this.head === 1) this.first(tick);
  }

  /** Adds a run of ACKs that arrive at `tick` and as far apart as they were handed over. */
  putRun(tick: Tick, run: AckRun): void {
    const at = this.reserve();
    const { words } = this;
    words[at + FIRST] = tick;
    words[at + SPACING] = run.spacing;
    words[at + COUNT] = run.count;
    words[at + MAIL_ACK] = run.ack;
    words[at + MAIL_STEP] = run.step;
    words[at + MAIL_EDGE] = run.edge;
    words[at + MAIL_UNIT] = run.unit;
    words[at + MAIL_SACK_LOW] = 0;
    words[at + MAIL_SACK_HIGH] = 0;
    if (this.tail - this.head === 1) this.first(tick);
  }

  private reserve(): number {
    if (this.tail - this.head > this.mask) this.grow();
    return (this.tail++ & this.mask) * WORDS;
  }

  private grow(): void {
    const { head, mask, words } = this;
    const wider = new Float64Array(2 * words.length);
    for (let run = head; run <= head + mask; run++) wider.set(words.subarray((run & mask) * WORDS, ((run & mask) + 1) * WORDS), (run & (2 * mask + 1)) * WORDS);
    this.words = wider;
    this.mask = 2 * mask + 1;
  }
}
