import { nearest } from './nearest.ts';

/** A number as a user writes it: `384us`, `2604/s`, `1500`. */
export interface Quantity {
  readonly number: number;
  /** As written; empty for a bare number. */
  readonly unit: string;
}

/** Nanoseconds in each unit of time. */
export const TIME_UNITS: Readonly<Record<string, number>> = { ps: 1e-3, ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/** Splits a number from its unit; null when it is neither a number nor a number with something behind it. The micro sign stands for u. */
export function readQuantity(text: string): Quantity | null {
  const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\S*)\s*$/.exec(text.replaceAll(/[µμ]/g, 'u'));
  if (match === null) return null;
  const number = Number(match[1]);
  return Number.isFinite(number) ? { number, unit: match[2] ?? '' } : null;
}

/** What is wrong with a unit, and the nearest valid one. */
export function wrongUnit(unit: string, units: readonly string[]): string {
  return `unknown unit '${unit}': did you mean '${nearest(unit, units) ?? ''}'? (units: ${units.join(', ')})`;
}
