import { expect, test } from 'vitest';
import { Counters } from '../../src/hw/counters.ts';

test('a name is one counter, whoever defines it', () => {
  const counters = new Counters();
  const [a, b, again] = [counters.define('a'), counters.define('b'), counters.define('a')];
  expect(again).toBe(a);
  counters.add(a);
  counters.add(again);
  counters.addMany(b, 5);
  counters.addMany(b, 0);
  expect(counters.names).toEqual(['a', 'b']);
  expect(Array.from(counters.values.subarray(0, 3))).toEqual([2, 5, 0]);
});

test('there is room for as many as are promised, and a clear word when there is not', () => {
  const counters = new Counters();
  for (let i = 0; i < counters.values.length; i++) counters.define(`counter ${i}`);
  expect(() => counters.define('one more')).toThrow(new RangeError('no room for counter one more'));
  expect(counters.define('counter 3')).toBe(3);
});
