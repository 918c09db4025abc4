/**
 * What least squares needs of its rows: X'X, X'y, y'y and their number. Sums, so rows of several recordings are added, and one recording's are subtracted.
 * The first term is usually a constant 1.
 */
export interface NormalEquations {
  readonly terms: readonly string[];
  n: number;
  /** Row by row, `terms.length` squared. */
  readonly xx: number[];
  readonly xy: number[];
  yy: number;
}

export function normalEquations(terms: readonly string[]): NormalEquations {
  return { terms, n: 0, xx: terms.flatMap(() => terms.map(() => 0)), xy: terms.map(() => 0), yy: 0 };
}

/** Adds a row; `x` has a value a term. */
export function addRow(into: NormalEquations, x: readonly number[], y: number): void {
  const size = into.terms.length;
  for (let i = 0; i < size; i++) {
    const xi = x[i]!; // a value a term
    if (xi === 0) continue;
    for (let j = 0; j < size; j++) into.xx[i * size + j]! += xi * x[j]!;
    into.xy[i]! += xi * y;
  }
  into.yy += y * y;
  into.n++;
}

/** Adds the sums of `from`, times `sign`: -1 takes them out again. */
export function addEquations(into: NormalEquations, from: NormalEquations, sign: 1 | -1 = 1): void {
  into.xx.forEach((_, i) => {
    into.xx[i]! += sign * (from.xx[i] ?? 0);
  });
  into.xy.forEach((_, i) => {
    into.xy[i]! += sign * (from.xy[i] ?? 0);
  });
  into.yy += sign * from.yy;
  into.n += sign * from.n;
}

/** Part of a diagonal element that must be left after the other terms are taken out; less is a sum of the others within rounding. */
const SINGULAR = 1e-9;

export interface Fit {
  /** By term; a term that the rows cannot tell from the others is not in it. */
  readonly values: ReadonlyMap<string, number>;
  readonly n: number;
}

/**
 * Solves the normal equations by Cholesky. Terms that the rows do not determine, and those in `fixed`, are held: fixed ones at their values, the others out.
 */
export function solve(equations: NormalEquations, fixed: ReadonlyMap<string, number> = new Map()): Fit {
  const { terms, xx, xy, n } = equations;
  const size = terms.length;
  const held = terms.map((term) => fixed.get(term));
  const lower: number[][] = [];
  const rows: number[] = [];
  // Term after term: a pivot that is nothing but rounding means the term is a combination of those before it.
  for (let i = 0; i < size; i++) {
    const diagonal = xx[i * size + i]!; // size squared
    if (held[i] !== undefined || diagonal <= 0) continue;
    const row: number[] = [];
    rows.forEach((other, j) => {
      let sum = xx[i * size + other]!;
      for (let k = 0; k < j; k++) sum -= row[k]! * lower[j]![k]!;
      row.push(sum / lower[j]![j]!);
    });
    const pivot = diagonal - row.reduce((sum, value) => sum + value * value, 0);
    if (pivot <= SINGULAR * diagonal) continue;
    row.push(Math.sqrt(pivot));
    lower.push(row);
    rows.push(i);
  }
  const right = rows.map((i) => terms.reduce((sum, _, j) => sum - (held[j] ?? 0) * xx[i * size + j]!, xy[i]!));
  const forward: number[] = [];
  lower.forEach((row, i) => {
    forward.push((right[i]! - row.slice(0, i).reduce((sum, value, k) => sum + value * forward[k]!, 0)) / row[i]!);
  });
  const solution = [...forward];
  for (let i = rows.length - 1; i >= 0; i--) {
    let sum = forward[i]!;
    for (let k = i + 1; k < rows.length; k++) sum -= lower[k]![i]! * solution[k]!;
    solution[i] = sum / lower[i]![i]!;
  }
  const values = new Map<string, number>();
  rows.forEach((term, i) => values.set(terms[term] ?? '', solution[i] ?? 0));
  return { values, n };
}
