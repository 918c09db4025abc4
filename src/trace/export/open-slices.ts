import type { TimelineSink } from './timeline-sink.ts';

/** Slices that are open inside each other on a track and end together. */
export interface OpenSlice {
  track: number;
  depth: number;
  /** When they end; Infinity while that is not known. */
  end: number;
  /** Told when they have ended; null: nobody asks. */
  readonly ended: ((t: number) => void) | null;
}

/** The open slices of a timeline: each is ended when time has come there, so that what is written is in time order. */
export class OpenSlices {
  private readonly sink: TimelineSink;
  private readonly slices: OpenSlice[] = [];
  private soonest = Infinity;
  private latest = 0;

  constructor(sink: TimelineSink) {
    this.sink = sink;
  }

  /** A place for slices, with none open. */
  add(ended: OpenSlice['ended'] = null): OpenSlice {
    const slice: OpenSlice = { track: 0, depth: 0, end: Infinity, ended };
    this.slices.push(slice);
    return slice;
  }

  /** `depth` slices of it are open on `track` now and end at `end`. */
  open(slice: OpenSlice, track: number, depth: number, end: number): void {
    slice.track = track;
    slice.depth = depth;
    slice.end = end;
    if (end < this.soonest) this.soonest = end;
  }

  /** Ends everything that ends up to `t`, in time order. `keep` stays open if its end is `t` itself. */
  advance(t: number, keep: OpenSlice | null = null): void {
    if (this.soonest > t) return;
    for (;;) {
      let first: OpenSlice | null = null;
      let next = Infinity;
      for (const slice of this.slices) {
        if (slice.end > t || (slice === keep && slice.end === t)) {
          if (slice.end < next) next = slice.end;
        } else if (first === null || slice.end < first.end) {
          first = slice;
        }
      }
      if (first === null) {
        this.soonest = next;
        return;
      }
      this.close(first, first.end);
    }
  }

  /** Ends a slice at `t`, before its time; nothing happens if it is not open. */
  cut(slice: OpenSlice, t: number): void {
    if (slice.depth > 0) this.close(slice, t);
  }

  /** Ends all but the outermost `depth` slices of it at `t`. */
  shrink(slice: OpenSlice, depth: number, t: number): void {
    for (; slice.depth > depth; slice.depth--) this.sink.end(slice.track, t);
  }

  /** Ends everything at the end of the trace: at its time, or where that is not known at `t` or with the last of the others. */
  finish(t: number): void {
    this.advance(Number.MAX_VALUE);
    const end = Math.max(t, this.latest);
    for (const slice of this.slices) this.cut(slice, end);
  }

  private close(slice: OpenSlice, t: number): void {
    this.shrink(slice, 0, t);
    slice.end = Infinity;
    if (t > this.latest) this.latest = t;
    slice.ended?.(t);
  }
}
