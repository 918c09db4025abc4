import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import type { LatencyHistogram } from './latency.ts';

/** Storage charged to a socket buffer for one received frame: an mbuf and its cluster (MSIZE + MCLBYTES on i386; NetBSD sys/arch/i386/include/param.h). */
export const FRAME_STORAGE = 256 + 2048;
/** Default ceiling of a socket buffer (SB_MAX, sys/sys/socketvar.h), and what of it can be data: SB_MAX * MCLBYTES / (MSIZE + MCLBYTES). */
export const SB_MAX = 262144;
export const SB_MAX_DATA = Math.floor((SB_MAX * 2048) / FRAME_STORAGE);

/** Most runs a buffer holds, and the number it holds at first: a small ring stays in the cache. */
const CAPACITY = 4096;
const FIRST = 128;

/** A receive socket buffer: bytes by frame, in order, with each frame's arrival on the wire. Frames that arrived at even distances are kept as runs. */
export class SocketBuffer {
  /** High-water mark, bytes. */
  hiwat: number;
  /** Bytes queued. */
  bytes = ZERO;
  /** Frames queued. */
  frames = 0;
  private sizes = new Float64Array(FIRST);
  private counts = new Int32Array(FIRST);
  private firsts = new Float64Array(FIRST);
  private spacings = new Float64Array(FIRST);
  private mask = FIRST - 1;
  private head = 0;
  private tail = 0;
  /** Bytes of the oldest frame that have been read. */
  private readOfOldest = 0;

  constructor(hiwat: number) {
    this.hiwat = hiwat;
  }

  /** sbspace(): room for data, by bytes and by storage. Storage may reach twice the mark, at most SB_MAX. */
  get space(): number {
    return this.spaceAfter(0, 0);
  }

  /** What `space` will be when `count` frames of `bytes` each have been added. */
  spaceAfter(bytes: number, count: number): number {
    const storage = Math.min(2 * this.hiwat, SB_MAX) - (this.frames + count) * FRAME_STORAGE;
    const room = this.hiwat - this.bytes - bytes * count;
    const space = room < storage ? room : storage;
    return space > 0 ? space : 0;
  }

  /** Whether `count` frames of `bytes` each fit one after the other. */
  holds(bytes: number, count: number): boolean {
    return count * bytes <= this.hiwat - this.bytes && bytes <= Math.min(2 * this.hiwat, SB_MAX) - (this.frames + count - 1) * FRAME_STORAGE;
  }

  /** Adds `count` frames of `bytes` each, the first of which arrived at `first` and the others `spacing` apart. */
  append(bytes: number, first: Tick, spacing = 0, count = 1): void {
    this.note(bytes, first, spacing, count);
    this.charge(bytes, count);
  }

  /** The first half of `append`: what is noted must be charged, all at once or bit by bit, before anyone reads. */
  note(bytes: number, first: Tick, spacing: Tick, count: number): void {
    const { counts, mask } = this;
    if (this.tail > this.head) {
      // Frames that go on where the last run ends are part of it.
      const last = (this.tail - 1) & mask;
      const held = counts[last]!; // a slot in use, here and below
      const begin = this.firsts[last]!;
      const gap = held === 1 ? first - begin : this.spacings[last]!;
      if (bytes === this.sizes[last]! && first === begin + held * gap && (count === 1 || spacing === gap)) {
        this.spacings[last] = gap;
        counts[last] = held + count;
        return;
      }
    }
    this.begin(bytes, first, spacing, count);
  }

  /** The second half of `append`. */
  charge(bytes: number, count: number): void {
    this.bytes += bytes * count;
    this.frames += count;
  }

  /** How many frames hold the oldest `bytes` bytes. */
  framesHolding(bytes: number): number {
    if (bytes >= this.bytes) return this.frames;
    if (bytes <= 0) return 0;
    let frames = 0;
    let left = bytes + this.readOfOldest;
    for (let run = this.head; left > 0; run++) {
      const slot = run & this.mask; // bytes < this.bytes, so runs remain
      const take = Math.min(this.counts[slot]!, Math.ceil(left / this.sizes[slot]!));
      frames += take;
      left -= take * this.sizes[slot]!;
    }
    return frames;
  }

  /** Takes the oldest `bytes` bytes, at most what is there, and notes the age at `now` of each frame that is used up. */
  take(bytes: number, now: Tick, latency: LatencyHistogram): void {
    let left = Math.min(bytes, this.bytes);
    this.bytes -= left;
    while (left > 0) {
      const slot = this.head & this.mask; // bytes remain, so runs do
      const size = this.sizes[slot]!;
      const rest = size - this.readOfOldest;
      if (left < rest) {
        this.readOfOldest += left;
        return;
      }
      // This frame and those of its run that are used up, too.
      const count = this.counts[slot]!;
      const frames = Math.min(count, 1 + Math.floor((left - rest) / size));
      const spacing = this.spacings[slot]!;
      latency.addRun(now - this.firsts[slot]!, spacing, frames);
      left -= rest + (frames - 1) * size;
      this.readOfOldest = 0;
      this.frames -= frames;
      if (frames === count) {
        this.head++;
      } else {
        this.counts[slot] = count - frames;
        this.firsts[slot]! += frames * spacing;
      }
    }
  }

  private begin(bytes: number, first: Tick, spacing: Tick, count: number): void {
    if (this.tail - this.head > this.mask) this.grow();
    const slot = this.tail++ & this.mask;
    this.sizes[slot] = bytes;
    this.counts[slot] = count;
    this.firsts[slot] = first;
    this.spacings[slot] = spacing;
  }

  private grow(): void {
    const { mask, head } = this;
    const size = 2 * (mask + 1);
    if (size > CAPACITY) throw new RangeError('socket buffer holds more runs of frames than any window allows');
    const sizes = new Float64Array(size);
    const counts = new Int32Array(size);
    const firsts = new Float64Array(size);
    const spacings = new Float64Array(size);
    for (let run = head; run <= head + mask; run++) {
      const from = run & mask;
      const to = run & (size - 1);
      sizes[to] = this.sizes[from]!; // both rings hold it, here and below
      counts[to] = this.counts[from]!;
      firsts[to] = this.firsts[from]!;
      spacings[to] = this.spacings[from]!;
    }
    this.sizes = sizes;
    this.counts = counts;
    this.firsts = firsts;
    this.spacings = spacings;
    this.mask = size - 1;
  }
}
