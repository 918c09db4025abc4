import { describe, expect, it } from 'vitest';
import { Streams } from '../../src/events/random.ts';
import { mser } from '../../src/study/mser.ts';
import { INTERVAL, judge } from '../../src/study/warmup.ts';
import { result } from './results.ts';

/** Uniform noise around 0.2 with a start of `transient` observations at another level. */
function series(length: number, transient: number, height: number, noise = 0.001): number[] {
  const stream = new Streams(7, 0).stream('test');
  return Array.from({ length }, (_, index) => 0.2 + (index < transient ? height : 0) + stream.between(-noise, noise));
}

describe('MSER-5', () => {
  it('cuts a transient off at its end, rounded up to whole batches', () => {
    expect(mser(series(1000, 100, 0.05)).cut).toBe(100);
    expect(mser(series(1000, 103, 0.05)).cut).toBe(105);
  });

  it('cuts most of a geometric approach, whose rest is within the noise', () => {
    const approach = series(1000, 0, 0).map((value, index) => value + 0.1 * 0.95 ** index);
    const { cut, undecided } = mser(approach);
    expect(undecided).toBe(false);
    expect(0.1 * 0.95 ** cut).toBeLessThan(0.001);
    expect(cut).toBeLessThan(250);
  });

  it('cuts nothing of a constant series', () => {
    expect(mser(Array.from({ length: 100 }, () => 0.3))).toEqual({ cut: 0, undecided: false, standardError: 0 });
  });

  it('says that it cannot tell when the level changes in the second half', () => {
    expect(mser(series(1000, 800, 0.05)).undecided).toBe(true);
  });

  it('gives the standard error of the batch means', () => {
    // Batch means 1, 3, 1, 3, ...: with n of them the mean is 2, the squares sum to n, so the error is sqrt(n) / n.
    const batches = Array.from({ length: 500 }, (_, index) => (Math.floor(index / 5) % 2 === 0 ? 1 : 3));
    expect(mser(batches).standardError).toBeCloseTo(Math.sqrt(100) / 100, 10);
  });

  it('refuses a series without five batches', () => {
    expect(() => mser([1, 2, 3, 4])).toThrow(RangeError);
  });
});

describe('warm-up', () => {
  const sampled = (transientSeconds: number, height = 0.05) => ({ ...result({ system: 'bmk' }), utilisationSeries: series(20 / INTERVAL, transientSeconds / INTERVAL, height) });

  it('is enough when the transient ends before it', () => {
    const row = judge([sampled(2), sampled(2)]);
    expect(row).toMatchObject({ verdict: 'yes', runs: 2 });
    expect(row.cut).toBeCloseTo(2, 10);
  });

  it('is not enough when the transient ends after it, and the bias is what the transient leaves', () => {
    const row = judge([sampled(12)]);
    expect(row.verdict).toBe('no');
    expect(row.bias).toBeCloseTo(0.05 * 0.2, 4); // 2 of the 10 s that were kept
  });

  it('does not mistake a late cut without a difference for a trend', () => {
    // A step of 0.004 points, too small for any figure, but with a noise so low that the rule sees it.
    const steps = { ...result({ system: 'bmk' }), utilisationSeries: series(20 / INTERVAL, 12 / INTERVAL, 0.00004, 0.000001) };
    expect(judge([steps])).toMatchObject({ verdict: 'yes, no trend', cut: 12, undecided: true });
  });
});
