import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import { type FrameRuns, RUN_COUNT, RUN_FIRST, RUN_PAYLOAD, RUN_SEQ, RUN_SPACING } from '../../hw/frame-runs.ts';

/** A merged packet stays below this (skb_gro_receive, net/core/skbuff.c of Linux 4.9); its TCP/IP headers count. */
export const GRO_MAX_BYTES = 65_536;
/** IP and TCP headers with timestamps. */
const HEADERS = 52;
/** Most segments of a poll (NAPI weight). */
const CAPACITY = 64;

/** Segments of one flow that went up as one: payload bytes, frames, and the frames as runs of one size that arrived on the wire at even distances. */
export class SuperSegment {
  seq = ZERO;
  bytes = ZERO;
  frames = 0;
  /** Payload of the segments, that of the first being the size that later ones must have. */
  size = ZERO;
  runs = 0;
  readonly payloads = new Float64Array(CAPACITY);
  readonly firsts = new Float64Array(CAPACITY);
  readonly spacings = new Float64Array(CAPACITY);
  readonly counts = new Int32Array(CAPACITY);
  private lastArrival: Tick = ZERO;

  clear(): void {
    this.bytes = 0;
    this.frames = 0;
    this.runs = 0;
  }

  /** Adds `count` frames of the run at `slot`, from its frame `from` on, which arrived `delay` before what it says. */
  addRun(runs: FrameRuns, slot: number, from: number, count: number, delay: Tick): void {
    const { words } = runs;
    const spacing = words[slot + RUN_SPACING]!; // a slot in use, here and below
    this.add(words[slot + RUN_PAYLOAD]!, words[slot + RUN_FIRST]! + from * spacing - delay, spacing, count);
  }

  /** Adds frames, which join the last run where they go on at its distance. */
  add(payload: number, first: Tick, spacing: Tick, count: number): void {
    this.bytes += count * payload;
    this.frames += count;
    const last = this.runs - 1;
    const gap = first - this.lastArrival;
    this.lastArrival = first + (count - 1) * spacing;
    if (last >= 0 && payload === this.payloads[last]! && (count === 1 || spacing === gap)) { // a run in use, here and below
      const held = this.counts[last]!;
      if (held === 1 || gap === this.spacings[last]!) {
        this.spacings[last] = gap;
        this.counts[last] = held + count;
        return;
      }
    }
    const run = this.runs++;
    this.payloads[run] = payload;
    this.firsts[run] = first;
    this.spacings[run] = spacing;
    this.counts[run] = count;
  }
}

/**
 * Generic receive offload for one TCP flow (tcp_gro_receive and skb_gro_receive, Linux 4.9): a segment joins the one held when it continues it, is no longer than its first one, and the
 * sum stays under 64 KiB; a shorter one joins and ends it, one without payload stays alone. Beyond 17 fragments the kernel chains whole buffers, so fragments set no limit. What is held goes up when something
 * does not fit, and at the end of the poll. Changes of timestamps or flags inside a poll, which would end a super-segment too, are not in the simulated frames.
 */
export class Gro {
  private readonly deliver: (segment: SuperSegment) => void;
  private readonly held = new SuperSegment();
  /** From a frame's arrival on the wire to the one that a run says. */
  private readonly delay: Tick;
  private closed = true;

  /** `deliver` gets each super-segment; it is valid until the call returns. `delay`: how much later than on the wire the frames of runs arrive. */
  constructor(deliver: (segment: SuperSegment) => void, delay: Tick = 0) {
    this.deliver = deliver;
    this.delay = delay;
  }

  /** napi_gro_receive for one data segment. */
  receive(seq: number, payload: number, arrival: Tick): void {
    const { held } = this;
    if (held.frames > 0) {
      const fits = seq === held.seq + held.bytes && payload <= held.size && held.bytes + payload + HEADERS < GRO_MAX_BYTES && held.frames < CAPACITY;
      if (this.closed || !fits) this.flush();
    }
    if (held.frames === 0) this.open(seq, payload);
    held.add(payload, arrival, 0, 1);
    if (payload < held.size || payload === 0) this.closed = true;
  }

  /**
   * Holds segments of the run at `slot`, from its segment `from` on: as many of the first `most` as can be held one after the other before anything goes up. Returns how many those were;
   * for them it is the same as so many calls of `receive`.
   */
  receiveRun(runs: FrameRuns, slot: number, from: number, most: number): number {
    const { held } = this;
    const { words } = runs;
    const payload = words[slot + RUN_PAYLOAD]!; // a slot in use, here and below
    const seq = words[slot + RUN_SEQ]! + from * payload;
    let count = Math.min(most, (words[slot + RUN_COUNT]! | 0) - from, CAPACITY - held.frames);
    if (payload === 0) return 0;
    if (held.frames > 0 && (this.closed || payload !== held.size || seq !== held.seq + held.bytes)) return 0;
    const left = GRO_MAX_BYTES - 1 - HEADERS - held.bytes;
    if (count * payload > left) count = Math.floor(left / payload);
    if (count <= 0) return 0;
    if (held.frames === 0) this.open(seq, payload);
    held.addRun(runs, slot, from, count, this.delay);
    return count;
  }

  /** napi_gro_flush: end of the poll. */
  flush(): void {
    const { held } = this;
    if (held.frames === 0) return;
    this.deliver(held);
    held.clear();
  }

  private open(seq: number, payload: number): void {
    this.held.seq = seq;
    this.held.size = payload;
    this.closed = false;
  }
}
