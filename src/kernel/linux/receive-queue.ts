import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import type { SuperSegment } from './gro.ts';

const CAPACITY = 4096;
const MASK = CAPACITY - 1;

/**
 * Storage charged for a received frame by e1000e on ia32 (Linux 4.9): a buffer of 1,522 + 64 bytes rounded to 1,600, 192 of skb_shared_info, and for the first frame of a super-segment
 * 192 of sk_buff: __netdev_alloc_skb, SKB_TRUESIZE, with a 64-byte cache line. A merged frame gives its sk_buff back.
 */
export const FIRST_TRUESIZE = 1984;
export const MERGED_TRUESIZE = 1792;

/** A socket's receive queue: super-segments in order, each as its frames. Storage goes when a whole super-segment has been read. */
export class ReceiveQueue {
  /** Bytes that can be read. */
  bytes = ZERO;
  /** Storage charged (sk_rmem_alloc). */
  charged = ZERO;
  private readonly sizes = new Float64Array(CAPACITY);
  private readonly arrivals = new Float64Array(CAPACITY);
  /** Frames left of the super-segment a frame belongs to, itself included. */
  private readonly group = new Int32Array(CAPACITY);
  private head = 0;
  private tail = 0;
  private readThisGroup = 0;

  get frames(): number {
    return this.tail - this.head;
  }

  /** Queues the part of a super-segment from stream offset `from` on. */
  append(segment: SuperSegment, from: number): void {
    let seq = segment.seq;
    let added = 0;
    for (let i = 0; i < segment.frames; i++) {
      const payload = segment.payloads[i]!; // frames <= capacity
      seq += payload;
      if (seq <= from) continue;
      this.add(Math.min(payload, seq - from), segment.arrivals[i]!, segment.frames - i);
      added++;
    }
    this.charged += added * MERGED_TRUESIZE + FIRST_TRUESIZE - MERGED_TRUESIZE;
  }

  /** Queues a stretch that arrived out of order, as one buffer. */
  appendStretch(bytes: number, arrival: Tick): void {
    this.add(bytes, arrival, 1);
    this.charged += FIRST_TRUESIZE;
  }

  /** Arrival of the oldest frame queued. */
  get oldest(): Tick {
    return this.arrivals[this.head & MASK]!; // inside the ring
  }

  /** Takes up to `wanted` bytes of the oldest frame. Returns how many. */
  take(wanted: number): number {
    const slot = this.head & MASK;
    const size = this.sizes[slot]!; // inside the ring
    const taken = Math.min(wanted, size);
    this.bytes -= taken;
    if (taken < size) {
      this.sizes[slot] = size - taken;
      return taken;
    }
    this.head++;
    this.readThisGroup++;
    if (this.group[slot] === 1) {
      this.charged -= this.readThisGroup * MERGED_TRUESIZE + FIRST_TRUESIZE - MERGED_TRUESIZE;
      this.readThisGroup = 0;
    }
    return taken;
  }

  /** How many frames hold the oldest `bytes` bytes. */
  framesHolding(bytes: number): number {
    if (bytes >= this.bytes) return this.frames;
    let frames = 0;
    for (let left = bytes; left > 0; frames++) left -= this.sizes[(this.head + frames) & MASK]!; // bytes < this.bytes, so frames remain
    return frames;
  }

  /** How many super-segments hold the oldest `bytes` bytes. */
  segmentsHolding(bytes: number): number {
    const end = this.head + this.framesHolding(bytes);
    let count = 0;
    for (let i = this.head; i < end; i++) if (i === end - 1 || this.group[i & MASK] === 1) count++;
    return count;
  }

  private add(bytes: number, arrival: Tick, group: number): void {
    if (this.tail - this.head === CAPACITY) throw new RangeError('more frames queued than any window allows');
    const slot = this.tail++ & MASK;
    this.sizes[slot] = bytes;
    this.arrivals[slot] = arrival;
    this.group[slot] = group;
    this.bytes += bytes;
  }
}
