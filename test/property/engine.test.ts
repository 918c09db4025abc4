import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NEVER } from '../../src/events/time.ts';
import { listMachine, program, realMachine, trajectory } from './program.ts';

test('every event program runs as on the naive list engine', () => {
  fc.assert(
    fc.property(program, (p) => {
      expect(trajectory(p, realMachine)).toEqual(trajectory(p, listMachine));
    }),
    { numRuns: 1000 },
  );
});

test('a CPU that goes from next tick to next tick misses nothing: the cached next tick is exact', () => {
  fc.assert(
    fc.property(program, (p) => {
      const late: string[] = [];
      let next = NEVER;
      const stepping: typeof realMachine = (events, lanes, fired) => {
        const machine = realMachine(events, lanes, (what, tick) => {
          if (tick !== next) late.push(`${what} of ${tick} fired at ${next}`);
          fired(what, tick);
        });
        const dispatchThrough = (limit: number): void => {
          for (next = machine.nextTick(); next <= limit && next !== NEVER; next = machine.nextTick()) machine.dispatchThrough(next);
          if (limit !== NEVER) machine.dispatchThrough(limit);
          // What is left is due later, or a CPU would look at it for ever.
          if (machine.nextTick() <= limit && limit !== NEVER) late.push(`still due at ${limit}: ${machine.nextTick()}`);
        };
        return { ...machine, dispatchThrough };
      };
      const stepped = trajectory(p, stepping);
      expect(late).toEqual([]);
      expect(stepped).toEqual(trajectory(p, realMachine));
    }),
    { numRuns: 500 },
  );
});
