import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromSeconds, toSeconds, toTicks } from '../../src/trace/clock.ts';
import { SIMULATED_CLOCK, type TraceClock } from '../../src/trace/metadata.ts';

const clock = (numerator: number, denominator: number): TraceClock => ({ ...SIMULATED_CLOCK, picoseconds: { numerator, denominator } });

describe('times of a clock in picoseconds', () => {
  test('are exact, rounded down, for any fraction', () => {
    const part = fc.oneof(fc.constantFrom(1, 3, 17, 1000, 5000), fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
    fc.assert(
      fc.property(part, part, fc.maxSafeNat(), (numerator, denominator, units) => {
        const exact = (BigInt(units) * BigInt(numerator)) / BigInt(denominator);
        const got = toTicks(clock(numerator, denominator))(units);
        // What a double does not hold exactly is only told apart.
        const most = BigInt(Number.MAX_SAFE_INTEGER);
        expect(exact <= most ? BigInt(got) : BigInt(got) > most).toBe(exact <= most ? exact : true);
      }),
      { numRuns: 2000 },
    );
  });

  test('a 3.4 GHz counter: 34 cycles are 10 ns', () => {
    const ticks = toTicks(clock(5000, 17));
    expect([ticks(0), ticks(1), ticks(17), ticks(34)]).toEqual([0, 294, 5000, 10_000]);
  });

  test('seconds go both ways', () => {
    expect(toSeconds(clock(1000, 1), 1_500_000_000)).toBe(1.5);
    expect(fromSeconds(clock(1000, 1), 1.5)).toBe(1_500_000_000);
    expect(fromSeconds(clock(5000, 17), 1e-6)).toBe(3400);
  });
});
