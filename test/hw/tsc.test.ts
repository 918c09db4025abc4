import { describe, expect, test } from 'vitest';
import { MS, SECOND } from '../../src/events/time.ts';
import { cost, CostTable } from '../../src/hw/cost.ts';
import { Tsc } from '../../src/hw/tsc.ts';

function tscAt(megahertz: number): Tsc {
  return new Tsc(new CostTable([cost('tsc.frequency', megahertz, 'MHz', [megahertz, megahertz], 'datasheet', 'test')]));
}

describe('the time-stamp counter', () => {
  test('counts its own frequency, whatever the core runs at', () => {
    expect(tscAt(3400).read(SECOND)).toBe(3.4e9);
    expect(tscAt(2000).read(7 * MS)).toBe(14e6);
  });

  test('has counted only whole counts', () => {
    // 3.4 GHz: the second count is complete after 588.2 ps.
    expect(tscAt(3400).read(588)).toBe(1);
    expect(tscAt(3400).read(589)).toBe(2);
  });

  test('measures spans without rounding', () => {
    expect(tscAt(3400).counts(1000)).toBeCloseTo(3.4, 12);
  });
});
