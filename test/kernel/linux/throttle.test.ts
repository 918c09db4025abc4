import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BULK_LATENCY as BULK, ConservativeThrottle, FixedThrottle, LOW_LATENCY as LOW, LOWEST_LATENCY as LOWEST, nextClass, throttleUnits } from '../../../src/kernel/linux/throttle.ts';

describe('the class of a ring, from the thresholds of e1000_update_itr', () => {
  test.each([
    // now, packets, bytes, next, which rule
    [LOW, 0, 0, LOW, 'no packet: stays'],
    [BULK, 0, 0, BULK, 'no packet: stays'],
    [LOWEST, 1, 8001, BULK, 'more than 8,000 a packet'],
    [LOWEST, 1, 8000, LOW, 'under 5 packets, more than 512 bytes'],
    [LOWEST, 4, 513, LOW, 'under 5 packets, more than 512 bytes'],
    [LOWEST, 4, 512, LOWEST, '512 is not more than 512'],
    [LOWEST, 5, 7570, LOWEST, 'five packets'],
    [LOW, 6, 9084, LOW, 'six full frames are under 10,000 bytes'],
    [LOW, 7, 10598, BULK, 'seven full frames are above, under 10 packets'],
    [LOW, 12, 18168, BULK, 'more than 1,200 a packet'],
    [LOW, 12, 12000, LOW, '1,000 a packet, 12 of them'],
    [LOW, 36, 36036, LOWEST, 'more than 35 small ones'],
    [LOW, 35, 35035, LOW, '35 are not more than 35'],
    [LOW, 1, 2001, BULK, 'more than 2,000 a packet below 10,000 bytes'],
    [LOW, 2, 511, LOWEST, 'two packets under 512 bytes'],
    [LOW, 2, 512, LOW, '512 is not under 512'],
    [BULK, 3, 4542, LOW, 'under 6,000 bytes'],
    [BULK, 4, 6056, BULK, 'four full frames are 6,056'],
    [BULK, 19, 28766, BULK, 'more than 25,000 in 19 packets'],
    [BULK, 36, 54504, LOW, 'more than 35 packets'],
    [BULK, 35, 52990, BULK, '35 are not more than 35'],
  ] as const)('%i, %i packets, %i bytes: %i (%s)', (now, packets, bytes, next, _rule) => {
    expect(nextClass(now, packets, bytes)).toBe(next);
  });
});

describe('the rate, dynamic conservative', () => {
  test('rises from bulk by a quarter of its goal at a time, falls at once', () => {
    const throttle = new ConservativeThrottle();
    throttle.update(1, 1514, 1, 66);
    expect(throttle.rate).toBe(20_000);
    throttle.update(7, 10_598, 1, 66);
    expect(throttle.rate).toBe(4000);
    const rates = [];
    for (let i = 0; i < 5; i++) {
      throttle.update(1, 1514, 1, 66);
      rates.push(throttle.rate);
    }
    expect(rates).toEqual([9000, 14_000, 19_000, 20_000, 20_000]);
  });

  test('the register values are those that the recorded driver wrote: 976, 434, 279, 205, 195', () => {
    expect([4000, 9000, 14_000, 19_000, 20_000].map(throttleUnits)).toEqual([976, 434, 279, 205, 195]);
    expect(throttleUnits(0)).toBe(0);
  });

  test('the lowest class is clamped to low, so that no traffic asks for more than 20,000', () => {
    const throttle = new ConservativeThrottle();
    fc.assert(fc.property(fc.array(fc.tuple(fc.nat(64), fc.nat(1514), fc.nat(64)), { maxLength: 50 }), (polls) => {
      for (const [packets, size, acks] of polls) {
        const before = throttle.rate;
        throttle.update(packets, packets * size, acks, acks * 66);
        expect(throttle.rxClass).not.toBe(LOWEST);
        expect(throttle.txClass).not.toBe(LOWEST);
        expect(throttle.rate).toBeGreaterThanOrEqual(4000);
        expect(throttle.rate).toBeLessThanOrEqual(20_000);
        expect(throttle.rate - before).toBeLessThanOrEqual(5000);
      }
    }));
  });

  test('the more patient ring decides', () => {
    const throttle = new ConservativeThrottle();
    throttle.update(1, 1514, 1, 66);
    throttle.update(4, 6056, 7, 10_598);
    expect(throttle.rxClass).toBe(LOW);
    expect(throttle.txClass).toBe(BULK);
    expect(throttle.rate).toBe(4000);
  });

  test('a fixed rate is never asked', () => {
    const throttle = new FixedThrottle(8000);
    throttle.update();
    expect(throttle).toMatchObject({ rate: 8000, adaptive: false });
  });
});
