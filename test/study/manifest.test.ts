import { describe, expect, test } from 'vitest';
import { CostTable } from '../../src/hw/cost.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { costsText, createManifest } from '../../src/study/manifest.ts';

const hash = (data: string | Uint8Array): string => `length:${data.length}`;
const invocation = { command: ['rumpsim', 'run'], node: '24.0.0' };

describe('the hashed text of a cost table', () => {
  test('does not depend on the order of the rows', () => {
    const rows = defaultCosts().rows();
    expect(costsText(new CostTable(rows.toReversed()))).toBe(costsText(new CostTable(rows)));
  });

  test.each([
    ['value', { value: 601 }],
    ['range', { high: 1300 }],
    ['kind', { kind: 'measured' as const }],
    ['source', { source: 'elsewhere' }],
  ])('depends on the %s of every row', (_what, change) => {
    const others = defaultCosts().rows().filter(({ id }) => id !== 'hpet.read');
    const changed = new CostTable([...others, { ...defaultCosts().row('hpet.read'), ...change }]);
    expect(costsText(changed)).not.toBe(costsText(defaultCosts()));
  });

  test('has one line a cost', () => {
    const costs = defaultCosts();
    expect(costsText(costs).trimEnd().split('\n')).toHaveLength(costs.rows().length);
  });
});

test('a manifest has all it takes to compute the thing again, and the invocation apart', () => {
  const costs = defaultCosts();
  const manifest = createManifest({ version: '1.2.3', scenario: { system: 'bmk' }, costs, seeds: { seed: 4, runs: [0, 1] }, traceHashes: { 'wire.arrow': 'sha256:00' }, invocation }, hash);
  expect(manifest).toEqual({
    program: 'rumpsim', version: '1.2.3', scenario: { system: 'bmk' }, costsHash: `length:${costsText(costs).length}`, traceHashes: { 'wire.arrow': 'sha256:00' },
    seeds: { seed: 4, runs: [0, 1] }, invocation,
  });
});
