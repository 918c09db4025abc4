import { type Cursor, isDigit } from './bytes.ts';

const SPACE = 32;
const OPEN = 91;
const CLOSE = 93;
const MINUS = 45;
const PARENTHESIS = 40;
const CLOSING = 41;
const POINT = 46;
const COLON = 58;
const MOST_CPU = 0x7fff;
/** The processor's bracket is within this many bytes: a command has at most 15 or so. */
const HEAD = 160;

/**
 * One line of ftrace's text or of `trace-cmd report`: `COMM-PID [(TGID)] [CPU] [FLAGS] STAMP: EVENT: ARGUMENTS`. The command may hold spaces, dashes and brackets; the stamp
 * is seconds with six or nine digits behind the point, or a raw count.
 */
export class FtraceLine {
  commStart = 0;
  commEnd = 0;
  pid = 0;
  cpu = 0;
  /** Seconds, and what is behind the point in ns; of a raw count 0 and the count. */
  seconds = 0;
  rest = 0;
  raw = false;
  eventStart = 0;
  eventEnd = 0;

  /** Reads a line; the cursor then stands at the event's arguments. False: it is none. */
  read(line: Cursor): boolean {
    const { bytes } = line;
    const start = line.at;
    const end = Math.min(line.end, start + HEAD);
    for (let open = start + 1; open < end; open++) {
      if (bytes[open] !== OPEN || bytes[open - 1] !== SPACE || !this.task(bytes, start, open)) continue;
      line.at = open + 1;
      const cpu = line.decimal();
      if (cpu < 0 || cpu > MOST_CPU || !line.take(CLOSE)) continue;
      this.cpu = cpu;
      if (this.stampAndEvent(line)) return true;
    }
    return false;
  }

  /** The task in front of the bracket: what ends in a dash and digits, before the thread group, if that is shown. */
  private task(bytes: Uint8Array, start: number, open: number): boolean {
    let at = open;
    while (at > start && bytes[at - 1] === SPACE) at--;
    if (at > start && bytes[at - 1] === CLOSING) {
      while (at > start && bytes[at - 1] !== PARENTHESIS) at--;
      at--;
      while (at > start && bytes[at - 1] === SPACE) at--;
    }
    let digits = at;
    while (digits > start && isDigit(bytes[digits - 1]!)) digits--; // after start
    if (digits === at || at - digits > 10 || digits <= start || bytes[digits - 1] !== MINUS) return false;
    let pid = 0;
    for (let i = digits; i < at; i++) pid = pid * 10 + bytes[i]! - 48; // digits
    this.pid = pid;
    this.commStart = start;
    while (this.commStart < digits - 1 && bytes[this.commStart] === SPACE) this.commStart++;
    this.commEnd = digits - 1;
    return true;
  }

  private stampAndEvent(line: Cursor): boolean {
    line.blanks();
    if (!this.stamp(line)) {
      line.at = line.until(SPACE);
      line.blanks();
      if (!this.stamp(line)) return false;
    }
    line.blanks();
    this.eventStart = line.at;
    this.eventEnd = line.until(COLON);
    if (this.eventEnd === line.end || this.eventEnd === this.eventStart) return false;
    line.at = this.eventEnd + 1;
    line.blanks();
    return true;
  }

  /** `S.UUUUUU:`, `S.NNNNNNNNN:` or `COUNT:`; goes back when it is none of them. */
  private stamp(line: Cursor): boolean {
    const start = line.at;
    const first = line.decimal();
    if (first >= 0) {
      if (line.take(COLON)) {
        this.raw = true;
        this.seconds = 0;
        this.rest = first;
        return true;
      }
      if (line.take(POINT)) {
        const point = line.at;
        const behind = line.decimal();
        const digits = line.at - point;
        if ((digits === 6 || digits === 9) && line.take(COLON)) {
          this.raw = false;
          this.seconds = first;
          this.rest = digits === 6 ? behind * 1000 : behind;
          return true;
        }
      }
    }
    line.at = start;
    return false;
  }
}
