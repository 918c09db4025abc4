import type { Tick } from '../events/time.ts';

/** Runs a ring holds; a power of two above any descriptor ring plus the packet buffer. */
const CAPACITY = 8192;
const MASK = CAPACITY - 1;

/**
 * A queue of received frames, as runs: frames of one size that follow one another in the stream and arrived at even distances. A burst at line rate is one run,
 * so passing it on costs as much as one frame. Run r (counted from 0, never reused) holds frames seq, seq + payload, ... that arrived at first, first + spacing, ...
 */
export class FrameRuns {
  readonly first = new Float64Array(CAPACITY);
  readonly spacing = new Float64Array(CAPACITY);
  readonly seq = new Float64Array(CAPACITY);
  readonly payload = new Float64Array(CAPACITY);
  readonly bytes = new Float64Array(CAPACITY);
  readonly count = new Int32Array(CAPACITY);
  /** Runs appended, and runs dropped at the front. */
  tail = 0;
  head = 0;

  get length(): number {
    return this.tail - this.head;
  }

  static slot(run: number): number {
    return run & MASK;
  }

  append(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    if (this.tail - this.head === CAPACITY) throw new RangeError('more runs of frames than any descriptor ring holds');
    const slot = this.tail++ & MASK;
    this.first[slot] = first;
    this.spacing[slot] = spacing;
    this.seq[slot] = seq;
    this.payload[slot] = payload;
    this.bytes[slot] = bytes;
    this.count[slot] = count;
  }

  /** Appends frames that continue the last run when they do, else a run of their own. */
  extend(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    if (this.tail > this.head) {
      const slot = (this.tail - 1) & MASK;
      const held = this.count[slot]!; // a slot in use
      const gap = held === 1 ? first - this.first[slot]! : this.spacing[slot]!;
      if (
        payload === this.payload[slot]! && bytes === this.bytes[slot]! && seq === this.seq[slot]! + held * payload
        && first === this.first[slot]! + held * gap && (count === 1 || spacing === gap)
      ) {
        this.spacing[slot] = gap;
        this.count[slot] = held + count;
        return;
      }
    }
    this.append(first, spacing, seq, payload, bytes, count);
  }
}
