import { DataRuns } from '../../anykernel/data-runs.ts';
import type { LatencyHistogram } from '../../anykernel/latency.ts';
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

/** A socket's receive queue: super-segments in order. Storage goes when a whole super-segment has been read. */
export class ReceiveQueue {
  /** Bytes that can be read. */
  bytes = ZERO;
  /** Frames that hold them. */
  frames = 0;
  /** Storage charged (sk_rmem_alloc). */
  charged = ZERO;
  private readonly runs = new DataRuns();
  /** Of each super-segment not yet read whole: bytes queued before its end since the beginning, and its storage. */
  private readonly ends = new Float64Array(CAPACITY);
  private readonly storage = new Float64Array(CAPACITY);
  private head = 0;
  private tail = 0;
  /** Bytes read since the beginning. */
  private read = ZERO;

  /** Queues the part of a super-segment from stream offset `from` on. */
  append(segment: SuperSegment, from: number): void {
    const { payloads, firsts, spacings, counts } = segment;
    let seq = segment.seq;
    let added = 0;
    for (let run = 0; run < segment.runs; run++) {
      const size = payloads[run]!; // runs <= capacity, here and below
      const first = firsts[run]!;
      const spacing = spacings[run]!;
      const count = counts[run]!;
      const end = seq + count * size;
      if (seq >= from) {
        this.add(size, first, spacing, count);
        added += count;
      } else if (end > from) {
        // The first frame with something new may hold something old, too.
        const old = Math.floor((from - seq) / size);
        this.add(seq + (old + 1) * size - from, first + old * spacing, 0, 1);
        if (count > old + 1) this.add(size, first + (old + 1) * spacing, spacing, count - old - 1);
        added += count - old;
      }
      seq = end;
    }
    this.close(added * MERGED_TRUESIZE + FIRST_TRUESIZE - MERGED_TRUESIZE);
  }

  /** Queues a stretch that arrived out of order, as one buffer. */
  appendStretch(bytes: number, arrival: Tick): void {
    this.add(bytes, arrival, 0, 1);
    this.close(FIRST_TRUESIZE);
  }

  /** Takes the oldest `bytes` bytes, which are there, and notes the age at `now` of each frame that is used up. */
  take(bytes: number, now: Tick, latency: LatencyHistogram): void {
    this.bytes -= bytes;
    this.read += bytes;
    this.frames -= this.runs.take(bytes, now, latency);
    while (this.head < this.tail && this.ends[this.head & MASK]! <= this.read) this.charged -= this.storage[this.head++ & MASK]!; // inside the ring
  }

  /** How many frames hold the oldest `bytes` bytes. */
  framesHolding(bytes: number): number {
    return bytes >= this.bytes ? this.frames : this.runs.framesHolding(bytes);
  }

  /** How many super-segments hold the oldest `bytes` bytes. */
  segmentsHolding(bytes: number): number {
    if (bytes >= this.bytes) return this.tail - this.head;
    if (bytes <= 0) return 0;
    let segments = 1;
    while (this.ends[(this.head + segments - 1) & MASK]! < this.read + bytes) segments++; // bytes < this.bytes, so segments remain
    return segments;
  }

  private add(size: number, first: Tick, spacing: Tick, count: number): void {
    this.runs.append(size, first, spacing, count);
    this.bytes += size * count;
    this.frames += count;
  }

  /** A super-segment ends with what was added last. */
  private close(storage: number): void {
    if (this.tail - this.head === CAPACITY) throw new RangeError('more super-segments queued than any window allows');
    const slot = this.tail++ & MASK;
    this.ends[slot] = this.read + this.bytes;
    this.storage[slot] = storage;
    this.charged += storage;
  }
}
