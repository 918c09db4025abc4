import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MS, SECOND, type Tick } from '../../src/events/time.ts';
import { Pit, PIT_CHANNEL0, PIT_COMMAND, PIT_HZ, pitCounts } from '../../src/hw/pit.ts';
import { Bench } from './bench.ts';

/** Ticks of `counts` input clocks, by exact integer arithmetic. */
function clocks(counts: number): number {
  return Number((BigInt(counts) * BigInt(SECOND) * 2n + BigInt(PIT_HZ)) / (2n * BigInt(PIT_HZ)));
}

class PitBench extends Bench {
  readonly edges: Tick[] = [];
  readonly pit = new Pit(this.core, this.simulator, (high) => {
    if (high) this.edges.push(this.simulator.now);
  });

  load(counts: number): void {
    this.pit.writePort(PIT_CHANNEL0, counts & 0xff);
    this.pit.writePort(PIT_CHANNEL0, counts >> 8);
  }
}

describe('channel 0', () => {
  test('counts from the second byte on and raises its output once', () => {
    const bench = new PitBench();
    bench.core.now = 7_000;
    bench.load(1193);
    bench.simulator.run(SECOND);
    expect(bench.edges).toEqual([7_000 + clocks(1193)]);
  });

  test('needs both bytes', () => {
    const bench = new PitBench();
    bench.pit.writePort(PIT_CHANNEL0, 100);
    bench.simulator.run(SECOND);
    expect(bench.edges).toEqual([]);
    bench.core.now = SECOND;
    bench.pit.writePort(PIT_CHANNEL0, 1);
    bench.simulator.run(2 * SECOND);
    expect(bench.edges).toEqual([SECOND + clocks(256 + 100)]);
  });

  test('a count of 0 is 65,536', () => {
    const bench = new PitBench();
    bench.load(0);
    bench.simulator.run(SECOND);
    expect(bench.edges).toEqual([clocks(65_536)]);
  });

  test('loaded again starts again; the old count is gone', () => {
    const bench = new PitBench();
    bench.load(1000);
    bench.load(50);
    bench.simulator.run(SECOND);
    expect(bench.edges).toEqual([clocks(50)]);
  });

  test('a command stops it and expects a low byte next', () => {
    const bench = new PitBench();
    bench.load(1000);
    bench.pit.writePort(PIT_CHANNEL0, 1);
    bench.pit.writePort(PIT_COMMAND, 0x30);
    bench.simulator.run(SECOND);
    expect(bench.edges).toEqual([]);
    bench.core.now = SECOND;
    bench.load(3);
    bench.simulator.run(2 * SECOND);
    expect(bench.edges).toEqual([SECOND + clocks(3)]);
  });
});

describe('counts for a delay', () => {
  test('are whole input clocks not after it, at least one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 55 * MS }), (delay) => {
        const counts = pitCounts(delay);
        expect(counts).toBeGreaterThanOrEqual(1);
        expect(counts === 1 || clocks(counts) <= delay + 1).toBe(true);
        expect(clocks(counts + 1)).toBeGreaterThan(delay);
      }),
    );
  });

  test('16 bits hold 54.9 ms, more than a hardclock', () => {
    expect(clocks(65_535) / MS).toBeCloseTo(54.92, 2);
    expect(pitCounts(55 * MS)).toBeGreaterThan(65_535);
    expect(pitCounts(10 * MS)).toBe(11_931);
  });
});
