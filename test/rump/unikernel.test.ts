import { describe, expect, test } from 'vitest';
import { MS, SECOND, type Tick } from '../../src/events/time.ts';
import { type System, SYSTEMS } from '../../src/study/system.ts';
import { Journal } from '../golden/journal.ts';
import { MachineBench } from '../golden/machine-bench.ts';

function bareMetal(): System {
  const found = SYSTEMS.find((system) => system.name === 'bmk');
  if (found === undefined) throw new Error('no system bmk');
  return found;
}

/** When an act begins. */
function times(bench: MachineBench, act: string): { readonly ticks: Tick[]; close(): void } {
  const ticks: Tick[] = [];
  const journal = new Journal(bench.machine.core);
  journal.onAct((name) => {
    if (name === act) ticks.push(bench.machine.core.now);
  });
  return { ticks, close: () => journal.close() };
}

describe('the callouts of the unikernel', () => {
  test('a segment that nothing follows is ACKed by the 20th hardclock after it', () => {
    const bench = new MachineBench(bareMetal());
    // The hardclocks are at 10, 20 ... ms: the 10th is the last one before the segment.
    bench.frames(104 * MS);
    bench.run(400 * MS);
    expect(bench.acks).toHaveLength(1);
    const sent = (bench.acks[0]?.tick ?? 0) - 300 * MS;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(MS / 10);
    expect(bench.acks[0]?.ack).toBe(1448);
  });

  test('is ACKed by the next segment when that comes first, and no callout is left', () => {
    const bench = new MachineBench(bareMetal());
    bench.frames(104 * MS);
    bench.frames(150 * MS);
    bench.run(500 * MS);
    expect(bench.acks.map(({ tick, ack }) => [Math.floor(tick / MS), ack])).toEqual([[150, 2896]]);
  });

  test('the protocol timers run 5 times and twice a second: with the hardclocks 20, 40, 50, 60, 80 and 100', () => {
    const bench = new MachineBench(bareMetal());
    const { ticks, close } = times(bench, 'clock.callout');
    bench.run(2 * SECOND + 5 * MS);
    close();
    const hardclocks = ticks.map((tick) => Math.floor(tick / (10 * MS)));
    expect(hardclocks).toEqual([20, 40, 50, 60, 80, 100, 120, 140, 150, 160, 180, 200]);
  });
});
