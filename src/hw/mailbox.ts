import type { Tick } from '../events/time.ts';
import type { AckRun } from './ack-run.ts';
import { ACK, SACK_HIGH, SACK_LOW, WINDOW } from './frame.ts';
import { moved } from './ring.ts';

/** Runs it holds at first; a power of two. */
const FIRST = 64;

/**
 * Frames on their way to a host that looks at them only now and then (a NIC that coalesces its interrupts): what a link delivers waits here with its arrival,
 * without an event of its own. No payload comes this way, so only what acknowledges is kept, as runs (see `AckRun`). The host is told when the first one is sent to an empty box.
 */
export class Mailbox {
  /** By run, see `slot`: arrival of its first frame, how far apart they are when there are several, how many there are. */
  firsts = new Float64Array(FIRST);
  spacings = new Float64Array(FIRST);
  counts = new Int32Array(FIRST);
  /** Next byte expected that the first says, how much further each other is (of several), and the window's right edge and unit. */
  acks = new Float64Array(FIRST);
  steps = new Float64Array(FIRST);
  edges = new Float64Array(FIRST);
  units = new Float64Array(FIRST);
  sackLows = new Float64Array(FIRST);
  sackHighs = new Float64Array(FIRST);
  private mask = FIRST - 1;
  private head = 0;
  private tail = 0;
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
    return this.head === this.tail ? Infinity : this.firsts[this.slot]!; // inside the ring
  }

  /** Where the oldest run is. */
  get slot(): number {
    return this.head & this.mask;
  }

  /** How many frames of the oldest run have arrived by `tick`; 0 too when the box is empty. */
  arrived(tick: Tick): number {
    if (this.head === this.tail) return 0;
    const { slot } = this;
    const first = this.firsts[slot]!; // inside the ring, here and below
    if (first > tick) return 0;
    const count = this.counts[slot]!;
    if (count === 1) return 1;
    const arrived = Math.floor((tick - first) / this.spacings[slot]!) + 1;
    return arrived < count ? arrived : count;
  }

  /** The first `frames` frames of the oldest run leave the box. */
  take(frames: number): void {
    const { slot } = this;
    const count = this.counts[slot]!; // inside the ring
    if (frames === count) {
      this.head++;
      return;
    }
    this.counts[slot] = count - frames;
    this.firsts[slot]! += frames * this.spacings[slot]!;
    this.acks[slot]! += frames * this.steps[slot]!;
  }

  /** Adds a frame that arrives at `tick`, not before the last one: the record at `words[offset...]`. */
  put(tick: Tick, words: Float64Array, offset: number): void {
    const slot = this.reserve();
    const ack = words[offset + ACK]!; // a frame record, here and below
    this.firsts[slot] = tick;
    this.counts[slot] = 1;
    this.acks[slot] = ack;
    this.edges[slot] = ack + words[offset + WINDOW]!;
    this.units[slot] = 1;
    this.sackLows[slot] = words[offset + SACK_LOW]!;
    this.sackHighs[slot] = words[offset + SACK_HIGH]!;
    if (this.tail - this.head === 1) this.first(tick);
  }

  /** Adds a run of ACKs that arrive at `tick` and as far apart as they were handed over. */
  putRun(tick: Tick, run: AckRun): void {
    const slot = this.reserve();
    this.firsts[slot] = tick;
    this.spacings[slot] = run.spacing;
    this.counts[slot] = run.count;
    this.acks[slot] = run.ack;
    this.steps[slot] = run.step;
    this.edges[slot] = run.edge;
    this.units[slot] = run.unit;
    this.sackLows[slot] = 0;
    this.sackHighs[slot] = 0;
    if (this.tail - this.head === 1) this.first(tick);
  }

  private reserve(): number {
    if (this.tail - this.head > this.mask) this.grow();
    return this.tail++ & this.mask;
  }

  private grow(): void {
    const { head, mask } = this;
    this.firsts = moved(this.firsts, new Float64Array(2 * mask + 2), head, mask);
    this.spacings = moved(this.spacings, new Float64Array(2 * mask + 2), head, mask);
    this.counts = moved(this.counts, new Int32Array(2 * mask + 2), head, mask);
    this.acks = moved(this.acks, new Float64Array(2 * mask + 2), head, mask);
    this.steps = moved(this.steps, new Float64Array(2 * mask + 2), head, mask);
    this.edges = moved(this.edges, new Float64Array(2 * mask + 2), head, mask);
    this.units = moved(this.units, new Float64Array(2 * mask + 2), head, mask);
    this.sackLows = moved(this.sackLows, new Float64Array(2 * mask + 2), head, mask);
    this.sackHighs = moved(this.sackHighs, new Float64Array(2 * mask + 2), head, mask);
    this.mask = 2 * mask + 1;
  }
}
