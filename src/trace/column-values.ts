import type { ColumnType } from './format.ts';
import { MOST_NAMES } from './vocabulary.ts';

/** Largest value that a column can hold; of 64 bits only what a double holds exactly. The smallest is 0. */
export const LARGEST: Readonly<Record<ColumnType, number>> = { int8: 0x7f, int16: 0x7fff, int32: 0x7fffffff, int64: Number.MAX_SAFE_INTEGER, dictionary: MOST_NAMES - 1 };

/** A value that its column cannot hold, by its place in the batch. */
export class ColumnError extends Error {
  readonly row: number;

  constructor(row: number, column: string, value: number, largest: number) {
    super(`${column} is ${value}, not a whole number in 0..${largest}`);
    this.row = row;
  }
}
