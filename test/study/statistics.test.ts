import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Streams } from '../../src/events/random.ts';
import { mean, sampleDeviation, studentQuantile, summarise } from '../../src/study/statistics.ts';

describe('Student\'s t', () => {
  // Any printed table of the distribution, three digits.
  test.each([
    [1, 6.314, 12.706, 63.657],
    [2, 2.92, 4.303, 9.925],
    [3, 2.353, 3.182, 5.841],
    [4, 2.132, 2.776, 4.604],
    [5, 2.015, 2.571, 4.032],
    [9, 1.833, 2.262, 3.25],
    [10, 1.812, 2.228, 3.169],
    [29, 1.699, 2.045, 2.756],
    [30, 1.697, 2.042, 2.75],
    [120, 1.658, 1.98, 2.617],
  ])('quantiles at %i degrees are those of the tables', (degrees, at95, at975, at995) => {
    expect(studentQuantile(0.95, degrees)).toBeCloseTo(at95, 3);
    expect(studentQuantile(0.975, degrees)).toBeCloseTo(at975, 3);
    expect(studentQuantile(0.995, degrees)).toBeCloseTo(at995, 3);
  });

  test('many degrees come near the normal distribution', () => {
    expect(studentQuantile(0.975, 100_000)).toBeCloseTo(1.95996, 4);
  });

  test('one and two degrees have closed forms', () => {
    fc.assert(fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (p) => {
      const cauchy = Math.tan(Math.PI * (p - 0.5));
      const two = (2 * p - 1) / Math.sqrt(2 * p * (1 - p));
      expect(Math.abs(studentQuantile(p, 1) - cauchy)).toBeLessThan(1e-9 * (1 + Math.abs(cauchy)));
      expect(Math.abs(studentQuantile(p, 2) - two)).toBeLessThan(1e-9 * (1 + Math.abs(two)));
    }));
  });

  test('quantiles are symmetric, rise with probability, and fall in size with degrees', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0.51, max: 0.99, noNaN: true }), (degrees, p) => {
      const quantile = studentQuantile(p, degrees);
      expect(studentQuantile(1 - p, degrees)).toBeCloseTo(-quantile, 9);
      expect(studentQuantile(p + 0.005, degrees)).toBeGreaterThan(quantile);
      expect(studentQuantile(p, degrees + 1)).toBeLessThan(quantile);
    }));
  });

  test.each([[0, 4], [1, 4], [-0.1, 4], [Number.NaN, 4], [0.5, 0], [0.5, 1.5]])('probability %d with %d degrees is refused', (probability, degrees) => {
    expect(() => studentQuantile(probability, degrees)).toThrow(RangeError);
  });
});

describe('mean and deviation', () => {
  test('of a sample with known ones', () => {
    const values = [2, 4, 4, 4, 5, 5, 7, 9];
    expect(mean(values)).toBe(5);
    expect(sampleDeviation(values)).toBe(Math.sqrt(32 / 7));
  });

  test('a large offset costs no digits', () => {
    expect(sampleDeviation([1e9 + 1, 1e9 + 2, 1e9 + 3])).toBe(1);
  });

  test('one value has neither deviation nor interval', () => {
    expect(summarise([3])).toEqual({ n: 1, mean: 3, sd: null, half: null });
    expect(() => sampleDeviation([3])).toThrow(RangeError);
    expect(() => mean([])).toThrow(RangeError);
  });

  test('five values: half the interval is 2.776 sd / sqrt(5)', () => {
    const { sd, half } = summarise([1, 2, 3, 4, 5]);
    expect(half).toBeCloseTo((2.776445 * (sd ?? 0)) / Math.sqrt(5), 5);
  });

  test('95 % of the intervals of five normal values cover the mean', () => {
    const stream = new Streams(7, 0).stream('test/coverage');
    // Box and Muller.
    const normal = (): number => Math.sqrt(-2 * Math.log(1 - stream.uniform())) * Math.cos(2 * Math.PI * stream.uniform());
    const trials = 5000;
    let covered = 0;
    for (let trial = 0; trial < trials; trial++) {
      const { mean, half } = summarise(Array.from({ length: 5 }, () => 10 + 2 * normal()));
      if (half !== null && Math.abs(mean - 10) <= half) covered++;
    }
    const tolerance = 4 * Math.sqrt((0.95 * 0.05) / trials);
    expect(Math.abs(covered / trials - 0.95)).toBeLessThan(tolerance);
  });
});
