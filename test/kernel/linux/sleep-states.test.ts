import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { US } from '../../../src/events/time.ts';
import { PathTable } from '../../../src/hw/path.ts';
import { MenuGovernor, sandyBridgeStates, type SleepChoice } from '../../../src/kernel/linux/sleep-states.ts';
import { defaultCosts } from '../../../src/study/cost-tables.ts';

const states = sandyBridgeStates(new PathTable(defaultCosts()));

function after(intervals: readonly number[], choice: SleepChoice = 'menu'): string {
  const governor = new MenuGovernor(states, choice);
  for (const us of intervals) governor.observe(us * US);
  return governor.select().name;
}

const eight = (us: number): number[] => Array.from({ length: 8 }, () => us);

describe('the menu governor', () => {
  test.each([
    [10, 'c1'], [19, 'c1'], [20, 'c1e'], [210, 'c1e'], [211, 'c3'], [344, 'c3'], [345, 'c6'], [5000, 'c6'],
  ] as const)('stays of %i us: %s, by the target residencies of intel_idle', (us, name) => expect(after(eight(us))).toBe(name));

  test('one long stay among eight is dropped', () => expect(after([...eight(50).slice(1), 100_000])).toBe('c1e'));
  test('two are, three are not', () => {
    expect(after([100_000, 90_000, ...eight(50).slice(2)])).toBe('c1e');
    expect(after([100_000, 90_000, 80_000, ...eight(50).slice(3)])).toBe('c6');
  });
  test('a forced state is taken whatever the stays', () => {
    expect(after(eight(5000), 'c1')).toBe('c1');
    expect(after(eight(5), 'c6')).toBe('c6');
    expect(after(eight(5000), 'poll')).toBe('poll');
  });

  /** get_typical_interval as it is written: sort, drop the longest while the others are not alike. Null: no typical one. */
  function typical(stays: readonly number[]): number | null {
    let kept = [...stays];
    while (kept.length > 0) {
      const mean = kept.reduce((sum, us) => sum + us) / kept.length;
      const variance = kept.reduce((sum, us) => sum + (us - mean) ** 2, 0) / kept.length;
      if (mean * mean > 36 * variance || variance <= 400) return mean;
      if (kept.length * 4 <= stays.length * 3) return null;
      const longest = Math.max(...kept);
      kept = kept.filter((us) => us < longest);
    }
    return null;
  }

  test('predicts what its source does, whatever the stays, while they come and go', () => {
    const stay = fc.oneof(fc.constantFrom(8, 8, 58, 200, 200, 209, 210), fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 5000 }));
    fc.assert(
      fc.property(fc.array(stay, { maxLength: 60 }), (stays) => {
        const governor = new MenuGovernor(states, 'menu');
        const seen = eight(10_000);
        let average = 10_000;
        for (const us of stays) {
          governor.observe(us * US);
          seen.push(us);
          average += (us - average) / 8;
          const expected = typical(seen.slice(-8)) ?? average;
          expect(governor.predicted()).toBeCloseTo(expected, 9);
          const fitting = states.filter(({ residency, exit }) => residency <= expected * US && exit <= expected * US);
          expect(governor.select().name).toBe(fitting.at(-1)?.name === 'poll' || fitting.length === 0 ? 'c1' : fitting.at(-1)?.name);
        }
      }),
      { numRuns: 300 },
    );
  });
});
