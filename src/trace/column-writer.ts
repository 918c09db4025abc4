import { type Data, type DataType, Dictionary, Field, Int16, Int32, Int64, Int8, makeData, Utf8, Vector, vectorFromArray } from 'apache-arrow';
import { ColumnError, LARGEST } from './column-values.ts';
import type { ColumnFormat } from './format.ts';
import type { Vocabulary } from './vocabulary.ts';

type Narrow = Int8Array | Int16Array | Int32Array;

/** One column on its way to the file: rows are staged as doubles and turned into integers of the column's width a batch at a time. */
export class ColumnWriter {
  readonly field: Field;
  private readonly staged: Float64Array;
  private readonly name: string;
  private largest: number;
  private readonly narrow: Narrow | null;
  private readonly wide: BigInt64Array<ArrayBuffer>;
  private readonly wrap: (length: number) => Data;

  private readonly vocabulary: Vocabulary | undefined;
  /** The dictionary as far as it is in the file: what is added later goes there as a delta before the rows that need it. */
  private dictionary: Vector<Utf8> = vectorFromArray([], new Utf8());

  /** `staged`: where the rows are; `vocabulary`: of a dictionary column; `id`: number of its dictionary in the file. */
  constructor(format: ColumnFormat, staged: Float64Array, vocabulary: Vocabulary | undefined, id: number) {
    this.name = format.name;
    this.staged = staged;
    const rows = staged.length;
    this.wide = new BigInt64Array(format.type === 'int64' ? rows : 0);
    this.vocabulary = vocabulary;
    this.largest = LARGEST[format.type];
    let type: DataType;
    switch (format.type) {
      case 'dictionary': {
        const data = new Int16Array(rows);
        const coded = new Dictionary(new Utf8(), new Int16(), id);
        this.wrap = (length) => makeData({ type: coded, length, nullCount: 0, data: data.subarray(0, length), dictionary: this.dictionary });
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
    if (this.vocabulary !== undefined) this.growDictionary(this.vocabulary.names);
    if (this.narrow === null) this.fillWide(length);
    else this.fillNarrow(this.narrow, length);
    return this.wrap(length);
  }

  private growDictionary(names: readonly string[]): void {
    const known = this.dictionary.length;
    this.largest = names.length - 1;
    if (names.length === known) return;
    const added = vectorFromArray(names.slice(known), new Utf8());
    this.dictionary = known === 0 ? added : new Vector([...this.dictionary.data, ...added.data]);
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
    throw new ColumnError(row, this.name, value, this.largest);
  }
}
