import { expect, test } from 'vitest';
import { splitData } from '../../notebooks/lib/chart-data.ts';
import { fig4 } from '../../src/chart/fig4.ts';
import { paper } from '../../notebooks/jupyter/study.ts';

test('charts that differ in their data alone have one shape, others have not', () => {
  const points = (seconds: number, loads: readonly number[]) => paper({ systems: ['bmk', 'sel4-msi'], loads, duration: seconds, warmup: seconds / 2 });
  const [a, b, c] = [splitData(fig4(points(0.4, [180, 360]), 'fq')), splitData(fig4(points(0.5, [180, 360]), 'fq')), splitData(fig4(points(0.4, [180, 720]), 'fq'))];
  expect(a.shape).toBe(b.shape);
  expect(a.datasets).not.toEqual(b.datasets);
  expect(c.shape).not.toBe(a.shape);
  expect(a.shape).not.toContain('"values":[{');
});

test('data are taken out by name, in the order in which they stand', () => {
  const spec = { data: { values: [1] }, layer: [{ mark: 'point', encoding: {} }, { data: { values: [2] }, mark: 'rule', encoding: {} }] };
  expect(splitData(spec as never)).toEqual({
    spec: { data: { name: 'd0' }, layer: [{ mark: 'point', encoding: {} }, { data: { name: 'd1' }, mark: 'rule', encoding: {} }] },
    shape: '{"data":{"name":"d0"},"layer":[{"mark":"point","encoding":{}},{"data":{"name":"d1"},"mark":"rule","encoding":{}}]}',
    datasets: { d0: [1], d1: [2] },
  });
});
