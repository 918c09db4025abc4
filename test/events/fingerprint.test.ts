import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_INGREDIENTS, Fingerprint, type Ingredients } from '../../src/events/fingerprint.ts';
import { Streams } from '../../src/events/random.ts';

type Step = readonly [time: number, path: number, cost: number];

function digest(steps: readonly Step[], ingredients: Ingredients = ALL_INGREDIENTS): string {
  const fingerprint = new Fingerprint(ingredients);
  for (const [time, path, cost] of steps) fingerprint.step(time, path, cost);
  return fingerprint.digest();
}

const tick = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const step: fc.Arbitrary<Step> = fc.tuple(tick, fc.nat({ max: 5000 }), tick);

describe('a fingerprint', () => {
  test('is 16 hexadecimal digits, before the first step too', () => {
    expect(digest([])).toMatch(/^[0-9a-f]{16}$/);
    expect(digest([[1, 2, 3]])).toMatch(/^[0-9a-f]{16}$/);
  });

  test('is that of the words of its steps one by one, with any ingredients and whenever it is asked for', () => {
    const words = (value: number): readonly number[] => [value % 2 ** 32, Math.floor(value / 2 ** 32)];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), fc.record({ time: fc.boolean(), path: fc.boolean(), cycles: fc.boolean() }), fc.nat({ max: 300 }), (steps, ingredients, asked) => {
        const fingerprint = new Fingerprint(ingredients);
        let [a, b] = [0x9e3779b9, 0x7f4a7c15];
        for (const [i, [time, path, cost]] of steps.entries()) {
          fingerprint.step(time, path, cost);
          if (i === asked) fingerprint.digest();
          for (const word of [...(ingredients.time ? words(time) : []), ...(ingredients.path ? [path] : []), ...(ingredients.cycles ? words(cost) : [])]) {
            a = Math.imul(a ^ word, 0x85ebca6b);
            a ^= a >>> 13;
            b = (Math.imul(b ^ a, 0xc2b2ae35) + 0x52dce729) | 0;
          }
        }
        const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0');
        expect(fingerprint.digest()).toBe(hex(a ^ (a >>> 16)) + hex(b ^ (b >>> 15)));
      }),
    );
  });

  test('is equal for equal trajectories', () => {
    fc.assert(fc.property(fc.array(step), (steps) => digest(steps) === digest(steps.map(([a, b, c]) => [a, b, c]))));
  });

  test('changes when one number of one step changes', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1 }), fc.nat(), fc.nat({ max: 2 }), tick, (steps, where, which, value) => {
        const at = where % steps.length;
        const changed = steps.map((s, i) => (i === at ? s.with(which, value) : [...s]) as unknown as Step);
        fc.pre(steps[at]?.[which] !== value);
        return digest(changed) !== digest(steps);
      }),
    );
  });

  test('changes when a step is added, removed or exchanged with another', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 2 }), step, (steps, added) => {
        const [first, second, ...rest] = steps;
        if (first === undefined || second === undefined) return false;
        fc.pre(JSON.stringify(first) !== JSON.stringify(second));
        const own = digest(steps);
        return digest([...steps, added]) !== own && digest([second, ...rest]) !== own && digest([second, first, ...rest]) !== own;
      }),
    );
  });

  test('tells ticks apart over their whole range, not modulo 2^32', () => {
    const times = [1, 1 + 2 ** 32, 1 + 2 ** 33, 1 + 2 ** 52];
    expect(new Set(times.map((time) => digest([[time, 0, 0]]))).size).toBe(times.length);
  });

  // Among half a million, 32 bits would collide some thirty times; 64 bits with a chance of 1 to 10^8.
  test('has no collision among half a million trajectories of two steps', () => {
    const stream = new Streams(1, 0).stream('trajectories');
    const digests = new Set<string>();
    for (let i = 0; i < 500_000; i++) {
      const cost = stream.integer(0, 1e6);
      digests.add(digest([[i, 1, cost], [i + cost, 2, stream.integer(0, 1e6)]]));
    }
    expect(digests.size).toBe(500_000);
  });
});

describe('ingredients', () => {
  const one: Step = [10, 20, 30];

  test.each([
    ['time', [11, 20, 30]],
    ['path', [10, 21, 30]],
    ['cycles', [10, 20, 31]],
  ] as const)('%s alone sees its own change and no other', (name, changed) => {
    const only: Ingredients = { time: false, path: false, cycles: false, [name]: true };
    expect(digest([changed], only)).not.toBe(digest([one], only));
    const others: Ingredients = { ...ALL_INGREDIENTS, [name]: false };
    expect(digest([changed], others)).toBe(digest([one], others));
  });

  test('text counts, letter by letter', () => {
    const of = (text: string): string => {
      const fingerprint = new Fingerprint();
      fingerprint.mixText(text);
      return fingerprint.digest();
    };
    expect(of('sel4-pic')).toBe(of('sel4-pic'));
    expect(new Set([of('sel4-pic'), of('sel4-pci'), of('sel4-pi'), of('')]).size).toBe(4);
  });
});
