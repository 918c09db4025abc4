import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { AckRun } from './ack-run.ts';
import { ACK, SACK_HIGH, SACK_LOW, WINDOW } from './frame.ts';

/** ACKs in a box: `first` and `spacing` are of their arrivals. What is SACKed is of one alone, 0 and 0 else. */
export class Mail extends AckRun {
  sackLow = ZERO;
  sackHigh = ZERO;
  /** The run behind it, or one that is free. */
  next: Mail = this;
}

/** Runs it holds at first. */
const RUNS = 16;

/**
 * Frames on their way to a host that looks at them only now and then (a NIC that coalesces its interrupts): what a link delivers waits here with its arrival,
 * without an event of its own. No payload comes this way, so only what acknowledges is kept, as runs. The host is told when the first one is sent to an empty box.
 */
export class Mailbox {
  /** The oldest run; meaningless when the box is empty. */
  oldest = new Mail();
  /** Where the next run goes, in a circle of runs, of which at least one is free. */
  private free = this.oldest;
  private newest = this.oldest;
  private readonly first: (arrival: Tick) => void;

  /** `first(arrival)`: a frame that will arrive then has been put into the empty box. */
  constructor(first: (arrival: Tick) => void) {
    this.first = first;
    for (let i = 1; i < RUNS; i++) this.widen();
  }

  get empty(): boolean {
    return this.oldest === this.free;
  }

  /** How many frames of the oldest run have arrived by `tick`; 0 too when the box is empty. */
  arrived(tick: Tick): number {
    const { oldest } = this;
    if (oldest === this.free) return 0;
    const { count, first, spacing } = oldest;
    if (first > tick) return 0;
    return count === 1 || first + (count - 1) * spacing <= tick ? count : (((tick - first) / spacing) | 0) + 1;
  }

  /** The first `frames` frames of the oldest run leave the box; a run that has left stays as it is until something is put into the box. */
  take(frames: number): void {
    const { oldest } = this;
    if (frames === oldest.count) {
      this.oldest = oldest.next;
      return;
    }
    oldest.count -= frames;
    oldest.first += frames * oldest.spacing;
    oldest.ack += frames * oldest.step;
  }

  /** Adds a frame that arrives at `tick`, not before the last one: the record at `frame[from...]`. */
  put(tick: Tick, frame: Float64Array, from: number): void {
    const ack = frame[from + ACK]!; // a frame record, here and below
    const { free } = this;
    free.set(1, tick, 0, ack, 0, ack + frame[from + WINDOW]!, 1);
    free.sackLow = frame[from + SACK_LOW]!;
    free.sackHigh = frame[from + SACK_HIGH]!;
    this.add(tick, free);
  }

  /** Adds a run of ACKs that arrive at `tick` and as far apart as they were handed over: to the last run where it goes on as that does. */
  putRun(tick: Tick, run: AckRun): void {
    const { free, newest } = this;
    const { count, spacing, ack, step, edge, unit } = run;
    if (this.oldest !== free && edge === newest.edge && unit === newest.unit && newest.sackHigh === 0) {
      const before = newest.count;
      const apart = before === 1 ? tick - newest.first : newest.spacing;
      const further = before === 1 ? ack - newest.ack : newest.step;
      if (tick === newest.first + before * apart && ack === newest.ack + before * further && (count === 1 || (spacing === apart && step === further))) {
        newest.count = before + count;
        newest.spacing = apart;
        newest.step = further;
        return;
      }
    }
    free.set(count, tick, spacing, ack, step, edge, unit);
    free.sackLow = 0;
    free.sackHigh = 0;
    this.add(tick, free);
  }

  private add(tick: Tick, run: Mail): void {
    const alone = this.oldest === run;
    this.newest = run;
    if (run.next === this.oldest) this.widen();
    this.free = run.next;
    if (alone) this.first(tick);
  }

  /** Puts another run into the circle, behind the newest. */
  private widen(): void {
    const run = new Mail();
    run.next = this.newest.next;
    this.newest.next = run;
  }
}
