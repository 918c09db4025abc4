import type { Tick } from '../events/time.ts';
import { moved } from '../hw/ring.ts';
import type { LatencyHistogram } from './latency.ts';

/** Most runs that can be held, and the number held at first, as in FrameRuns. */
const CAPACITY = 4096;
const FIRST = 8;

/** What waits for a reader: bytes by frame, in order, with each frame's arrival on the wire. Frames of one size that arrived at even distances are kept as runs. */
export class DataRuns {
  private sizes = new Float64Array(FIRST);
  private counts = new Int32Array(FIRST);
  private firsts = new Float64Array(FIRST);
  private spacings = new Float64Array(FIRST);
  private mask = FIRST - 1;
  private head = 0;
  private tail = 0;
  /** Bytes of the oldest frame that have been read. */
  private readOfOldest = 0;

  /** Adds `count` frames of `size` bytes each, the first of which arrived at `first` and the others `spacing` apart. Those that go on where the last run ends are part of it. */
  append(size: number, first: Tick, spacing: Tick, count: number): void {
    if (this.tail > this.head) {
      const last = (this.tail - 1) & this.mask;
      const held = this.counts[last]!; // a slot in use, here and below
      const begin = this.firsts[last]!;
      const gap = held === 1 ? first - begin : this.spacings[last]!;
      if (size === this.sizes[last]! && first === begin + held * gap && (count === 1 || spacing === gap)) {
        this.spacings[last] = gap;
        this.counts[last] = held + count;
        return;
      }
    }
    if (this.tail - this.head > this.mask) this.grow();
    const slot = this.tail++ & this.mask;
    this.sizes[slot] = size;
    this.counts[slot] = count;
    this.firsts[slot] = first;
    this.spacings[slot] = spacing;
  }

  /** How many frames hold the oldest `bytes` bytes, of which no more than that are read next. There are so many. */
  framesHolding(bytes: number): number {
    if (bytes <= 0) return 0;
    let frames = 0;
    let left = bytes + this.readOfOldest;
    for (let run = this.head; left > 0; run++) {
      const slot = run & this.mask;
      const take = Math.min(this.counts[slot]!, Math.ceil(left / this.sizes[slot]!));
      frames += take;
      left -= take * this.sizes[slot]!;
    }
    return frames;
  }

  /** Takes the oldest `bytes` bytes, which are there, and notes the age at `now` of each frame that is used up. Returns how many frames those were. */
  take(bytes: number, now: Tick, latency: LatencyHistogram): number {
    let used = 0;
    let left = bytes;
    while (left > 0) {
      const slot = this.head & this.mask; // bytes remain, so runs do
      const size = this.sizes[slot]!;
      const rest = size - this.readOfOldest;
      if (left < rest) {
        this.readOfOldest += left;
        break;
      }
      // This frame and those of its run that are used up, too.
      const count = this.counts[slot]!;
      const frames = left >= rest + (count - 1) * size ? count : 1 + Math.floor((left - rest) / size);
      const spacing = this.spacings[slot]!;
      latency.addRun(now - this.firsts[slot]!, spacing, frames);
      left -= rest + (frames - 1) * size;
      used += frames;
      this.readOfOldest = 0;
      if (frames === count) {
        this.head++;
      } else {
        this.counts[slot] = count - frames;
        this.firsts[slot]! += frames * spacing;
      }
    }
    return used;
  }

  private grow(): void {
    const { mask, head } = this;
    const size = 2 * (mask + 1);
    if (size > CAPACITY) throw new RangeError('more runs of frames wait for a reader than any window allows');
    this.sizes = moved(this.sizes, new Float64Array(size), head, mask);
    this.counts = moved(this.counts, new Int32Array(size), head, mask);
    this.firsts = moved(this.firsts, new Float64Array(size), head, mask);
    this.spacings = moved(this.spacings, new Float64Array(size), head, mask);
    this.mask = size - 1;
  }
}
