import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from '../../src/events/fifo.ts';

test('a fifo gives what an array with push and shift gives, through growth and wrap-around', () => {
  fc.assert(
    // null takes one out.
    fc.property(fc.array(fc.oneof(fc.nat(20), fc.constant(null)), { maxLength: 200 }), (steps) => {
      const fifo = new Fifo<number>();
      const array: number[] = [];
      const taken: (number | null)[] = [];
      const expected: (number | null)[] = [];
      for (const step of steps) {
        if (step === null) {
          taken.push(fifo.shift());
          expected.push(array.shift() ?? null);
        } else {
          fifo.push(step);
          array.push(step);
        }
        expect(fifo.length).toBe(array.length);
        expect(fifo.includes(7)).toBe(array.includes(7));
      }
      expect(taken).toEqual(expected);
    }),
  );
});
