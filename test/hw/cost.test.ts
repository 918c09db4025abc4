import { describe, expect, test } from 'vitest';
import { cost, CostError, CostTable } from '../../src/hw/cost.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';

const read = cost('hpet.read', 600, 'ns', [400, 1200], 'estimate', 'somewhere');
const cpi = cost('cpi.kernel', 1.5, 'cycles/instruction', [1, 2], 'measured', 'elsewhere');
const table = new CostTable([read, cpi]);

describe('a table of costs', () => {
  test('finds what it holds and says what it does not hold', () => {
    expect(table.value('hpet.read')).toBe(600);
    expect(table.row('cpi.kernel')).toEqual({ id: 'cpi.kernel', value: 1.5, unit: 'cycles/instruction', low: 1, high: 2, kind: 'measured', source: 'elsewhere' });
    expect([table.has('hpet.read'), table.has('hpet.write')]).toEqual([true, false]);
    expect(table.rows()).toEqual([read, cpi]);
    expect(() => table.value('hpet.raed')).toThrow(new CostError('there is no cost named hpet.raed'));
  });

  test.each([
    ['two costs of one name', [read, read], 'cost hpet.read is defined twice'],
    ['a cost without a source', [{ ...read, source: ' ' }], 'cost hpet.read has no source'],
    ['a value below its range', [{ ...read, value: 399 }], 'cost hpet.read: 399 is outside 400..1200 ns'],
    ['a value above its range', [{ ...read, value: 1201 }], 'cost hpet.read: 1201 is outside 400..1200 ns'],
    ['a value that is no number', [{ ...read, value: NaN }], 'cost hpet.read: NaN is outside 400..1200 ns'],
  ])('refuses %s', (_, rows, message) => {
    expect(() => new CostTable(rows)).toThrow(new CostError(message));
  });
});

describe('with', () => {
  test.each([
    ['400', 400],
    [' 400 ns', 400],
    ['0.4us', 0.4 * 1e3],
    ['.4 us', 0.4 * 1e3],
    ['4e-4ms', 4e-4 * 1e6],
    ['400000ps', 400_000 * 1e-3],
    ['1e-6s', 1e-6 * 1e9],
    [800, 800],
  ])('reads %j as nanoseconds', (text, value) => {
    expect(table.with('hpet.read', text).value('hpet.read')).toBeCloseTo(value, 9);
  });

  test('changes a copy, one cost of it, and says so', () => {
    const changed = table.with('hpet.read', '2us').row('hpet.read');
    expect(changed).toMatchObject({ value: 2000, low: 400, high: 2000, kind: 'estimate' });
    expect(changed.source).toContain('600 ns (400..1200, estimate): somewhere');
    expect(table.row('hpet.read')).toBe(read);
    expect(table.with('hpet.read', 300).row('hpet.read')).toMatchObject({ value: 300, low: 300, high: 1200 });
    expect(table.with('hpet.read', 300).row('cpi.kernel')).toBe(cpi);
  });

  test('the value that is there already changes nothing', () => {
    expect(table.with('hpet.read', '0.6 us').row('hpet.read')).toBe(read);
  });

  test.each([
    ['hpet.read', 'fast', "cost hpet.read: 'fast' is not a number in ns"],
    ['hpet.read', '', "cost hpet.read: '' is not a number in ns"],
    ['hpet.read', '1,5', "cost hpet.read: '1,5' is not a number in ns"],
    ['hpet.read', '600 cycles', "cost hpet.read is in ns; '600 cycles' has the unit 'cycles' (use ps, ns, us or ms)"],
    ['cpi.kernel', '2ns', "cost cpi.kernel is in cycles/instruction; '2ns' has the unit 'ns'"],
    ['hpet.read', '-1', 'cost hpet.read: -1 is negative or not finite'],
    ['hpet.read', '1e999', 'cost hpet.read: 1e999 is negative or not finite'],
    ['cpi', 1, 'there is no cost named cpi'],
  ])('refuses %s = %j', (id, text, message) => {
    expect(() => table.with(id, text)).toThrow(new CostError(message));
  });

  test("takes a cost's own unit by name", () => {
    expect(table.with('cpi.kernel', '2 cycles/instruction').value('cpi.kernel')).toBe(2);
  });
});

describe('the numbers of the model', () => {
  const rows = defaultCosts().rows();

  test('each has a range that is not reversed and a source with words in it', () => {
    const poor = rows.filter((row) => row.low < 0 || row.source.split(/\s+/).length < 2).map((row) => row.id);
    expect(poor).toEqual([]);
    expect(rows.length).toBeGreaterThan(100);
  });

  test('only device accesses that decide Fig 5 are fitted, and each says to what', () => {
    const fitted = rows.filter((row) => row.kind === 'fitted').map((row) => row.id);
    expect(fitted.toSorted()).toEqual(['ioapic.write', 'pic.in', 'pic.out', 'pit.in', 'pit.out']);
  });

  test('every code group has one figure for all systems', () => {
    const groups = rows.filter((row) => row.id.startsWith('cpi.')).map((row) => row.id);
    expect(groups).toEqual(expect.arrayContaining(['cpi.app', 'cpi.driver', 'cpi.kernel', 'cpi.sched', 'cpi.stack']));
    // No factor of one system: no group is named after one.
    expect(groups.filter((id) => /sel4|bmk|netbsd|pic|msi/.test(id))).toEqual([]);
  });
});
