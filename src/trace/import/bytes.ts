/** The bytes of an ASCII text. */
export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const TAB = 9;

export function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Reads the bytes of one line from left to right. One cursor serves all lines, so that a line costs no allocation. */
export class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  /** Next byte to read, and the first byte after the line. */
  at = 0;
  end = 0;

  set(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  /** The next byte, or -1 at the end. */
  peek(): number {
    return this.at < this.end ? this.bytes[this.at]! : -1; // inside the line
  }

  /** Passes `byte` if it comes next. */
  take(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.at++;
    return true;
  }

  /** Passes `text` if it comes next. */
  skip(text: Uint8Array): boolean {
    const { bytes, at } = this;
    const { length } = text;
    if (at + length > this.end) return false;
    for (let i = 0; i < length; i++) {
      if (bytes[at + i] !== text[i]) return false;
    }
    this.at = at + length;
    return true;
  }

  /** Passes all up to and with the next `text`; stays where it is when there is none. */
  skipPast(text: Uint8Array): boolean {
    const found = this.find(text, this.at);
    if (found < 0) return false;
    this.at = found + text.length;
    return true;
  }

  /** Place of the next `text` at or after `from`, or -1. */
  find(text: Uint8Array, from: number): number {
    const { bytes } = this;
    const last = this.end - text.length;
    const first = text[0];
    for (let at = from; at <= last; at++) {
      if (bytes[at] !== first) continue;
      let same = 1;
      while (same < text.length && bytes[at + same] === text[same]) same++;
      if (same === text.length) return at;
    }
    return -1;
  }

  /** Place of the next `byte` at or after `from`, or the end. */
  until(byte: number, from = this.at): number {
    const { bytes, end } = this;
    let at = from;
    while (at < end && bytes[at] !== byte) at++;
    return at;
  }

  blanks(): void {
    const { bytes, end } = this;
    while (this.at < end && (bytes[this.at] === SPACE || bytes[this.at] === TAB)) this.at++;
  }

  /** A decimal number of at least one digit; -1 when there is none or it exceeds 2^53 - 1. */
  decimal(): number {
    const { bytes, end } = this;
    const start = this.at;
    let value = 0;
    while (this.at < end) {
      const digit = bytes[this.at]! - 48; // inside the line
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
      this.at++;
    }
    return this.at === start || value > Number.MAX_SAFE_INTEGER ? -1 : value;
  }

  /** A hexadecimal number with or without 0x, of which the low 52 bits are kept; -1 when there is none. */
  hex(): number {
    const { bytes, end } = this;
    if (this.at + 2 < end && bytes[this.at] === 48 && (bytes[this.at + 1]! | 32) === 120) this.at += 2;
    const start = this.at;
    let high = 0;
    let low = 0;
    while (this.at < end) {
      const digit = hexDigit(bytes[this.at]!); // inside the line
      if (digit < 0) break;
      high = ((high << 4) | (low >>> 28)) & 0xfffff;
      low = ((low << 4) | digit) >>> 0;
      this.at++;
    }
    return this.at === start ? -1 : high * 4294967296 + low;
  }

  /** The bytes from `start` to before `end` as text. */
  text(start: number, end: number): string {
    return decoder.decode(this.bytes.subarray(start, end));
  }

  /** The same with a character for each byte, so that places in it are places in the line. */
  characters(start: number, end: number): string {
    return byteDecoder.decode(this.bytes.subarray(start, end));
  }
}

const decoder = new TextDecoder();
const byteDecoder = new TextDecoder('latin1');

/**
 * Calls `visit` with each of the first `most` whole lines of a file's head, without its line end, until it returns true; the last line too where the head is all
 * of a short file. Returns whether it did. A head with a zero byte is no text.
 */
export function anyLine(head: Uint8Array, most: number, visit: (line: Cursor) => boolean): boolean {
  if (head.includes(0)) return false;
  const cursor = new Cursor();
  let start = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  for (let line = 0; line < most && start < head.length; line++) {
    const newline = head.indexOf(NEWLINE, start);
    const end = newline < 0 ? head.length : newline;
    cursor.set(head, start, end > start && head[end - 1] === RETURN ? end - 1 : end);
    if (visit(cursor)) return true;
    start = end + 1;
  }
  return false;
}
