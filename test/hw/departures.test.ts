import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NEVER } from '../../src/events/time.ts';
import { Departures } from '../../src/hw/departures.ts';

test('departures in runs are those of so many packets: done, reclaimed in part, still to come', () => {
  const run = fc.record({ gap: fc.nat(50), spacing: fc.integer({ min: 1, max: 20 }), count: fc.integer({ min: 1, max: 9 }), look: fc.nat(200), part: fc.double({ min: 0, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 300 }), (runs) => {
      const departures = new Departures();
      let plain: number[] = [];
      let last = 0;
      for (const { gap, spacing, count, look, part } of runs) {
        const first = last + gap;
        departures.add(first, spacing, count);
        for (let i = 0; i < count; i++) plain.push(first + i * spacing);
        last = first + (count - 1) * spacing;
        const now = last - look;
        const done = plain.filter((tick) => tick <= now).length;
        expect(departures.done(now)).toBe(done);
        expect([departures.after(now), departures.last]).toEqual([plain.find((tick) => tick > now) ?? NEVER, last]);
        const reclaimed = Math.floor(done * part);
        departures.reclaim(reclaimed);
        plain = plain.slice(reclaimed);
        expect(departures.pending).toBe(plain.length);
      }
    }),
    { numRuns: 200 },
  );
});
