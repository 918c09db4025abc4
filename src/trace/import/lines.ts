import { TraceError } from '../trace-error.ts';
import { Cursor } from './bytes.ts';
import type { ImportOptions } from './importer.ts';

/** A longer line is no text of any format that is read here. */
const LONGEST = 1 << 20;
const NEWLINE = 10;
const RETURN = 13;

/** What a reader of lines is told. */
export interface LineFormat {
  /** What a line should be, as in "this is no line of a QEMU log". */
  readonly line: string;
  /** What to do when a line cannot be read. */
  readonly remedy: string;
}

/**
 * Cuts a text file that comes in chunks into lines and hands them on, one at a time, without their ends (LF or CR LF); keeps the count of those that could not be
 * read. Memory: the longest line, at most 1 MiB.
 */
export class LineReader {
  /** Number of the line that is being read, from 1. */
  line = 0;
  private readonly options: ImportOptions;
  private readonly format: LineFormat;
  private readonly take: (line: Cursor) => void;
  private readonly cursor = new Cursor();
  private rest = new Uint8Array(4096);
  private held = 0;
  private unread = 0;
  private firstUnread = 0;

  constructor(options: ImportOptions, format: LineFormat, take: (line: Cursor) => void) {
    this.options = options;
    this.format = format;
    this.take = take;
  }

  /** @throws TraceError for a line that is too long, and whatever the taker of the lines throws. */
  push(chunk: Uint8Array): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline < 0) break;
      if (this.held === 0) {
        this.hand(chunk, start, newline);
      } else {
        this.keep(chunk, start, newline);
        const end = this.held;
        this.held = 0;
        this.hand(this.rest, 0, end);
      }
      start = newline + 1;
    }
    this.keep(chunk, start, chunk.length);
  }

  /** The end of the file: says what was not read. A line without its end was cut off, so it is not taken. Returns whether there is one. @throws TraceError when that is refused. */
  end(): boolean {
    const { file, strict, warn } = this.options;
    if (this.held > 0) {
      const place = `line ${this.line + 1}`;
      if (strict) throw new TraceError(file, place, 'the file is cut off in this line', 'give the whole file, or import what is there without --strict');
      warn(`${file}: ${place}: the file is cut off; this line is left out`);
    }
    if (this.unread > 0) {
      warn(`${file}: ${this.unread} ${this.unread === 1 ? 'line' : 'lines'} could not be read, the first is line ${this.firstUnread}; ${this.format.remedy}`);
    }
    return this.held > 0;
  }

  /** This line cannot be read. @throws TraceError when that is refused. */
  bad(problem = `this is no ${this.format.line}`): void {
    if (this.options.strict) this.fail(problem);
    if (this.unread++ === 0) this.firstUnread = this.line;
  }

  /** @throws TraceError that names this line. */
  fail(problem: string, remedy = this.format.remedy): never {
    throw new TraceError(this.options.file, `line ${this.line}`, problem, remedy);
  }

  private hand(bytes: Uint8Array, start: number, end: number): void {
    this.line++;
    if (end - start > LONGEST) this.tooLong();
    const from = this.line === 1 && bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf ? start + 3 : start;
    this.cursor.set(bytes, from, end > from && bytes[end - 1] === RETURN ? end - 1 : end);
    this.take(this.cursor);
  }

  private keep(chunk: Uint8Array, start: number, end: number): void {
    const needed = this.held + end - start;
    if (needed > LONGEST) {
      this.line++;
      this.tooLong();
    }
    if (needed > this.rest.length) {
      const larger = new Uint8Array(Math.max(needed, this.rest.length * 2));
      larger.set(this.rest.subarray(0, this.held));
      this.rest = larger;
    }
    this.rest.set(chunk.subarray(start, end), this.held);
    this.held = needed;
  }

  private tooLong(): never {
    return this.fail(`a line of more than ${LONGEST} bytes`, 'this is not the text that it was taken for; say what it is with --format');
  }
}
