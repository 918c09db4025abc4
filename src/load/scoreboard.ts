import { NEVER, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { Flight } from './flight.ts';

const SACKED = 1;
const LOST = 2;
/** Sent again since it was last marked lost. */
const RETRANSMITTED = 4;
/** Sent again at any time: its round trip says nothing (Karn). */
const REPEATED = 8;

/**
 * The segments in flight, oldest first: what was sent when, and what is known about its fate (RFC 6675 in Linux's bookkeeping). While all are full ones of which nothing is known,
 * which is nearly always, they are a `Flight`; else each is by itself in a ring of typed arrays, and a position counts the segments that have gone through it.
 */
export class Scoreboard {
  /** Counts over the ring: SACKed; taken for lost; lost and sent again. */
  sacked = 0;
  lost = 0;
  retransmitted = 0;
  /** When the oldest segment of the last `acknowledge` that was sent only once went out; negative when there was none. */
  sampleTick: Tick = -NEVER;
  readonly capacity: number;
  /** Bytes of a full segment. */
  readonly full: number;
  /** All in flight are full segments of which nothing is known, and they are in `flight`. */
  plain: boolean;
  readonly flight: Flight;
  /** First byte behind the last segment. */
  private end = ZERO;
  private readonly runs: boolean;
  private readonly starts: Float64Array;
  private readonly lengths: Float64Array;
  private readonly ticks: Float64Array;
  private readonly marks: Uint8Array;
  private readonly mask: number;
  private head = 0;
  private tail = 0;
  /** From this position of the ring on every segment is a full one of which nothing is known. */
  private plainFrom = 0;

  /** @param segments how many may be in flight; the ring takes the next power of two. @param runs false: each segment is by itself always. */
  constructor(segments: number, full: number, runs = true) {
    this.runs = runs;
    this.plain = runs;
    this.full = full;
    let capacity = 64;
    while (capacity < segments) capacity *= 2;
    this.capacity = capacity;
    this.flight = new Flight(capacity);
    this.mask = capacity - 1;
    this.starts = new Float64Array(capacity);
    this.lengths = new Float64Array(capacity);
    this.ticks = new Float64Array(capacity);
    this.marks = new Uint8Array(capacity);
  }

  get length(): number {
    return this.plain ? this.flight.length : this.tail - this.head;
  }

  /** Segments thought to be in the network: sent, not SACKed, not lost; the retransmitted ones count again. */
  get pipe(): number {
    return this.length - this.sacked - this.lost + this.retransmitted;
  }

  /** When the oldest segment was (last) sent. Meaningless when empty. */
  get headTick(): Tick {
    return this.plain ? this.flight.headTick : this.ticks[this.head & this.mask]!;
  }

  /** Appends a segment; the caller keeps `length` below `capacity`. */
  push(start: number, length: number, tick: Tick): void {
    this.pushRun(start, length, tick, 1);
  }

  /** Appends `count` segments of one length that follow one another. */
  pushRun(start: number, length: number, tick: Tick, count: number): void {
    if (this.plain && length !== this.full) this.expand();
    this.end = start + count * length;
    if (this.plain) {
      this.flight.push(tick, count);
      return;
    }
    for (let i = 0; i < count; i++) this.append(start + i * length, length, tick);
    if (length !== this.full) this.plainFrom = this.tail;
  }

  /** Removes what `ack` covers, returns how many segments that were. A segment covered in part keeps its uncovered rest. */
  acknowledge(ack: number): number {
    if (this.plain) {
      const { flight } = this;
      const covered = flight.length - (this.end - ack) / this.full;
      const whole = covered | 0;
      if (whole === covered && whole > 0) {
        this.sampleTick = flight.headTick;
        flight.drop(whole);
        return whole;
      }
      this.expand();
    }
    const covered = this.acknowledgeSlowly(ack);
    if (this.runs && this.head >= this.plainFrom) this.collapse();
    return covered;
  }

  /** Something will be known of single segments. */
  private expand(): void {
    const { flight, full } = this;
    this.plain = false;
    this.plainFrom = this.head;
    for (let start = this.end - flight.length * full; flight.length > 0; start += full) {
      this.append(start, full, flight.headTick);
      flight.drop(1);
    }
  }

  /** Nothing is known of any segment any more. */
  private collapse(): void {
    this.plain = true;
    for (; this.head < this.tail; this.head++) this.flight.push(this.ticks[this.head & this.mask]!, 1); // inside the ring
  }

  private append(start: number, length: number, tick: Tick): void {
    const slot = this.tail++ & this.mask;
    this.starts[slot] = start;
    this.lengths[slot] = length;
    this.ticks[slot] = tick;
    this.marks[slot] = 0;
  }

  private acknowledgeSlowly(ack: number): number {
    const { starts, lengths, ticks, marks, mask, tail } = this;
    const from = this.head;
    let head = from;
    let sampleTick: Tick = -NEVER;
    while (head < tail) {
      const slot = head & mask;
      const start = starts[slot]!;
      const end = start + lengths[slot]!;
      if (end > ack) {
        if (start < ack) {
          starts[slot] = ack;
          lengths[slot] = end - ack;
          if (this.plainFrom <= head) this.plainFrom = head + 1;
        }
        break;
      }
      const mark = marks[slot]!;
      if (mark !== 0) this.forget(mark);
      if (sampleTick < 0 && (mark & (REPEATED | SACKED)) === 0) sampleTick = ticks[slot]!;
      head++;
    }
    this.sampleTick = sampleTick;
    this.head = head;
    return head - from;
  }

  /** Marks the segments inside [low, high) as received; returns how many are new. */
  sack(low: number, high: number): number {
    let news = 0;
    if (this.plain) this.expand();
    this.plainFrom = this.tail;
    for (let i = this.head; i < this.tail; i++) {
      const slot = i & this.mask;
      const start = this.starts[slot]!;
      if (start >= high) break;
      const marks = this.marks[slot]!;
      if (start < low || start + this.lengths[slot]! > high || (marks & SACKED) !== 0) continue;
      this.forget(marks);
      this.marks[slot] = (marks & REPEATED) | SACKED;
      this.sacked++;
      news++;
    }
    return news;
  }

  /** Takes every segment for lost above which at least `threshold` segments were SACKed. */
  markLost(threshold: number): void {
    let above = 0;
    for (let i = this.tail - 1; i >= this.head; i--) {
      const slot = i & this.mask;
      const marks = this.marks[slot]!;
      if ((marks & SACKED) !== 0) above++;
      else if (above >= threshold && (marks & LOST) === 0) this.lose(slot);
    }
  }

  markHeadLost(): void {
    if (this.length === 0) return;
    if (this.plain) this.expand();
    const slot = this.head & this.mask;
    if ((this.marks[slot]! & (SACKED | LOST)) === 0) this.lose(slot);
  }

  /** A timeout: everything not SACKed is lost, retransmissions included. If the oldest is SACKed, the receiver gave it up: all are lost. */
  markAllLost(): void {
    if (this.plain) this.expand();
    const reneged = this.head < this.tail && (this.marks[this.head & this.mask]! & SACKED) !== 0;
    for (let i = this.head; i < this.tail; i++) {
      const slot = i & this.mask;
      const marks = this.marks[slot]!;
      if ((marks & SACKED) !== 0 && !reneged) continue;
      this.forget(marks);
      this.marks[slot] = marks & REPEATED;
      this.lose(slot);
    }
  }

  /** Position of the oldest segment that is lost and not yet sent again, -1 when there is none. */
  nextLost(): number {
    if (this.lost === this.retransmitted) return -1;
    for (let i = this.head; i < this.tail; i++) {
      if ((this.marks[i & this.mask]! & (LOST | RETRANSMITTED)) === LOST) return i;
    }
    return -1;
  }

  startOf(position: number): number {
    return this.starts[position & this.mask]!;
  }

  lengthOf(position: number): number {
    return this.lengths[position & this.mask]!;
  }

  /** The lost segment at `position` goes out again at `tick`. */
  retransmit(position: number, tick: Tick): void {
    const slot = position & this.mask;
    this.marks[slot] = this.marks[slot]! | RETRANSMITTED | REPEATED;
    this.ticks[slot] = tick;
    this.retransmitted++;
  }

  private lose(slot: number): void {
    this.plainFrom = this.tail;
    this.marks[slot] = this.marks[slot]! | LOST;
    this.lost++;
  }

  /** Takes a segment's marks out of the counts. */
  private forget(marks: number): void {
    if ((marks & SACKED) !== 0) this.sacked--;
    if ((marks & LOST) !== 0) this.lost--;
    if ((marks & RETRANSMITTED) !== 0) this.retransmitted--;
  }
}
