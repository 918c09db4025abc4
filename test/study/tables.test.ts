import { fromCSV } from 'arquero';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { OPERATIONS } from '../../src/kernel/sel4/operation.ts';
import { judgeClaims } from '../../src/study/claims.ts';
import { PointSet } from '../../src/study/points.ts';
import { arrow, claimsTable, csv, fig4Table, fig5Table, runsTable } from '../../src/study/tables.ts';
import { figureResults, result } from './results.ts';

const results = figureResults([180, 900], ['fq', 'even'], 3);
const points = new PointSet(results);
const claims = judgeClaims(points, { loads: [180, 900], pacings: ['fq', 'even'] });

describe('tables', () => {
  test('one row a run, with every digit in CSV', () => {
    const back = fromCSV(csv(runsTable(results)), { autoType: false });
    expect(back.numRows()).toBe(results.length);
    expect(Array.from(back.array('utilisation'), Number)).toEqual(results.map(({ utilisation }) => utilisation));
    expect(back.array('fingerprint')).toEqual(results.map(({ fingerprint }) => fingerprint));
  });

  test('Fig 4 has one row a point, mean inside its interval, sd of the replications', () => {
    const table = fig4Table(points);
    expect(table.numRows()).toBe(4 * 2 * 2);
    for (const row of table.objects() as Record<string, number>[]) {
      expect(row['utilisation_low']).toBeLessThan(row['utilisation'] ?? Number.NaN);
      expect(row['utilisation_high']).toBeGreaterThan(row['utilisation'] ?? Number.NaN);
      // The sketches lie 0.0001 apart.
      expect(row['utilisation_sd']).toBeCloseTo(0.0001, 10);
    }
  });

  test('a single run has no deviation: empty in CSV, null in Arrow', () => {
    const table = fig4Table(new PointSet([result()]));
    expect(fromCSV(csv(table), { autoType: false }).get('utilisation_sd', 0)).toBeFalsy();
    expect(tableFromIPC(arrow(table)).getChild('utilisation_sd')?.get(0)).toBeNull();
  });

  test('Fig 5\'s operations add up to the kernel share; bare metal has none', () => {
    const table = fig5Table(points);
    expect(table.numRows()).toBe(3 * 2 * 2 * OPERATIONS.length);
    expect(new Set(table.array('system'))).toEqual(new Set(['sel4-pic', 'sel4-ioapic', 'sel4-msi']));
    for (const system of ['sel4-pic', 'sel4-msi']) {
      const rows = (table.objects() as Record<string, string | number>[]).filter((row) => row['system'] === system && row['load_mbps'] === 900 && row['pacing'] === 'fq');
      const add = (column: string): number => rows.reduce((sum, row) => sum + Number(row[column]), 0);
      expect(add('share_of_cpu')).toBeCloseTo(results.find((run) => run.system === system)?.kernelShare ?? Number.NaN, 12);
      expect(add('share_of_kernel')).toBeCloseTo(1, 12);
      expect(add('log_share_of_cpu')).toBeCloseTo(add('share_of_cpu') / 2, 12);
    }
  });

  test('another reader of Arrow finds float64 and utf8 columns with the same values', () => {
    for (const table of [runsTable(results), fig4Table(points), fig5Table(points), claimsTable(claims)]) {
      const read = tableFromIPC(arrow(table));
      expect(read.numRows).toBe(table.numRows());
      for (const name of table.columnNames()) {
        const column = read.getChild(name);
        expect(['Float64', 'Utf8']).toContain(String(column?.type));
        expect([...(column ?? [])]).toEqual(Array.from(table.array(name)));
      }
    }
  });

  test('claims keep commas and quotes of their text through CSV', () => {
    const back = fromCSV(csv(claimsTable(claims)), { autoType: false });
    expect(back.array('text')).toEqual(claims.map(({ text }) => text));
    expect(back.array('holds')).toEqual(claims.map(({ holds }) => (holds === null ? 'open' : holds ? 'yes' : 'no')));
  });
});
