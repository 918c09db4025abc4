import { NEVER, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { widened } from './ring.ts';

/** Words of a run: when its first packet leaves, how far apart they are, how many it has. */
const FIRST = 0;
const SPACING = 1;
const COUNT = 2;
/** A power of two, and its logarithm. */
const WORDS = 4;
const WORDS_SHIFT = 2;

/** Runs it holds at first; a power of two. */
const RUNS = 32;

/** When the packets that a driver has handed over leave the port, in order, until the driver reclaims them: runs of evenly spaced ones. */
export class Departures {
  /** Runs noted and runs done with, counted from 0. */
  tail = 0;
  /** Packets handed over and not reclaimed. */
  pending = 0;
  /** When the last packet noted leaves. */
  last: Tick = ZERO;
  private head = 0;
  private words = new Float64Array(RUNS * WORDS);
  private mask = RUNS - 1;

  /** `count` packets leave at `first` and `spacing` apart, not before those that were noted already. */
  add(first: Tick, spacing: Tick, count: number): void {
    if (this.tail - this.head > this.mask) this.grow();
    const at = this.offset(this.tail++);
    const { words } = this;
    words[at + FIRST] = first;
    words[at + SPACING] = spacing;
    words[at + COUNT] = count;
    this.pending += count;
    this.last = first + (count - 1) * spacing;
  }

  /** Packets not reclaimed that have left by `now`. */
  done(now: Tick): number {
    if (this.last <= now) return this.pending;
    let packets = 0;
    for (let run = this.head; run < this.tail; run++) {
      const gone = this.gone(run, now);
      packets += gone;
      if (gone < this.countOf(run)) break;
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
      const held = this.countOf(this.head);
      if (held > rest) {
        const at = this.offset(this.head);
        this.words[at + COUNT] = held - rest;
        this.words[at + FIRST]! += rest * this.words[at + SPACING]!; // a run in use
        return;
      }
      rest -= held;
      this.head++;
    }
  }

  /** The first departure after `now` of a packet that has not been reclaimed; NEVER when there is none. */
  after(now: Tick): Tick {
    if (this.pending === 0 || this.last <= now) return NEVER;
    let run = this.tail - 1;
    while (run > this.head && this.lastOf(run - 1) > now) run--;
    return this.firstOf(run) + this.gone(run, now) * this.spacingOf(run);
  }

  /** When the first packet of run `run` leaves, how far apart its packets are, and how many it has. */
  firstOf(run: number): Tick {
    return this.words[this.offset(run) + FIRST]!; // a run in use, here and below
  }

  spacingOf(run: number): Tick {
    return this.words[this.offset(run) + SPACING]!;
  }

  countOf(run: number): number {
    return this.words[this.offset(run) + COUNT]! | 0;
  }

  /** When packet `n` of those from run `run` on leaves. */
  nth(run: number, n: number): Tick {
    let rest = n;
    let at = run;
    while (rest >= this.countOf(at)) rest -= this.countOf(at++);
    return this.firstOf(at) + rest * this.spacingOf(at);
  }

  /** When the last packet of run `run` leaves. */
  private lastOf(run: number): Tick {
    return this.firstOf(run) + (this.countOf(run) - 1) * this.spacingOf(run);
  }

  /** Packets of run `run` that have left by `now`. */
  private gone(run: number, now: Tick): number {
    const first = this.firstOf(run);
    if (first > now) return 0;
    const count = this.countOf(run);
    if (count === 1) return 1;
    const gone = Math.floor((now - first) / this.spacingOf(run)) + 1;
    return gone < count ? gone : count;
  }

  private offset(run: number): number {
    return (run & this.mask) << WORDS_SHIFT;
  }

  private grow(): void {
    const { head, mask, words } = this;
    this.words = widened(words, WORDS, head, mask);
    this.mask = 2 * mask + 1;
  }
}
