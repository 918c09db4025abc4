import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { cost, type Cost } from '../../src/hw/cost.ts';
import { bandStudy, quantile } from '../../src/study/bands.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { drawCosts, latinHypercube, valueAt } from '../../src/study/latin-hypercube.ts';
import { SYSTEMS } from '../../src/study/system.ts';

const lopsided = cost('a', 2, 'ns', [1, 9], 'estimate', 'test');

describe('Latin hypercube', () => {
  it('has exactly one point in each part of each axis', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(1000), (count, seed) => {
      for (const axis of latinHypercube(['x', 'y'], count, seed).values()) {
        expect(axis.map((place) => Math.floor(place * count)).toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
      }
    }));
  });

  it('gives an axis that depends on its own name and the seed alone', () => {
    const alone = latinHypercube(['x'], 20, 3).get('x');
    expect(latinHypercube(['w', 'x'], 20, 3).get('x')).toEqual(alone);
    expect(latinHypercube(['x'], 20, 4).get('x')).not.toEqual(alone);
    expect(latinHypercube(['w', 'x'], 20, 3).get('w')).not.toEqual(alone);
  });

  it('leaves axes uncorrelated but for chance', () => {
    const count = 400;
    const axes = latinHypercube(['x', 'y'], count, 1);
    const [x = [], y = []] = [axes.get('x'), axes.get('y')];
    const covariance = x.reduce((sum, value, index) => sum + (value - 0.5) * ((y[index] ?? 0) - 0.5), 0) / count;
    // The correlation of two independent permutations has a standard deviation of 1 / sqrt(n - 1).
    expect(Math.abs(covariance * 12)).toBeLessThan(4 / Math.sqrt(count - 1));
  });
});

describe('values of a draw', () => {
  it('have the published value as their median and stay in the range', () => {
    expect(valueAt(lopsided, 0.5)).toBe(2);
    expect(valueAt(lopsided, 0)).toBe(1);
    expect(valueAt(lopsided, 1)).toBe(9);
    expect(valueAt(lopsided, 0.25)).toBe(1.5);
    expect(valueAt(lopsided, 0.75)).toBe(5.5);
  });

  it('have the mean of two halves', () => {
    const values = drawCosts([lopsided], 1000, 1).map(({ a }) => a ?? 0);
    // Stratified: the error of the mean is of the order of the range over n^1.5.
    expect(values.reduce((sum, value) => sum + value, 0) / 1000).toBeCloseTo((1.5 + 5.5) / 2, 3);
  });

  it('are whole where the cost is', () => {
    const whole: Cost = cost('b', 10, 'count', [1, 20], 'estimate', 'test');
    for (const { b } of drawCosts([whole], 50, 1)) expect(Number.isInteger(b)).toBe(true);
  });

  it('move reads and writes of one slow device together, and leave out costs without a range', () => {
    const costs = defaultCosts();
    const fixed = cost('c', 3, 'ns', [3, 3], 'estimate', 'test');
    for (const draw of drawCosts([costs.row('pic.in'), costs.row('pic.out'), fixed], 30, 2)) {
      expect(draw['pic.in']).toBe(draw['pic.out']); // they have the same range
      expect(draw).not.toHaveProperty('c');
    }
  });
});

describe('bands', () => {
  it('interpolate quantiles', () => {
    expect(quantile([1, 2, 3, 4, 5], 0.5)).toBe(3);
    expect(quantile([0, 10], 0.25)).toBe(2.5);
    expect(() => quantile([], 0.5)).toThrow(RangeError);
  });

  it('contain the published value and order their ends', async () => {
    const systems = SYSTEMS.filter(({ name }) => name === 'bmk' || name === 'sel4-msi');
    const study = await bandStudy({ systems, loads: [180], pacing: 'fq', costs: defaultCosts(), duration: 0.15, warmup: 0.05, seed: 1 }, 12, { jobs: 2 });
    expect(study).toMatchObject({ complete: true, points: { length: 12 } });
    expect(study.bands.map(({ system }) => system)).toEqual(['sel4-msi', 'bmk']);
    for (const { low, median, high, published } of study.bands) {
      expect(low).toBeLessThan(median);
      expect(median).toBeLessThan(high);
      expect(published).toBeGreaterThan(low);
      expect(published).toBeLessThan(high);
    }
  });
});
