import { type Data, DataType, Vector } from 'apache-arrow';
import type { Vocabulary } from './vocabulary.ts';

/** What is wrong with a value, and its place in the batch. */
export class ValueError extends Error {
  readonly row: number;

  constructor(row: number, message: string) {
    super(message);
    this.row = row;
  }
}

/** Whether a column can be read as integers: any width, signed or not; floating point too, as long as the values are whole. */
export function isNumeric(type: DataType): boolean {
  return DataType.isInt(type) || (DataType.isFloat(type) && type.precision !== 0);
}

/** Whether a column can be read as names. */
export function isNamed(type: DataType): boolean {
  return DataType.isUtf8(type) || (DataType.isDictionary(type) && DataType.isUtf8(type.dictionary) && DataType.isInt(type.indices) && type.indices.bitWidth < 64);
}

/** Values that a column really holds, whatever its metadata say. */
export function held(data: Data): number {
  const offsets = data.valueOffsets as Int32Array | undefined;
  return offsets === undefined || offsets.length === 0 ? (data.values as Float64Array).length : offsets.length - 1;
}

/**
 * A column of numbers as doubles, every one a whole number in 0..2^53 - 1; `rows`: only those rows, in that order.
 * @throws ValueError for the first that is not.
 */
export function readIntegers(data: Data, target: Float64Array, rows: Int32Array | null): void {
  refuseNulls(data);
  const values: unknown = data.values;
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    if (rows === null) joinHalves(values, data.length, target);
    else joinSome(values, rows, target);
  } else if (values instanceof Float32Array || values instanceof Float64Array) {
    copyFloats(values, data.length, rows, target);
  } else {
    const integers = values as Int32Array;
    if (rows === null) copyIntegers(integers, data.length, target);
    else copySome(integers, rows, target);
  }
}

/** The names of a dictionary by their places; null where an entry is none. */
export interface DictionaryNames {
  readonly names: readonly (string | null)[];
}

const NO_NAMES: DictionaryNames = { names: [] };

/** Reads one column of names, batch after batch: codes are places in its vocabulary, to which unknown names are added. */
export class NameReader {
  readonly vocabulary: Vocabulary;
  /** The dictionary that `codes` are of. */
  private dictionary = NO_NAMES;
  /** Code of each entry of the dictionary, -1 where it is no name. */
  private codes = new Int32Array(64);
  private known = 0;
  /** Whether every entry's code is its place. */
  private plain = true;

  constructor(vocabulary: Vocabulary) {
    this.vocabulary = vocabulary;
  }

  /** `dictionary`: of a dictionary column; it may have grown since the last batch. @throws ValueError for the first row without a name. */
  read(data: Data, dictionary: DictionaryNames | undefined, target: Int32Array): void {
    refuseNulls(data);
    if (DataType.isUtf8(data.type)) {
      const texts = new Vector([data]);
      for (let row = 0; row < data.length; row++) target[row] = this.code(texts.get(row), row);
      return;
    }
    this.learn(dictionary ?? NO_NAMES);
    const { codes, known, plain } = this;
    target.set((data.values as Int32Array).subarray(0, data.length));
    for (let row = 0; row < data.length; row++) {
      const index = target[row]!;
      if (!(index >= 0 && index < known)) throw new ValueError(row, `code ${index} is not in the dictionary`);
      if (plain) continue;
      if (codes[index]! < 0) this.code(null, row);
      target[row] = codes[index]!;
    }
  }

  private code(name: unknown, row: number): number {
    if (typeof name !== 'string') throw new ValueError(row, 'there is no name');
    return this.vocabulary.code(name);
  }

  private learn(dictionary: DictionaryNames): void {
    if (dictionary !== this.dictionary) {
      this.dictionary = dictionary;
      this.known = 0;
      this.plain = true;
    }
    const { names } = dictionary;
    if (this.codes.length < names.length) {
      const codes = new Int32Array(Math.max(names.length, 2 * this.codes.length));
      codes.set(this.codes.subarray(0, this.known));
      this.codes = codes;
    }
    for (; this.known < names.length; this.known++) {
      const name = names[this.known]!;
      const code = typeof name === 'string' ? this.vocabulary.code(name) : -1;
      this.codes[this.known] = code;
      if (code !== this.known) this.plain = false;
    }
  }
}

function refuseNulls(data: Data): void {
  if (data.nullCount === 0) return;
  for (let row = 0; row < data.length; row++) if (!data.getValid(row)) throw new ValueError(row, 'the value is missing');
}

/** Beyond 2^53 in the upper half of a 64-bit integer; a negative number has its sign there, too. */
const TOP_LIMIT = 0x1fffff;

/** 64-bit integers from their halves: BigInts would cost an allocation each. Arrow's files hold the low half first. */
function joinHalves(values: BigInt64Array | BigUint64Array, length: number, target: Float64Array): void {
  const low = new Uint32Array(values.buffer, values.byteOffset, 2 * length);
  const high = new Int32Array(values.buffer, values.byteOffset, 2 * length);
  let wrong = 0;
  for (let row = 0; row < length; row++) {
    const top = high[2 * row + 1]!;
    wrong |= top | (TOP_LIMIT - top);
    target[row] = top * 4294967296 + low[2 * row]!;
  }
  // One look for all: the sign of what has been gathered.
  if (wrong < 0) for (let row = 0; row < length; row++) checkHalf(values, high, row);
}

function joinSome(values: BigInt64Array | BigUint64Array, rows: Int32Array, target: Float64Array): void {
  const low = new Uint32Array(values.buffer, values.byteOffset, 2 * values.length);
  const high = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  let wrong = 0;
  for (let i = 0; i < rows.length; i++) {
    const place = 2 * rows[i]!;
    const top = high[place + 1]!;
    wrong |= top | (TOP_LIMIT - top);
    target[i] = top * 4294967296 + low[place]!;
  }
  if (wrong < 0) for (const row of rows) checkHalf(values, high, row);
}

function checkHalf(values: BigInt64Array | BigUint64Array, high: Int32Array, row: number): void {
  const top = high[2 * row + 1]!;
  if (top < 0 || top > TOP_LIMIT) throw new ValueError(row, `${values[row]} is not in 0..2^53 - 1`);
}

/** Integers of up to 32 bits. */
function copyIntegers(values: Int32Array, length: number, target: Float64Array): void {
  let wrong = 0;
  for (let row = 0; row < length; row++) {
    const value = values[row]!;
    wrong |= value;
    target[row] = value;
  }
  // Unsigned ones above 2^31 look negative, too.
  if (wrong < 0) for (let row = 0; row < length; row++) checkWhole(values[row]!, row);
}

function copySome(values: Int32Array, rows: Int32Array, target: Float64Array): void {
  let wrong = 0;
  for (let i = 0; i < rows.length; i++) {
    const value = values[rows[i]!]!;
    wrong |= value;
    target[i] = value;
  }
  if (wrong < 0) for (const row of rows) checkWhole(values[row]!, row);
}

function copyFloats(values: Float32Array | Float64Array, length: number, rows: Int32Array | null, target: Float64Array): void {
  const count = rows === null ? length : rows.length;
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : rows[i]!;
    checkWhole(values[row]!, row);
    target[i] = values[row]!;
  }
}

function checkWhole(value: number, row: number): void {
  if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER) || value !== Math.floor(value)) throw new ValueError(row, `${value} is not a whole number in 0..2^53 - 1`);
}
