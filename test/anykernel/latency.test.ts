import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencyHistogram } from '../../src/anykernel/latency.ts';
import { MS, US } from '../../src/events/time.ts';

test('an empty histogram is all zeros', () => {
  const histogram = new LatencyHistogram();
  expect([histogram.samples, histogram.mean(), histogram.quantile(0.5), histogram.quantile(0.99)]).toEqual([0, 0, 0, 0]);
});

test('the mean is exact, a quantile is that of the sorted latencies to half a bin of 0.5 us', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(19 * MS), { minLength: 1, maxLength: 200 }), fc.double({ min: 0.001, max: 1, noNaN: true }), (latencies, q) => {
      const histogram = new LatencyHistogram();
      for (const latency of latencies) histogram.add(latency);
      const sorted = latencies.toSorted((a, b) => a - b);
      const exact = sorted[Math.ceil(q * latencies.length) - 1] ?? NaN;
      expect(histogram.samples).toBe(latencies.length);
      expect(histogram.mean()).toBe(latencies.reduce((sum, latency) => sum + latency, 0) / latencies.length);
      expect(Math.abs(histogram.quantile(q) - exact)).toBeLessThanOrEqual(0.25 * US);
    }),
  );
});

test('latencies past 20 ms are kept as that', () => {
  const histogram = new LatencyHistogram();
  histogram.add(500 * MS);
  expect(histogram.quantile(1)).toBeCloseTo(20 * MS, -6);
  expect(histogram.mean()).toBe(500 * MS);
});

test('a run is so many latencies one by one, past 20 ms and past 2^53 in all, too', () => {
  const step = fc.oneof(fc.integer({ min: -30 * US, max: 30 * US }), fc.constantFrom(0, 0.5 * US, -0.5 * US, US, MS));
  const latency = fc.oneof(fc.nat(2 * MS), fc.nat(40).map((bins) => bins * 0.5 * US), fc.nat(25 * MS), fc.nat(2 ** 50));
  const run = fc.record({ latency, step, count: fc.integer({ min: 1, max: 60 }) }).filter(({ latency, step, count }) => latency >= (count - 1) * step);
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 20 }), (runs) => {
      const [whole, single] = [new LatencyHistogram(), new LatencyHistogram()];
      for (const { latency, step, count } of runs) {
        whole.addRun(latency, step, count);
        for (let i = 0; i < count; i++) single.add(latency - i * step);
      }
      const read = (histogram: LatencyHistogram) => [histogram.samples, histogram.mean(), ...Array.from({ length: 101 }, (_, i) => histogram.quantile(i / 100))];
      expect(read(whole)).toEqual(read(single));
    }),
  );
});

test('clear forgets', () => {
  const histogram = new LatencyHistogram();
  histogram.add(MS);
  histogram.clear();
  histogram.add(2 * MS);
  expect([histogram.samples, histogram.mean(), histogram.quantile(0.5)]).toEqual([1, 2 * MS, 2 * MS + 0.25 * US]);
});
