import { type Data, DataType, Vector } from 'apache-arrow';

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

/** A column of numbers as doubles, every one a whole number in 0..2^53 - 1. @throws ValueError for the first that is not. */
export function readIntegers(data: Data, target: Float64Array): void {
  refuseNulls(data);
  const values: unknown = data.values;
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    joinHalves(values, data.length, target);
  } else {
    target.set((values as Int32Array | Float64Array).subarray(0, data.length));
    checkWhole(target, data.length);
  }
}

/** A column of names as codes: places in `names`, at whose end unknown names are added. */
export function readNames(data: Data, names: string[], target: Int32Array): void {
  refuseNulls(data);
  const code = (name: unknown, row: number): number => {
    if (typeof name !== 'string') throw new ValueError(row, 'there is no name');
    const known = names.indexOf(name);
    return known >= 0 ? known : names.push(name) - 1;
  };
  if (data.dictionary === undefined || data.dictionary === null) {
    const texts = new Vector([data]);
    for (let row = 0; row < data.length; row++) target[row] = code(texts.get(row), row);
    return;
  }
  const { dictionary } = data;
  const codes = new Int32Array(dictionary.length).fill(-1);
  target.set((data.values as Int32Array).subarray(0, data.length));
  for (let row = 0; row < data.length; row++) {
    const index = target[row]!;
    if (!(index >= 0 && index < codes.length)) throw new ValueError(row, `code ${index} is not in the dictionary`);
    if (codes[index]! < 0) codes[index] = code(dictionary.get(index), row);
    target[row] = codes[index]!;
  }
}

function refuseNulls(data: Data): void {
  if (data.nullCount === 0) return;
  for (let row = 0; row < data.length; row++) if (!data.getValid(row)) throw new ValueError(row, 'the value is missing');
}

/** 64-bit integers from their halves: BigInts would cost an allocation each. Arrow's files hold the low half first. */
function joinHalves(values: BigInt64Array | BigUint64Array, length: number, target: Float64Array): void {
  const low = new Uint32Array(values.buffer, values.byteOffset, 2 * length);
  const high = new Int32Array(values.buffer, values.byteOffset, 2 * length);
  for (let row = 0; row < length; row++) {
    const top = high[2 * row + 1]!;
    // The upper half of 2^53 - 1 is 0x1fffff; a negative number has its sign there, too.
    if (top < 0 || top > 0x1fffff) throw new ValueError(row, `${values[row]} is not in 0..2^53 - 1`);
    target[row] = top * 4294967296 + low[2 * row]!;
  }
}

function checkWhole(values: Float64Array, length: number): void {
  for (let row = 0; row < length; row++) {
    const value = values[row]!;
    if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER) || value !== Math.floor(value)) throw new ValueError(row, `${value} is not a whole number in 0..2^53 - 1`);
  }
}
