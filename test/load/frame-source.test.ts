import { describe, expect, test } from 'vitest';
import { Streams } from '../../src/events/random.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { SECOND, type Tick } from '../../src/events/time.ts';
import { BYTES, PAYLOAD, SEQ } from '../../src/hw/frame.ts';
import { EvenGaps, FrameSource, PoissonGaps, type Gaps } from '../../src/load/frame-source.ts';

function arrivals(gaps: Gaps, count: number, payload = 1448): { ticks: Tick[]; frames: number[][] } {
  const simulator = new Simulator();
  const ticks: Tick[] = [];
  const frames: number[][] = [];
  const source = new FrameSource(simulator, 'source', gaps, payload, (tick, words, offset) => {
    ticks.push(tick);
    frames.push([words[offset + BYTES] ?? 0, words[offset + SEQ] ?? 0, words[offset + PAYLOAD] ?? 0]);
  }, count);
  source.start(0);
  simulator.run();
  return { ticks, frames };
}

describe('even arrivals', () => {
  test('come at the multiples of a fractional period, rounded, without drift', () => {
    const period = (1448 * 8e6) / 900; // 12871111.1 ticks
    const { ticks } = arrivals(new EvenGaps(period), 10_000);
    expect(ticks).toEqual(Array.from({ length: 10_000 }, (_, i) => Math.round((i + 1) * period)));
  });

  test('carry consecutive bytes', () => {
    const { frames } = arrivals(new EvenGaps(1e6), 3, 100);
    expect(frames).toEqual([[166, 0, 100], [166, 100, 100], [166, 200, 100]]);
  });
});

describe('Poisson arrivals', () => {
  const count = 200_000;
  const mean = 12_871_111;
  const { ticks } = arrivals(new PoissonGaps(mean, new Streams(1, 0).stream('arrivals')), count);
  const gaps = ticks.map((tick, i) => tick - (ticks[i - 1] ?? 0));

  test('have exponential gaps: mean, deviation and tail within five standard errors', () => {
    const average = gaps.reduce((a, b) => a + b) / count;
    expect(Math.abs(average / mean - 1)).toBeLessThan(5 / Math.sqrt(count));
    const variance = gaps.reduce((a, b) => a + (b - average) ** 2, 0) / count;
    // The variance of an exponential sample's variance is 8 sigma^4 / n.
    expect(Math.abs(variance / mean ** 2 - 1)).toBeLessThan(5 * Math.sqrt(8 / count));
    for (const x of [0.1, 0.5, 1, 2, 5]) {
      const p = Math.exp(-x);
      const share = gaps.filter((gap) => gap > x * mean).length / count;
      expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / count));
    }
  });

  test('have counts per interval with variance equal to the mean', () => {
    const width = SECOND / 1000;
    const intervals = Math.floor((ticks.at(-1) ?? 0) / width);
    const counts = new Float64Array(intervals + 1);
    for (const tick of ticks) counts[Math.floor(tick / width)]! += 1;
    const full = counts.subarray(0, intervals);
    const average = full.reduce((a, b) => a + b) / intervals;
    const variance = full.reduce((a, b) => a + (b - average) ** 2, 0) / (intervals - 1);
    expect(Math.abs(variance / average - 1)).toBeLessThan(5 * Math.sqrt(2 / intervals));
  });

  test('are the same for the same seed and run, and others for another run', () => {
    const first = (run: number): Tick[] => arrivals(new PoissonGaps(mean, new Streams(1, run).stream('arrivals')), 10).ticks;
    expect(first(0)).toEqual(ticks.slice(0, 10));
    expect(first(1)).not.toEqual(first(0));
  });
});

test('a period that is not positive is refused', () => {
  expect(() => new EvenGaps(0)).toThrow(/0 ticks/);
  expect(() => new PoissonGaps(Number.NaN, new Streams(1, 0).stream('x'))).toThrow(/NaN/);
});
