import fc from 'fast-check';
import { expect, test } from 'vitest';
import { naturalLog } from '../../src/load/logarithm.ts';

function ulp(x: number): number {
  const bits = new BigInt64Array(1);
  const value = new Float64Array(bits.buffer);
  value[0] = Math.abs(x);
  bits[0] = (bits[0] ?? 0n) + 1n;
  return (value[0] ?? 0) - Math.abs(x);
}

test('the logarithm agrees with the engine\'s to one unit in the last place', () => {
  fc.assert(
    fc.property(fc.oneof(fc.double({ min: 2 ** -53, max: 1, noNaN: true }), fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true }), fc.double({ min: 0.9, max: 1.1, noNaN: true })), (x) => {
      expect(Math.abs(naturalLog(x) - Math.log(x))).toBeLessThanOrEqual(ulp(Math.log(x)));
    }),
    { numRuns: 20_000 },
  );
});

test('exact and special values', () => {
  expect(naturalLog(1)).toBe(0);
  expect(naturalLog(2)).toBe(Math.LN2);
  expect(naturalLog(0)).toBe(-Infinity);
  expect(naturalLog(Infinity)).toBe(Infinity);
  expect(naturalLog(-1)).toBeNaN();
  expect(naturalLog(Number.NaN)).toBeNaN();
});
