import { Lane } from '../events/lane.ts';
import { Priority } from '../events/priority.ts';
import type { RandomStream } from '../events/random.ts';
import type { Simulator } from '../events/simulator.ts';
import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { BYTES, FRAME_WORDS, PAYLOAD, SEQ, segmentBytes } from '../hw/frame.ts';
import type { FrameReceiver } from '../hw/link.ts';
import { naturalLog } from './logarithm.ts';

/** Times between arrivals. */
export interface Gaps {
  /** Ticks until the next arrival, a non-negative integer. */
  next(): Tick;
}

/** Arrival n at n * period exactly, rounded to a tick each, so a fractional period does not drift. */
export class EvenGaps implements Gaps {
  private readonly period: number;
  private count = 0;
  private last: Tick = ZERO;

  /** @param period ticks between arrivals, need not be whole. */
  constructor(period: number) {
    this.period = positive(period);
  }

  next(): Tick {
    const at = Math.round(++this.count * this.period);
    const gap = at - this.last;
    this.last = at;
    return gap;
  }
}

/** Exponential gaps: Poisson arrivals. */
export class PoissonGaps implements Gaps {
  private readonly mean: number;
  private readonly random: RandomStream;

  /** @param mean ticks between arrivals. */
  constructor(mean: number, random: RandomStream) {
    this.mean = positive(mean);
    this.random = random;
  }

  next(): Tick {
    return Math.round(-naturalLog(1 - this.random.uniform()) * this.mean);
  }
}

/**
 * An open-loop source: frames of one size arrive with the given gaps whatever the receiver does. They do not pass through a link, so gaps
 * shorter than a frame are possible, as queueing theory wants them. One frame at a time waits in the lane.
 */
export class FrameSource {
  sent = 0;
  private readonly gaps: Gaps;
  private readonly lane: Lane;
  private readonly payload: number;
  private readonly bytes: number;
  private readonly count: number;

  /** @param payload bytes a frame; `count` frames in all (default: for ever). */
  constructor(simulator: Simulator, name: string, gaps: Gaps, payload: number, receive: FrameReceiver, count = Infinity) {
    this.gaps = gaps;
    this.payload = payload;
    this.bytes = segmentBytes(payload);
    this.count = count;
    const lane = new Lane(simulator, name, Priority.wire, FRAME_WORDS, (tick, offset) => {
      this.push(tick);
      receive(tick, lane.words, offset);
    });
    this.lane = lane;
  }

  /** The first frame arrives one gap after `tick`. */
  start(tick: Tick): void {
    this.push(tick);
  }

  private push(tick: Tick): void {
    if (this.sent >= this.count) return;
    const offset = this.lane.push(tick + this.gaps.next());
    const { words } = this.lane;
    words[offset + BYTES] = this.bytes;
    words[offset + SEQ] = this.sent * this.payload;
    words[offset + PAYLOAD] = this.payload;
    this.sent++;
  }
}

function positive(ticks: number): number {
  if (!(ticks > 0) || !Number.isFinite(ticks)) throw new RangeError(`frame source: ${ticks} ticks between frames is not positive`);
  return ticks;
}
