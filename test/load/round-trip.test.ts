import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MS, SECOND, US } from '../../src/events/time.ts';
import { RoundTrip } from '../../src/load/round-trip.ts';

describe('the retransmission timeout', () => {
  test('is one second before the first sample, three times it afterwards, and a round trip plus 200 ms at least', () => {
    const slow = new RoundTrip();
    expect(slow.timeout).toBe(SECOND);
    slow.sample(300 * MS);
    expect(slow.timeout).toBe(900 * MS); // RFC 6298: R + 4 R/2
    const fast = new RoundTrip();
    fast.sample(500 * US);
    expect(fast.timeout).toBe(200.5 * MS);
  });

  test('follows RFC 6298\'s averages, gains 1/8 and 1/4, to within rounding', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: SECOND }), { minLength: 1, maxLength: 50 }), (samples) => {
        const roundTrip = new RoundTrip();
        let mean = 0;
        let deviation = 0;
        samples.forEach((sample, i) => {
          roundTrip.sample(sample);
          deviation = i === 0 ? sample / 2 : 0.75 * deviation + 0.25 * Math.abs(mean - sample);
          mean = i === 0 ? sample : 0.875 * mean + 0.125 * sample;
        });
        // A tick lost to rounding at each sample decays by 7/8: 8 in all for the mean; the deviation takes over some of it.
        expect(Math.abs(roundTrip.smoothed - mean)).toBeLessThanOrEqual(8);
        expect(Math.abs(roundTrip.timeout - Math.min(120 * SECOND, mean + Math.max(4 * deviation, 200 * MS)))).toBeLessThanOrEqual(8 + 4 * 12);
        expect(roundTrip.least).toBe(Math.min(...samples));
        expect(Number.isSafeInteger(roundTrip.timeout)).toBe(true);
      }),
    );
  });

  test('doubles with every expiry up to 120 s, until data are acknowledged', () => {
    const roundTrip = new RoundTrip();
    roundTrip.sample(50 * MS);
    const first = roundTrip.timeout;
    const timeouts = Array.from({ length: 12 }, () => {
      roundTrip.backOff();
      return roundTrip.timeout;
    });
    expect(timeouts).toEqual(timeouts.map((_, i) => Math.min(120 * SECOND, first * 2 ** (i + 1))));
    roundTrip.acknowledged();
    expect(roundTrip.timeout).toBe(first);
  });
});
