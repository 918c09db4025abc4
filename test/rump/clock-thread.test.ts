import { describe, expect, test } from 'vitest';
import { MS, type Tick } from '../../src/events/time.ts';
import { ClockThread, HARDCLOCK_PERIOD } from '../../src/rump/clock-thread.ts';
import { RumpBench } from './rump-bench.ts';

function clock(first: Tick): { bench: RumpBench; thread: ClockThread; ticks: Tick[] } {
  const bench = new RumpBench();
  const ticks: Tick[] = [];
  const thread = new ClockThread(bench.core, bench.scheduler, first, () => ticks.push(bench.core.now));
  return { bench, thread, ticks };
}

describe('the hardclock', () => {
  test('comes at 100 Hz of absolute time: it does not drift with its own work', () => {
    const { bench, thread, ticks } = clock(3 * MS);
    bench.run(1003 * MS - 1);
    expect(thread.hardclocks).toBe(100);
    expect(bench.platform.blocks).toEqual(Array.from({ length: 101 }, (_, i) => 3 * MS + i * HARDCLOCK_PERIOD));
    const late = ticks.map((tick, i) => tick - (3 * MS + i * HARDCLOCK_PERIOD));
    // Always the same work after the same time.
    expect(new Set(late.slice(1)).size).toBe(1);
  });

  test('catches up: after a long run of another thread the ticks that were missed follow one another', () => {
    const { bench, thread, ticks } = clock(10 * MS);
    const busy = bench.thread('busy', () => bench.core.spend(bench.work, 47 * MS));
    bench.at(15 * MS, () => bench.scheduler.wake(busy));
    bench.run(75 * MS);
    expect(thread.hardclocks).toBe(7);
    expect(ticks.filter((tick) => tick > 60 * MS && tick < 63 * MS)).toHaveLength(5);
    // And the next one is on time again.
    expect(bench.platform.blocks.at(-2)).toBe(70 * MS);
  });

  test('costs its own price in its own context', () => {
    const { bench } = clock(10 * MS);
    bench.run(95 * MS);
    const id = bench.paths.define('clock.tick', ...pathSteps(bench, 'clock.tick'));
    expect(bench.account('rump:clock', 'clock.tick')).toBe(9 * bench.paths.path(id).ticks);
  });
});

function pathSteps(bench: RumpBench, name: string): ReturnType<RumpBench['paths']['path']>['steps'][number][] {
  for (let id = 0; id < bench.paths.size; id++) if (bench.paths.path(id).name === name) return [...bench.paths.path(id).steps];
  throw new Error(`no path ${name}`);
}
