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
});
