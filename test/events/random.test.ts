import { describe, expect, test } from 'vitest';
import { Streams, type RandomStream } from '../../src/events/random.ts';

function draw(stream: RandomStream, count: number): number[] {
  return Array.from({ length: count }, () => stream.uniform());
}

function numbers(seed: number, run: number, name: string, count = 100): number[] {
  return draw(new Streams(seed, run).stream(name), count);
}

/** Pearson's correlation; for n independent pairs its standard error is 1 / sqrt(n). */
function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (x: readonly number[]): number => x.reduce((sum, v) => sum + v, 0) / x.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, x] of a.entries()) {
    const y = b[i] ?? Number.NaN;
    ab += (x - ma) * (y - mb);
    aa += (x - ma) * (x - ma);
    bb += (y - mb) * (y - mb);
  }
  return ab / Math.sqrt(aa * bb);
}

describe('a stream', () => {
  test('is fixed by seed, run and name', () => {
    expect(numbers(1, 0, 'load')).toEqual(numbers(1, 0, 'load'));
  });

  test('changes with each of them', () => {
    const streams = [[1, 0, 'load'], [2, 0, 'load'], [1, 1, 'load'], [0, 1, 'load'], [1, 0, 'nic'], [1, 0, 'daol'], [1, 11, 'a'], [11, 1, 'a']] as const;
    const drawn = streams.flatMap(([seed, run, name]) => numbers(seed, run, name));
    // 53-bit numbers: two alike in eight hundred would be a chance of 1 to 10^10.
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  test('does not change when another is made or drawn from', () => {
    const streams = new Streams(7, 3);
    const nic = streams.stream('nic');
    const load = streams.stream('load');
    const interleaved: number[] = [];
    for (let i = 0; i < 100; i++) {
      interleaved.push(load.uniform());
      nic.uniform();
    }
    expect(interleaved).toEqual(numbers(7, 3, 'load'));
  });

  test('is not correlated with those of other runs, seeds and names, nor with itself', () => {
    const n = 20_000;
    const own = numbers(1, 0, 'load', n);
    const others = [numbers(1, 1, 'load', n), numbers(2, 0, 'load', n), numbers(1, 0, 'load2', n), [...own.slice(1), own[0] ?? 0]];
    for (const other of others) expect(Math.abs(correlation(own, other))).toBeLessThan(4 / Math.sqrt(n));
  });
});

describe('variates', () => {
  const n = 100_000;

  test('uniform: in [0, 1), with mean 1/2 and variance 1/12', () => {
    const values = numbers(3, 0, 'u', n);
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true);
    const mean = values.reduce((sum, x) => sum + x, 0) / n;
    const variance = values.reduce((sum, x) => sum + (x - 0.5) * (x - 0.5), 0) / n;
    // Four standard errors; those of the second moment about 1/2 from the fourth, 1/80.
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * Math.sqrt((1 / 80 - 1 / 144) / n));
  });

  test('uniform: finer than 32 bits', () => {
    const values = numbers(3, 0, 'u', 100);
    expect(values.filter((x) => Number.isInteger(x * 2 ** 32))).toEqual([]);
  });

  test('between: in [low, high)', () => {
    const stream = new Streams(3, 0).stream('b');
    const values = Array.from({ length: n }, () => stream.between(-2, 6));
    expect(values.every((x) => x >= -2 && x < 6)).toBe(true);
    const mean = values.reduce((sum, x) => sum + x, 0) / n;
    expect(Math.abs(mean - 2)).toBeLessThan(4 * 8 * Math.sqrt(1 / 12 / n));
  });

  test('integer: both ends included, all equally likely', () => {
    const stream = new Streams(3, 0).stream('i');
    const counts = new Map<number, number>();
    for (let i = 0; i < n; i++) {
      const value = stream.integer(-2, 3);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
    const expected = n / 6;
    const chiSquare = [...counts.values()].reduce((sum, c) => sum + ((c - expected) * (c - expected)) / expected, 0);
    // The 99.9 % point of chi-square with 5 degrees of freedom.
    expect(chiSquare).toBeLessThan(20.52);
  });
});

test.each([
  ['seed', -1, 0],
  ['seed', 1.5, 0],
  ['seed', Number.NaN, 0],
  ['seed', 2 ** 53, 0],
  ['run', 1, -1],
  ['run', 1, 0.5],
])('a %s that is not a non-negative integer is refused by name: seed %d, run %d', (name, seed, run) => {
  expect(() => new Streams(seed, run)).toThrow(new RegExp(`^${name}: `));
});
