import { anyLine, type Cursor } from './bytes.ts';
import type { ImportOptions } from './importer.ts';
import type { LineReader } from './lines.ts';

const COMMA = 44;
/** Of the columns that are left out, in a warning. */
const MOST_NAMES = 8;
const MOST_CHARACTERS = 200;

/** Lines of comma-separated values without quotes, whose first names the columns. */
export class Csv<Name extends string> {
  /** Place of each wanted column, or -1. */
  readonly places: Readonly<Record<Name, number>>;
  private readonly width: number;
  private readonly starts: Int32Array;
  private line: Cursor | null = null;

  /** Columns of the file that nobody wants are warned of. @throws TraceError when a needed column is missing, or one is there twice. */
  constructor(header: Cursor, lines: LineReader, wanted: readonly Name[], needed: readonly Name[], { file, warn }: Pick<ImportOptions, 'file' | 'warn'>) {
    const names = columnsOf(header);
    const missing = needed.filter((name) => !names.includes(name));
    if (missing.length > 0) lines.fail(`there is no column ${missing.join(', ')}`, 'give the file with its first line, which names the columns');
    const twice = wanted.find((name) => names.indexOf(name) !== names.lastIndexOf(name));
    if (twice !== undefined) lines.fail(`the column ${twice} is there twice`, 'leave one of them out');
    this.places = Object.fromEntries(wanted.map((name) => [name, names.indexOf(name)])) as Record<Name, number>;
    const unknown = names.filter((name) => !wanted.some((one) => one === name));
    if (unknown.length > 0) warn(`${file}: columns that are not known are left out: ${unknown.slice(0, MOST_NAMES).join(', ').slice(0, MOST_CHARACTERS)}`);
    this.width = names.length;
    this.starts = new Int32Array(names.length + 1);
  }

  /** Takes a row. False: it has another number of fields than the header. */
  row(line: Cursor): boolean {
    this.line = line;
    const { starts, width } = this;
    let field = 0;
    let at = line.at;
    starts[0] = at;
    for (;;) {
      at = line.until(COMMA, at);
      if (++field > width) return false;
      starts[field] = ++at;
      if (at > line.end) return field === width;
    }
  }

  /** A whole number of the row, 0 where its column is missing or the field is empty; -1 when it is none. */
  decimal(column: Name): number {
    const line = this.field(column);
    if (line === null || line.at >= this.fieldEnd) return 0;
    const value = line.decimal();
    return line.at === this.fieldEnd ? value : -1;
  }

  /** The same of a hexadecimal number. */
  hex(column: Name): number {
    const line = this.field(column);
    if (line === null || line.at >= this.fieldEnd) return 0;
    const value = line.hex();
    return line.at === this.fieldEnd ? value : -1;
  }

  /** A field as text; empty where its column is missing. Names of columns are few, so the caller numbers them by bytes. */
  start(column: Name): number {
    return this.field(column)?.at ?? 0;
  }

  /** Where the field that was asked for last ends. */
  fieldEnd = 0;

  private field(column: Name): Cursor | null {
    const { line } = this;
    const place = this.places[column];
    if (line === null || place < 0) {
      this.fieldEnd = 0;
      return null;
    }
    line.at = this.starts[place]!; // inside the row
    this.fieldEnd = this.starts[place + 1]! - 1;
    return line;
  }
}

function columnsOf(header: Cursor): string[] {
  return header.text(header.at, header.end).split(',').map((name) => name.trim());
}

/** Whether a file's first line names these columns. */
export function hasColumns(head: Uint8Array, needed: readonly string[]): boolean {
  return anyLine(head, 1, (line) => {
    const names = new Set(columnsOf(line));
    return needed.every((name) => names.has(name));
  });
}
