import { describe, expect, test } from 'vitest';
import { compare, verdictOf } from '../../../src/study/validate/compare.ts';

const quantities = (values: Readonly<Record<string, number>>): ReadonlyMap<string, number> => new Map(Object.entries(values));
const against = (recorded: Readonly<Record<string, number>>, predicted: Readonly<Record<string, number>>, low = predicted, high = predicted): ReturnType<typeof compare> =>
  compare('x', [], quantities(recorded), { quantities: quantities(predicted), low: quantities(low), high: quantities(high) }, 2);

describe('a row', () => {
  test('has the ratio of predicted to recorded, and is within the aim up to 2 %; busy share up to 5 %', () => {
    const rows = against({ 'ICR reads': 1000, 'RDT writes': 1000, 'busy share': 0.4 }, { 'ICR reads': 1020, 'RDT writes': 979, 'busy share': 0.419 });
    expect(rows.map(({ ratio, within }) => [ratio, within])).toEqual([[1.02, true], [0.979, false], [0.419 / 0.4, true]]);
  });

  test('without a prediction, or of nothing recorded, has no ratio; what is predicted of nothing is outside, unless it is nothing', () => {
    expect(against({ a: 100, b: 0, c: 0 }, { b: 3, c: 0 }).map(({ predicted, ratio, within }) => [predicted, ratio, within])).toEqual([[null, null, null], [3, null, false], [0, null, true]]);
  });

  test('is rare when one more would be outside; instructions are as rare as the entries they belong to, rates as what happened', () => {
    const recorded = { 'kernel entries: tick': 49, 'kernel instructions: tick': 6713, 'kernel entries: Wait': 50, 'NIC interrupts/s': 24.5, 'timer interrupts/s': 25, 'busy share': 0.1 };
    expect(against(recorded, {}).map(({ rare }) => rare)).toEqual([true, true, false, true, false, false]);
  });

  test('outside is one of phases when the recorded number lies among those of the single simulations', () => {
    expect(against({ a: 100, b: 100 }, { a: 110, b: 110 }, { a: 99, b: 101 }, { a: 120, b: 120 }).map(({ phases }) => phases)).toEqual([true, false]);
  });

  test('that only the model has is there, too', () => {
    expect(against({}, { 'kernel entries: Signal': 7 })).toMatchObject([{ quantity: 'kernel entries: Signal', predicted: 7, recorded: 0, ratio: null }]);
  });
});

test('the verdict counts every row once and names the worst that are not rare', () => {
  const rows = against({ a: 1000, b: 1000, c: 1000, d: 10, e: 1000 }, { a: 1001, b: 900, c: 500, d: 5 });
  const verdict = verdictOf(rows);
  expect(verdict).toMatchObject({ rows: 5, within: 1, outside: 3, rareOutside: 1, unpredicted: 1 });
  expect(verdict.worst.map(({ quantity }) => quantity)).toEqual(['c', 'b']);
});
