import type { Tick } from '../events/time.ts';

/** Storage charged to a socket buffer for one received frame: an mbuf and its cluster (MSIZE + MCLBYTES on i386; NetBSD sys/arch/i386/include/param.h). */
export const FRAME_STORAGE = 256 + 2048;
/** Default ceiling of a socket buffer (SB_MAX, sys/sys/socketvar.h), and what of it can be data: SB_MAX * MCLBYTES / (MSIZE + MCLBYTES). */
export const SB_MAX = 262144;
export const SB_MAX_DATA = Math.floor((SB_MAX * 2048) / FRAME_STORAGE);

const CAPACITY = 4096;

/** A receive socket buffer: bytes by frame, in order, with each frame's arrival on the wire. */
export class SocketBuffer {
  /** High-water mark, bytes. */
  hiwat: number;
  /** Bytes queued. */
  bytes = 0;
  private readonly sizes = new Float64Array(CAPACITY);
  private readonly arrivals = new Float64Array(CAPACITY);
  private head = 0;
  private tail = 0;

  constructor(hiwat: number) {
    this.hiwat = hiwat;
  }

  /** Frames queued. */
  get frames(): number {
    return this.tail - this.head;
  }

  /** sbspace(): room for data, by bytes and by storage. Storage may reach twice the mark, at most SB_MAX. */
  get space(): number {
    const storage = Math.min(2 * this.hiwat, SB_MAX) - this.frames * FRAME_STORAGE;
    return Math.max(0, Math.min(this.hiwat - this.bytes, storage));
  }

  append(bytes: number, arrival: Tick): void {
    if (this.frames === CAPACITY) throw new RangeError('socket buffer holds more frames than any window allows');
    const slot = this.tail++ & (CAPACITY - 1);
    this.sizes[slot] = bytes;
    this.arrivals[slot] = arrival;
    this.bytes += bytes;
  }

  /** Arrival of the oldest frame queued. */
  get oldest(): Tick {
    return this.arrivals[this.head & (CAPACITY - 1)]!; // inside the ring
  }

  /** How many frames hold the oldest `bytes` bytes. */
  framesHolding(bytes: number): number {
    if (bytes >= this.bytes) return this.frames;
    let frames = 0;
    for (let left = bytes; left > 0; frames++) left -= this.sizes[(this.head + frames) & (CAPACITY - 1)]!; // bytes < this.bytes, so frames remain
    return frames;
  }

  /** Takes up to `wanted` bytes of the oldest frame and returns how many; a frame that is used up leaves the buffer. */
  takeFromOldest(wanted: number): number {
    const slot = this.head & (CAPACITY - 1);
    const size = this.sizes[slot]!; // inside the ring
    const taken = Math.min(size, wanted);
    this.bytes -= taken;
    if (taken === size) this.head++;
    else this.sizes[slot] = size - taken;
    return taken;
  }
}
