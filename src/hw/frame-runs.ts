import type { Tick } from '../events/time.ts';
import { moved } from './ring.ts';

/** Most runs a ring holds; a power of two above any descriptor ring plus the packet buffer. */
const CAPACITY = 8192;
/** Runs it holds at first: few are there at a time, and a ring that is small stays in the cache. */
const FIRST = 128;

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
  }

  /** Appends frames that continue the last run when they do, else a run of their own. */
  extend(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    if (this.tail > this.head) {
      const slot = (this.tail - 1) & this.mask;
      const held = this.count[slot]!; // a slot in use, here and below
      if (payload === this.payload[slot]! && bytes === this.bytes[slot]! && seq === this.seq[slot]! + held * payload) {
        const gap = first - this.first[slot]! - (held - 1) * this.spacing[slot]!;
        if ((held === 1 || gap === this.spacing[slot]!) && (count === 1 || spacing === gap)) {
          this.spacing[slot] = gap;
          this.count[slot] = held + count;
          return;
        }
      }
    }
    this.append(first, spacing, seq, payload, bytes, count);
  }

  /** Drops the oldest frame. */
  shift(): void {
    const slot = this.head & this.mask;
    const left = this.count[slot]! - 1; // a slot in use, here and below
    if (left === 0) {
      this.head++;
      return;
    }
    this.count[slot] = left;
    this.first[slot]! += this.spacing[slot]!;
    this.seq[slot]! += this.payload[slot]!;
  }

  /** Moves the frames from number `from` of run `run` on to the end of `to`. */
  move(run: number, from: number, to: FrameRuns): void {
    let skip = from;
    for (let at = run; at < this.tail; at++) {
      const slot = at & this.mask;
      const spacing = this.spacing[slot]!; // a slot in use, here and below
      const payload = this.payload[slot]!;
      to.append(this.first[slot]! + skip * spacing, spacing, this.seq[slot]! + skip * payload, payload, this.bytes[slot]!, this.count[slot]! - skip);
      skip = 0;
    }
    if (from > 0) this.count[run & this.mask] = from;
    this.tail = from > 0 ? run + 1 : run;
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
