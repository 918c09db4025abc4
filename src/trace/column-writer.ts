import { type Data, type DataType, Dictionary, Field, Int16, Int32, Int64, Int8, makeData, Utf8, vectorFromArray } from 'apache-arrow';
import type { ColumnFormat, NameFormat } from './format.ts';

/** Largest value of each width; of 64 bits only what a double holds exactly. */
const LARGEST = { int8: 0x7f, int16: 0x7fff, int32: 0x7fffffff, int64: Number.MAX_SAFE_INTEGER } as const;

type Narrow = Int8Array | Int16Array | Int32Array;

/** A value that its column cannot hold, by its place in the batch. */
export class ColumnError extends Error {
  readonly row: number;

  constructor(row: number, message: string) {
    super(message);
    this.row = row;
  }
}

/** One column on its way to the file: rows are staged as doubles and turned into integers of the column's width a batch at a time. */
export class ColumnWriter {
  readonly field: Field;
  readonly staged: Float64Array;
  private readonly name: string;
  private readonly largest: number;
  private readonly narrow: Narrow | null;
  private readonly wide: BigInt64Array<ArrayBuffer>;
  private readonly wrap: (length: number) => Data;

  /** `names`: the dictionary of a dictionary column; `id`: its number in the file. */
  constructor(format: ColumnFormat, names: readonly NameFormat[], id: number, rows: number) {
    this.name = format.name;
    this.staged = new Float64Array(rows);
    this.wide = new BigInt64Array(format.type === 'int64' ? rows : 0);
    this.largest = format.type === 'dictionary' ? names.length - 1 : LARGEST[format.type];
    let type: DataType;
    switch (format.type) {
      case 'dictionary': {
        const data = new Int8Array(rows);
        const coded = new Dictionary(new Utf8(), new Int8(), id);
        const dictionary = vectorFromArray(names.map(({ name }) => name), new Utf8());
        this.wrap = (length) => makeData({ type: coded, length, nullCount: 0, data: data.subarray(0, length), dictionary });
        this.narrow = data;
        type = coded;
        break;
      }
      case 'int8': {
        const data = new Int8Array(rows);
        this.wrap = (length) => makeData({ type: new Int8(), length, nullCount: 0, data: data.subarray(0, length) });
        this.narrow = data;
        type = new Int8();
        break;
      }
      case 'int16': {
        const data = new Int16Array(rows);
        this.wrap = (length) => makeData({ type: new Int16(), length, nullCount: 0, data: data.subarray(0, length) });
        this.narrow = data;
        type = new Int16();
        break;
      }
      case 'int32': {
        const data = new Int32Array(rows);
        this.wrap = (length) => makeData({ type: new Int32(), length, nullCount: 0, data: data.subarray(0, length) });
        this.narrow = data;
        type = new Int32();
        break;
      }
      case 'int64': {
        this.wrap = (length) => makeData({ type: new Int64(), length, nullCount: 0, data: this.wide.subarray(0, length) });
        this.narrow = null;
        type = new Int64();
        break;
      }
    }
    this.field = new Field(format.name, type, false);
  }

  /** The first `length` staged values as Arrow data, valid until the next call. @throws ColumnError for the first value that does not fit. */
  data(length: number): Data {
    if (this.narrow === null) this.fillWide(length);
    else this.fillNarrow(this.narrow, length);
    return this.wrap(length);
  }

  private fillNarrow(target: Narrow, length: number): void {
    const { staged, largest } = this;
    for (let row = 0; row < length; row++) {
      const value = staged[row]!;
      target[row] = value;
      // The round trip finds fractions and NaN; the bounds what the width cuts off.
      if (target[row] !== value || value < 0 || value > largest) this.refuse(row, value);
    }
  }

  private fillWide(length: number): void {
    const { staged } = this;
    const halves = new Int32Array(this.wide.buffer);
    for (let row = 0; row < length; row++) {
      const value = staged[row]!;
      const high = Math.floor(value / 4294967296);
      const low = value - high * 4294967296;
      // Little end first, as Arrow's files are written by default.
      halves[2 * row] = low;
      halves[2 * row + 1] = high;
      if (!(value >= 0 && value <= LARGEST.int64) || low !== Math.floor(low)) this.refuse(row, value);
    }
  }

  private refuse(row: number, value: number): never {
    throw new ColumnError(row, `${this.name} is ${value}, not a whole number in 0..${this.largest}`);
  }
}
