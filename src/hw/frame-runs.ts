import type { Tick } from '../events/time.ts';
import { widened } from './ring.ts';

/** Words of a run (see `FrameRuns`). */
export const RUN_FIRST = 0;
export const RUN_SPACING = 1;
export const RUN_SEQ = 2;
export const RUN_PAYLOAD = 3;
export const RUN_BYTES = 4;
export const RUN_COUNT = 5;
/** A power of two, and its logarithm. */
const WORDS = 8;
const WORDS_SHIFT = 3;

/** Most runs a ring holds; a power of two above any descriptor ring plus the packet buffer. */
const CAPACITY = 8192;
/** Runs it holds at first: few are there at a time. V8 keeps arrays of 64 bytes in its own heap, where they cost a new machine little. */
const FIRST = 8;

/**
 * A queue of received frames, as runs: frames of one size that follow one another in the stream and arrived at even distances. A burst at line rate is one run,
 * so passing it on costs as much as one frame. Run r (counted from 0, never reused) holds frames seq, seq + payload, ... that arrived at first, first + spacing, ...
 */
export class FrameRuns {
  words = new Float64Array(FIRST * WORDS);
  /** Runs appended, and runs dropped at the front. */
  tail = 0;
  head = 0;
  private mask = FIRST - 1;

  get length(): number {
    return this.tail - this.head;
  }

  /** Where run `run` is in `words`, until the next append. */
  slot(run: number): number {
    return (run & this.mask) << WORDS_SHIFT;
  }

  append(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    if (this.tail - this.head > this.mask) this.grow();
    const slot = this.slot(this.tail++);
    const { words } = this;
    words[slot + RUN_FIRST] = first;
    words[slot + RUN_SPACING] = spacing;
    words[slot + RUN_SEQ] = seq;
    words[slot + RUN_PAYLOAD] = payload;
    words[slot + RUN_BYTES] = bytes;
    words[slot + RUN_COUNT] = count;
  }

  /** Appends frames that continue the last run when they do, else a run of their own. */
  extend(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    if (this.tail === this.head || !this.joinLast(first, spacing, seq, payload, bytes, count)) this.append(first, spacing, seq, payload, bytes, count);
  }

  private joinLast(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): boolean {
    const { words } = this;
    const slot = this.slot(this.tail - 1);
    const held = words[slot + RUN_COUNT]!; // a slot in use, here and below
    if (seq !== words[slot + RUN_SEQ]! + held * payload || payload !== words[slot + RUN_PAYLOAD]! || bytes !== words[slot + RUN_BYTES]!) return false;
    const gap = first - words[slot + RUN_FIRST]! - (held - 1) * words[slot + RUN_SPACING]!;
    if ((held > 1 && gap !== words[slot + RUN_SPACING]!) || (count > 1 && gap !== spacing)) return false;
    words[slot + RUN_SPACING] = gap;
    words[slot + RUN_COUNT] = held + count;
    return true;
  }

  /** Drops the oldest frame. */
  shift(): void {
    const { words } = this;
    const slot = this.slot(this.head);
    const left = words[slot + RUN_COUNT]! - 1; // a slot in use, here and below
    words[slot + RUN_COUNT] = left;
    words[slot + RUN_FIRST]! += words[slot + RUN_SPACING]!;
    words[slot + RUN_SEQ]! += words[slot + RUN_PAYLOAD]!;
    if (left === 0) this.head++;
  }

  /** Moves the frames from number `from` of run `run` on to the end of `to`. */
  move(run: number, from: number, to: FrameRuns): void {
    const { words } = this;
    let skip = from;
    for (let at = run; at < this.tail; at++) {
      const slot = this.slot(at);
      const spacing = words[slot + RUN_SPACING]!; // a slot in use, here and below
      const payload = words[slot + RUN_PAYLOAD]!;
      to.append(words[slot + RUN_FIRST]! + skip * spacing, spacing, words[slot + RUN_SEQ]! + skip * payload, payload, words[slot + RUN_BYTES]!, words[slot + RUN_COUNT]! - skip);
      skip = 0;
    }
    if (from > 0) words[this.slot(run) + RUN_COUNT] = from;
    this.tail = from > 0 ? run + 1 : run;
  }

  private grow(): void {
    const { head, mask, words } = this;
    if (mask + 1 === CAPACITY) throw new RangeError('more runs of frames than any descriptor ring holds');
    this.words = widened(words, WORDS, head, mask);
    this.mask = 2 * mask + 1;
  }
}
