import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { DataRuns } from './data-runs.ts';
import type { LatencyHistogram } from './latency.ts';

/** Storage charged to a socket buffer for one received frame: an mbuf and its cluster (MSIZE + MCLBYTES on i386; NetBSD sys/arch/i386/include/param.h). */
export const FRAME_STORAGE = 256 + 2048;
/** Default ceiling of a socket buffer (SB_MAX, sys/sys/socketvar.h), and what of it can be data: SB_MAX * MCLBYTES / (MSIZE + MCLBYTES). */
export const SB_MAX = 262144;
export const SB_MAX_DATA = Math.floor((SB_MAX * 2048) / FRAME_STORAGE);

/** A receive socket buffer. */
export class SocketBuffer {
  /** High-water mark, bytes. */
  hiwat: number;
  /** Bytes queued. */
  bytes = ZERO;
  /** Frames queued. */
  frames = 0;
  private readonly runs = new DataRuns();

  constructor(hiwat: number) {
    this.hiwat = hiwat;
  }

  /** sbspace(): room for data, by bytes and by storage. Storage may reach twice the mark, at most SB_MAX. */
  get space(): number {
    const storage = Math.min(2 * this.hiwat, SB_MAX) - this.frames * FRAME_STORAGE;
    const room = this.hiwat - this.bytes;
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
    this.charge(bytes * count, count);
  }

  /** The first half of `append`: what is noted must be charged, all at once or bit by bit, before anyone reads. */
  note(bytes: number, first: Tick, spacing: Tick, count: number): void {
    this.runs.append(bytes, first, spacing, count);
  }

  /** The second half of `append`: `count` frames that hold `bytes` in all. */
  charge(bytes: number, count: number): void {
    this.bytes += bytes;
    this.frames += count;
  }

  /** How many frames hold the oldest `bytes` bytes. */
  framesHolding(bytes: number): number {
    return bytes >= this.bytes ? this.frames : this.runs.framesHolding(bytes);
  }

  /** Takes the oldest `bytes` bytes, at most what is there, and notes the age at `now` of each frame that is used up. */
  take(bytes: number, now: Tick, latency: LatencyHistogram): void {
    const taken = bytes < this.bytes ? bytes : this.bytes;
    this.bytes -= taken;
    this.frames -= this.runs.take(taken, now, latency);
  }
}
