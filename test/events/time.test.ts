import { describe, expect, test } from 'vitest';
import { LAST_TICK, MS, NS, PS, SECOND, US, secondsToTicks, ticksToSeconds } from '../../src/events/time.ts';

describe('units', () => {
  test('a tick is a picosecond', () => {
    expect([PS, NS / PS, US / NS, MS / US, SECOND / MS]).toEqual([1, 1000, 1000, 1000, 1000]);
  });

  test('the last tick is the last integer that a double tells from its successor: two and a half hours', () => {
    expect(LAST_TICK).toBe(2 ** 53 - 1);
    expect(LAST_TICK / SECOND / 3600).toBeCloseTo(2.5, 2);
  });
});

describe('seconds', () => {
  test.each([
    [0, 0],
    [1, SECOND],
    [0.001, MS],
    [1e-6, US],
    [256e-9, 256 * NS],
    [20, 20 * SECOND],
    [1.024e-6, 1024 * NS],
  ])('%d s is %d ticks and back', (seconds, ticks) => {
    expect(secondsToTicks(seconds)).toBe(ticks);
    expect(ticksToSeconds(ticks)).toBe(seconds);
  });

  test('are rounded to the nearest tick', () => {
    expect([secondsToTicks(1.4e-12), secondsToTicks(1.6e-12), secondsToTicks(1 / 3.4e9)]).toEqual([1, 2, 294]);
  });
});
