import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { moved } from './ring.ts';

/** Runs it holds at first; a power of two. */
const FIRST = 128;

/** When the packets that a driver has handed over leave the port, in order, until the driver reclaims them: runs of evenly spaced ones. */
export class Departures {
  private firsts = new Float64Array(FIRST);
  private spacings = new Float64Array(FIRST);
  private counts = new Int32Array(FIRST);
  private mask = FIRST - 1;
  /** Runs noted and runs done with, counted from 0. */
  tail = 0;
  private head = 0;
  /** Packets handed over and not reclaimed. */
  pending = 0;
  /** When the last packet noted leaves. */
  last: Tick = ZERO;

  /** `count` packets leave at `first` and `spacing` apart, not before those that were noted already. */
  add(first: Tick, spacing: Tick, count: number): void {
    if (this.tail - this.head > this.mask) this.grow();
    const slot = this.tail++ & this.mask;
    this.firsts[slot] = first;
    this.spacings[slot] = spacing;
    this.counts[slot] = count;
    this.pending += count;
    this.last = first + (count - 1) * spacing;
  }

  /** Packets not reclaimed that have left by `now`. */
  done(now: Tick): number {
    if (this.last <= now) return this.pending;
    let packets = 0;
    for (let run = this.head; run < this.tail; run++) {
      const gone = this.gone(run & this.mask, now);
      packets += gone;
      if (gone < this.counts[run & this.mask]!) break; // a run in use
    }
    return packets;
  }

  /** The oldest `count` packets are reclaimed; they have left. */
  reclaim(count: number): void {
    this.pending -= count;
    if (this.pending === 0) {
      this.head = this.tail;
      return;
    }
    let rest = count;
    while (rest > 0) {
      const slot = this.head & this.mask;
      const held = this.counts[slot]!; // a run in use
      if (held > rest) {
        this.counts[slot] = held - rest;
        this.firsts[slot]! += rest * this.spacings[slot]!;
        return;
      }
      rest -= held;
      this.head++;
    }
  }

  /** Calls `each` with the first and the last departure after `now` of every run that has one. */
  later(now: Tick, each: (first: Tick, last: Tick) => void): void {
    if (this.last <= now) return;
    let run = this.tail;
    while (run > this.head && this.lastOf(run - 1) > now) run--;
    for (; run < this.tail; run++) {
      const slot = run & this.mask;
      each(this.firsts[slot]! + this.gone(slot, now) * this.spacings[slot]!, this.lastOf(run)); // a run in use
    }
  }

  /** When the first packet of run `run` leaves, how far apart its packets are, and how many it has. */
  firstOf(run: number): Tick {
    return this.firsts[run & this.mask]!; // a run in use, here and below
  }

  spacingOf(run: number): Tick {
    return this.spacings[run & this.mask]!;
  }

  countOf(run: number): number {
    return this.counts[run & this.mask]!;
  }

  /** When packet `n` of those from run `run` on leaves. */
  nth(run: number, n: number): Tick {
    let rest = n;
    let at = run;
    while (rest >= this.countOf(at)) rest -= this.countOf(at++);
    return this.firstOf(at) + rest * this.spacingOf(at);
  }

  /** When the last packet of run `run` leaves. */
  lastOf(run: number): Tick {
    const slot = run & this.mask;
    return this.firsts[slot]! + (this.counts[slot]! - 1) * this.spacings[slot]!; // a run in use
  }

  private gone(slot: number, now: Tick): number {
    const first = this.firsts[slot]!; // a run in use
    if (first > now) return 0;
    const count = this.counts[slot]!;
    if (count === 1) return 1;
    const gone = Math.floor((now - first) / this.spacings[slot]!) + 1;
    return gone < count ? gone : count;
  }

  private grow(): void {
    const { head, mask } = this;
    this.firsts = moved(this.firsts, new Float64Array(2 * mask + 2), head, mask);
    this.spacings = moved(this.spacings, new Float64Array(2 * mask + 2), head, mask);
    this.counts = moved(this.counts, new Int32Array(2 * mask + 2), head, mask);
    this.mask = 2 * mask + 1;
  }
}
