import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { moved } from './ring.ts';

/** Most runs a ring holds; a power of two above any descriptor ring plus the packet buffer. */
const CAPACITY = 8192;
/** Runs it holds at first: few are there at a time. V8 keeps arrays of 64 bytes in its own heap, where they cost a new machine little. */
const FIRST = 8;

/**
 * A queue of received frames, as runs: frames of one size that follow one another in the stream and arrived at even distances. A burst at line rate is one run,
 * so passing it on costs as much as one frame. Run r (counted from 0, never reused) holds frames seq, seq + payload, ... that arrived at first, first + spacing, ...
 */
export class FrameRuns {
  first = new Float64Array(FIRST);
  spacing = new Float64Array(FIRST);
  seq = new Float64Array(FIRST);
  payload = new Float64Array(FIRST);
  bytes = new Float64Array(FIRST);
  count = new Int32Array(FIRST);
  /** Runs appended, and runs dropped at the front. */
  tail = 0;
  head = 0;
  private mask = FIRST - 1;
  /** Of the last run appended: its last frame's arrival, the distance between its frames, their sizes, and where the stream goes on. */
  private lastArrival: Tick = ZERO;
  private lastSpacing: Tick = ZERO;
  private lastPayload = ZERO;
  private lastBytes = ZERO;
  private nextSeq = ZERO;

  get length(): number {
    return this.tail - this.head;
  }

  /** Where run `run` is, until the next append. */
  slot(run: number): number {
    return run & this.mask;
  }

  append(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    if (this.tail - this.head > this.mask) this.grow();
    const slot = this.tail++ & this.mask;
    this.first[slot] = first;
    this.spacing[slot] = spacing;
    this.seq[slot] = seq;
    this.payload[slot] = payload;
    this.bytes[slot] = bytes;
    this.count[slot] = count;
    this.lastArrival = first + (count - 1) * spacing;
    this.lastSpacing = spacing;
    this.lastPayload = payload;
    this.lastBytes = bytes;
    this.nextSeq = seq + count * payload;
  }

  /** Appends frames that continue the last run when they do, else a run of their own. */
  extend(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    if (this.tail > this.head && seq === this.nextSeq && payload === this.lastPayload && bytes === this.lastBytes) {
      const slot = (this.tail - 1) & this.mask;
      const held = this.count[slot]!; // a slot in use
      const gap = first - this.lastArrival;
      if ((held === 1 || gap === this.lastSpacing) && (count === 1 || spacing === gap)) {
        if (held === 1) {
          this.spacing[slot] = gap;
          this.lastSpacing = gap;
        }
        this.count[slot] = held + count;
        this.lastArrival = first + (count - 1) * gap;
        this.nextSeq = seq + count * payload;
        return;
      }
    }
    this.append(first, spacing, seq, payload, bytes, count);
  }

  private grow(): void {
    const size = this.mask + 1;
    if (size === CAPACITY) throw new RangeError('more runs of frames than any descriptor ring holds');
    const { head, mask } = this;
    this.first = moved(this.first, new Float64Array(size * 2), head, mask);
    this.spacing = moved(this.spacing, new Float64Array(size * 2), head, mask);
    this.seq = moved(this.seq, new Float64Array(size * 2), head, mask);
    this.payload = moved(this.payload, new Float64Array(size * 2), head, mask);
    this.bytes = moved(this.bytes, new Float64Array(size * 2), head, mask);
    this.count = moved(this.count, new Int32Array(size * 2), head, mask);
    this.mask = size * 2 - 1;
  }
}
