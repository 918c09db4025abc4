import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addEquations, addRow, normalEquations, solve } from '../../../src/study/validate/least-squares.ts';

const TERMS = ['one', 'a', 'b'];

describe('least squares', () => {
  test('finds the function that exact rows lie on', () => {
    fc.assert(fc.property(fc.tuple(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: -5000, max: 5000 })), ([one, a, b]) => {
      const equations = normalEquations(TERMS);
      for (const [x, y] of [[1, 0], [2, 1], [5, 0], [1, 4], [9, 2]] as const) addRow(equations, [1, x, y], one + a * x + b * y);
      const { values } = solve(equations);
      expect(values.get('one')).toBeCloseTo(one, 5);
      expect(values.get('a')).toBeCloseTo(a, 5);
      expect(values.get('b')).toBeCloseTo(b, 5);
    }));
  });

  test('is the mean where there is only a constant', () => {
    const equations = normalEquations(['one']);
    for (const y of [3, 5, 10]) addRow(equations, [1], y);
    expect(solve(equations).values.get('one')).toBeCloseTo(6, 12);
  });

  test('leaves residuals that no term explains', () => {
    const rows = [[1, 1, 7, 20], [1, 2, 1, 33], [1, 3, 4, 41], [1, 4, 1, 60], [1, 9, 3, 70]] as const;
    const equations = normalEquations(TERMS);
    for (const [one, a, b, y] of rows) addRow(equations, [one, a, b], y);
    const { values } = solve(equations);
    const residual = rows.map(([one, a, b, y]) => y - (values.get('one') ?? 0) * one - (values.get('a') ?? 0) * a - (values.get('b') ?? 0) * b);
    [0, 1, 2].forEach((term) => expect(residual.reduce((sum, value, i) => sum + value * (rows[i]?.[term] ?? 0), 0)).toBeCloseTo(0, 6));
  });

  test('leaves out a term that the rows cannot tell from others', () => {
    const equations = normalEquations(TERMS);
    for (const x of [1, 2, 3]) addRow(equations, [1, x, 2 * x], 4 + 6 * x);
    const { values } = solve(equations);
    expect([...values.keys()]).toEqual(['one', 'a']);
    expect(values.get('a')).toBeCloseTo(6, 9);
  });

  test('taking rows out again is never having had them', () => {
    const [all, some, rest] = [normalEquations(TERMS), normalEquations(TERMS), normalEquations(TERMS)];
    for (let i = 0; i < 20; i++) {
      const row = [1, i % 5, i * i];
      addRow(all, row, 3 * i);
      addRow(i < 8 ? some : rest, row, 3 * i);
    }
    addEquations(all, some, -1);
    expect(all).toEqual(rest);
  });
});
