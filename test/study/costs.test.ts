import { describe, expect, test } from 'vitest';
import { COST_KINDS } from '../../src/hw/cost.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';

const rows = defaultCosts().rows();

describe('every number of the model', () => {
  test.each(rows.map((row) => [row.id, row] as const))('%s has a range around its value, a kind and a source', (_id, { value, low, high, kind, source, unit }) => {
    expect(low).toBeLessThanOrEqual(value);
    expect(value).toBeLessThanOrEqual(high);
    expect([low, value, high].every((number) => Number.isFinite(number) && number >= 0)).toBe(true);
    expect(COST_KINDS).toContain(kind);
    expect(unit).not.toBe('');
    // A word such as "guess" or "TODO" is not a source.
    expect(source.trim().length).toBeGreaterThan(3);
    expect(source).not.toMatch(/\b(todo|tbd|fixme|xxx)\b/i);
  });

  test('what is fitted says to what', () => {
    expect(rows.filter(({ kind, source }) => kind === 'fitted' && !/Fig|fitted|^as /.test(source))).toEqual([]);
  });

  test('an estimate has a range', () => {
    expect(rows.filter(({ kind, low, high }) => kind === 'estimate' && !(low < high))).toEqual([]);
  });
});
