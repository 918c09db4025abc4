import { describe, expect, test } from 'vitest';
import { planRanges, rangesText } from '../../src/study/fig5-ranges.ts';
import { figureGrid } from '../../src/study/grid.ts';
import { sweep } from '../../src/study/sweep.ts';

const grid = figureGrid({ reps: 1, sideReps: 1, duration: 0.3, warmup: 0.1, seed: 1 }, []);

describe('Fig 5 under equal, independent ranges', () => {
  const COUNT = 5;
  const { jobs, study } = planRanges(grid, COUNT);

  test('each cost has one draw in each fifth of its range; PIT and PIC have the same range', () => {
    const values = jobs.filter(({ scenario }) => scenario.system.name === 'sel4-pic').map((job) => job.values ?? {});
    expect(values).toHaveLength(COUNT);
    const { portRange, ioapicRange } = study([]);
    for (const [id, [low, high]] of [['pit.out', portRange], ['pic.out', portRange], ['ioapic.write', ioapicRange]] as const) {
      const fifths = values.map((drawn) => Math.floor((((drawn[id] ?? Number.NaN) - low) / (high - low)) * COUNT)).toSorted((a, b) => a - b);
      expect([id, fifths]).toEqual([id, [0, 1, 2, 3, 4]]);
    }
    // Reads and writes of a device cost the same in a draw.
    for (const drawn of values) expect([drawn['pit.in'], drawn['pic.in']]).toEqual([drawn['pit.out'], drawn['pic.out']]);
    expect(values.map((drawn) => drawn['pit.out'])).not.toEqual(values.map((drawn) => drawn['pic.out']));
  });

  test('dearer PIT accesses put I/O ports further ahead, dearer PIC accesses further behind', async () => {
    const { results } = await sweep(jobs);
    const { points } = study(results);
    expect(points).toHaveLength(COUNT);
    const byRatio = points.toSorted((a, b) => a.pit / a.pic - b.pit / b.pic);
    expect(byRatio.at(-1)?.portLead).toBeGreaterThan(byRatio[0]?.portLead ?? Number.NaN);
    expect(byRatio.at(-1)?.interrupts).toBeLessThan(byRatio[0]?.interrupts ?? Number.NaN);
    const byWrite = points.toSorted((a, b) => a.ioapic - b.ioapic);
    expect(byWrite.map(({ kernelIoapic }) => kernelIoapic)).toEqual(byWrite.map(({ kernelIoapic }) => kernelIoapic).toSorted((a, b) => a - b));
    expect(rangesText(study(results))).toContain(`of ${COUNT} draws`);
  });

  test('runs that an abort left undone are left out; no draws are no study', () => {
    expect(study(jobs.map(() => null)).points).toEqual([]);
    expect(planRanges(grid, 0).jobs).toEqual([]);
    expect(rangesText(planRanges(grid, 0).study([]))).toContain('was not run');
  });
});
