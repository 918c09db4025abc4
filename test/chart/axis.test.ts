import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundAxis } from '../../src/chart/axis.ts';

test.each([[25.4, 30], [1.77, 2], [2.93, 3], [0.42, 0.5], [31, 40], [6, 6], [1e-6, 1e-6]])('%d ends at %d', (needed, end) => {
  expect(roundAxis(needed).end).toBe(end);
});

test('an axis reaches what is needed in at most six equal steps of 1, 2 or 5', () => {
  fc.assert(fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (needed) => {
    const { end, ticks } = roundAxis(needed);
    const step = ticks[1] ?? Number.NaN;
    expect(end).toBeGreaterThanOrEqual(needed * (1 - 1e-12));
    expect(end - step).toBeLessThan(needed);
    expect(ticks.length).toBeLessThanOrEqual(7);
    expect(ticks[0]).toBe(0);
    expect(ticks.at(-1)).toBe(end);
    expect(step.toExponential(0)).toMatch(/^[125]e/);
    ticks.forEach((tick, index) => expect(tick).toBeCloseTo(index * step, 12));
  }));
});
