import { describe, expect, test } from 'vitest';
import { render } from '../../src/chart/render.ts';
import { interruptChart } from '../../src/chart/timeline.ts';
import { interruptTimeline } from '../../src/study/interrupt-timeline.ts';
import { resolveStudy } from '../../src/study/study.ts';

const SYSTEMS = ['sel4-pic', 'sel4-ioapic', 'sel4-msi', 'bmk', 'netbsd', 'linux'];

function watch(system: string, nth = 1, set: readonly string[] = []) {
  const { scenario, costs } = resolveStudy({ system, set });
  return interruptTimeline(scenario, costs, nth);
}

describe.each(SYSTEMS)('an interrupt of %s', (system) => {
  const timeline = watch(system);

  test('goes from the wire over memory, NIC and core to read() and idle', () => {
    const { events, raised, delivered, read, end, frames } = timeline;
    const [first] = events;
    expect(first).toMatchObject({ kind: 'wire', at: 0 });
    expect(frames).toBeGreaterThan(0);
    expect(events.filter(({ kind }) => kind === 'wire')).toHaveLength(frames);
    // The frame is in memory a constant after its last bit (nic.dma).
    expect(events.find(({ kind }) => kind === 'dma-write')?.at).toBeCloseTo(resolveStudy({ system }).costs.value('nic.dma') / 1e3, 6);
    expect(raised).toBeGreaterThan(0);
    expect(delivered).toBeGreaterThan(raised);
    expect(read).toBeGreaterThan(delivered);
    expect(end).toBeGreaterThanOrEqual(read ?? Infinity);
  });

  test('leaves no time out: each slice begins where the one before it ended', () => {
    const { slices, end } = timeline;
    expect(slices[0]?.from).toBe(0);
    expect(slices.at(-1)?.to).toBeCloseTo(end, 9);
    slices.slice(1).forEach(({ from }, index) => expect(from).toBeCloseTo(slices[index]!.to, 9));
  });

  test('the steps of a path add up to its price, and a whole run of it took that long', () => {
    let whole = 0;
    for (const { path, from, to, count } of timeline.slices) {
      const priced = timeline.paths[path];
      if (priced === undefined || priced.steps.length === 0) continue;
      // A path is rounded to a picosecond once.
      expect(priced.steps.reduce((sum, { ns }) => sum + ns, 0)).toBeCloseTo(priced.ns, 3);
      if (Math.abs((to - from) * 1e3 - count * priced.ns) < 1e-3 * Math.max(1, count)) whole++;
    }
    expect(whole).toBeGreaterThan(timeline.slices.length / 3);
    for (const { steps } of Object.values(timeline.paths)) for (const { costs } of steps) for (const { source } of costs) expect(source).not.toBe('');
  });

  test('is drawn without a warning', async () => {
    const { svg, warnings } = await render(interruptChart(timeline, { from: 0, to: timeline.end, width: 900 }));
    expect(warnings).toEqual([]);
    expect([...new Set(timeline.slices.map((slice) => slice.context))].filter((context) => !svg.includes(`>${context}<`))).toEqual([]);
  });
});

test('the NIC waits for its throttle: a fifth of the time between interrupts, a fifth of the delay', () => {
  const slow = watch('sel4-msi', 3).raised;
  const fast = watch('sel4-msi', 3, ['nic.throttle=13020/s']).raised;
  // 384 us less what the processor was still taking frames of the interrupt before, and a fifth of it.
  expect(slow).toBeLessThan(384);
  expect(fast).toBeLessThan(384 / 5);
  expect(slow).toBeGreaterThan(3 * fast);
});

test('without load there is no such interrupt', () => {
  expect(() => watch('sel4-msi', 100_000)).toThrow(/fewer than 100000 with frames in a second; give a smaller number/);
});
