import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Flight } from '../../src/load/flight.ts';

test('a flight of runs agrees with a list of segments', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 64 })), { maxLength: 300 }), (steps) => {
      const flight = new Flight(64);
      const list: number[] = [];
      steps.forEach(([sends, wish], tick) => {
        const count = Math.min(wish, sends ? 64 - list.length : list.length);
        if (count === 0) return;
        if (sends) {
          flight.push(tick, count);
          for (let i = 0; i < count; i++) list.push(tick);
        } else {
          flight.drop(count);
          list.splice(0, count);
        }
        expect(flight.length).toBe(list.length);
        expect(list.length === 0 ? undefined : flight.headTick).toBe(list[0]);
      });
    }),
  );
});
