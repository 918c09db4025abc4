import type { ImportOptions } from './importer.ts';
import type { LineReader } from './lines.ts';

/** A step back of at most this many seconds is the order in which threads got to write; more is another recording. */
const MOST_BACK = 1;

/** Turns the stamps of lines into times relative to the first of them, in order and without losing digits. */
export class TimeLine {
  private readonly lines: LineReader;
  private readonly options: ImportOptions;
  private readonly perSecond: number;
  private readonly unit: string;
  private begun = false;
  private seconds = 0;
  private rest = 0;
  private last = 0;
  private back = 0;
  private farthest = 0;

  /** @param perSecond units of `unit` a second. */
  constructor(lines: LineReader, options: ImportOptions, perSecond: number, unit: string) {
    this.lines = lines;
    this.options = options;
    this.perSecond = perSecond;
    this.unit = unit;
  }

  /** The first stamp, as the metadata's clock origin. */
  get origin(): string {
    return String(BigInt(this.seconds) * BigInt(this.perSecond) + BigInt(this.rest));
  }

  /** Time of the stamp, not before that of the last one; -1 when it is too far from the first for a trace. @throws TraceError when it is far before the last one. */
  at(seconds: number, rest: number): number {
    if (!this.begun) {
      this.begun = true;
      this.seconds = seconds;
      this.rest = rest;
    }
    const t = (seconds - this.seconds) * this.perSecond + (rest - this.rest);
    if (t > Number.MAX_SAFE_INTEGER) return -1;
    if (t >= this.last) {
      this.last = t;
      return t;
    }
    const step = this.last - t;
    if (step > MOST_BACK * this.perSecond) this.lines.fail('its time is more than a second before that of the line above', 'give one recording at a time, as it was written');
    this.back++;
    if (step > this.farthest) this.farthest = step;
    return this.last;
  }

  /** Says what was moved. */
  end(): void {
    if (this.back === 0) return;
    this.options.warn(`${this.options.file}: ${this.back} ${this.back === 1 ? 'line is' : 'lines are'} before the line above by up to ${this.farthest} ${this.unit}; such a line gets the time of the line above`);
  }
}
