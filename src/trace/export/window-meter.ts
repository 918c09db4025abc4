import type { TimelineSink } from './timeline-sink.ts';

/** A counter of what comes in each window of time; its value stands at the window's beginning. */
export class WindowMeter {
  private readonly sink: TimelineSink;
  private readonly track: number;
  private readonly width: number;
  private readonly full: number;
  /** -1: nothing has come. */
  private window = -1;
  private sum = 0;
  private shown = NaN;

  /** `full`: a share is shown, and this is how the whole is written; 0: a sum is. */
  constructor(sink: TimelineSink, track: number, width: number, full: number) {
    this.sink = sink;
    this.track = track;
    this.width = width;
    this.full = full;
  }

  /** Something at `t`, not before what came last. */
  add(t: number, amount: number): void {
    this.moveTo(Math.floor(t / this.width));
    this.sum += amount;
  }

  /** Something that lasts, not from before what came last: a unit for every unit of time. */
  span(from: number, to: number): void {
    const { width } = this;
    const first = Math.floor(from / width);
    const last = Math.floor(to / width);
    this.moveTo(first);
    if (first >= last) {
      this.sum += to - from;
      return;
    }
    this.sum += (first + 1) * width - from;
    this.moveTo(first + 1);
    if (last > first + 1) {
      // The windows between are full; one value stands for all of them.
      this.sum = width;
      this.show();
      this.window = last;
    }
    this.sum = to - last * width;
  }

  finish(): void {
    if (this.window >= 0) this.show();
  }

  private moveTo(window: number): void {
    if (window <= this.window) return;
    if (this.window < 0) {
      this.window = window;
      return;
    }
    this.show();
    this.sum = 0;
    // Nothing came in the windows between.
    if (window > ++this.window) this.show();
    this.window = window;
  }

  private show(): void {
    const value = this.full === 0 ? this.sum : (this.sum / this.width) * this.full;
    if (value === this.shown) return;
    this.shown = value;
    this.sink.count(this.track, this.window * this.width, value);
  }
}
