import { describe, expect, test } from 'vitest';
import { Simulator } from '../../src/events/simulator.ts';
import type { Tick } from '../../src/events/time.ts';
import { COUNT } from '../../src/hw/frame.ts';
import { ReplaySource, type FrameColumns } from '../../src/load/replay-source.ts';

function replay(frames: FrameColumns, shift?: Tick): number[][] {
  const simulator = new Simulator();
  const got: number[][] = [];
  const source = new ReplaySource(simulator, 'trace', frames, (tick, words, offset) => {
    got.push([tick, ...words.subarray(offset, offset + COUNT)]);
  });
  source.start(shift);
  simulator.run();
  expect(source.sent).toBe(source.length);
  return got;
}

const column = (...values: number[]): Float64Array => Float64Array.from(values);

describe('a replay', () => {
  test('gives back every word of every row, in order, also at equal ticks', () => {
    const frames: FrameColumns = {
      ticks: column(5, 5, 9), bytes: column(60, 61, 62), seq: column(1, 2, 3), payload: column(4, 5, 6), ack: column(7, 8, 9),
      window: column(10, 11, 12), sackLow: column(13, 14, 15), sackHigh: column(16, 17, 18), flags: column(19, 20, 21),
    };
    expect(replay(frames)).toEqual([
      [5, 60, 1, 4, 7, 10, 13, 16, 19],
      [5, 61, 2, 5, 8, 11, 14, 17, 20],
      [9, 62, 3, 6, 9, 12, 15, 18, 21],
    ]);
  });

  test('has zeros where the trace has no column, and moves all ticks by the shift', () => {
    expect(replay({ ticks: column(5, 7), bytes: column(60, 70) }, 100)).toEqual([[105, 60, 0, 0, 0, 0, 0, 0, 0], [107, 70, 0, 0, 0, 0, 0, 0, 0]]);
  });

  test('of an empty trace ends at once', () => {
    expect(replay({ ticks: column(), bytes: column() })).toEqual([]);
  });

  test('keeps one frame in the lane at a time, however long the trace', () => {
    const ticks = Float64Array.from({ length: 100_000 }, (_, i) => i * 1000);
    expect(replay({ ticks, bytes: new Float64Array(ticks.length).fill(60) })).toHaveLength(100_000);
  });

  test('names the row that is out of order, no tick, or missing', () => {
    const build = (frames: FrameColumns) => () => new ReplaySource(new Simulator(), 'trace.arrow', frames, () => {});
    expect(build({ ticks: column(1, 3, 2), bytes: column(60, 60, 60) })).toThrow('trace.arrow: row 2: tick 2 is before 3');
    expect(build({ ticks: column(1, 1.5), bytes: column(60, 60) })).toThrow('trace.arrow: row 1: 1.5 is not a tick');
    expect(build({ ticks: column(1, 2), bytes: column(60) })).toThrow('1 rows, ticks have 2');
  });
});
