import type { CostTable } from '../hw/cost.ts';
import { HALF, interruptPart, portLead, UNDER } from './claims/fig5.ts';
import { TRUE_READING } from './claims/reading.ts';
import type { CostValues } from './cost-values.ts';
import { DEFAULT_PACING, type Grid } from './grid.ts';
import { latinHypercube } from './latin-hypercube.ts';
import type { RunResult } from './simulate.ts';
import type { Job } from './sweep.ts';

/**
 * Claims F5.1 to F5.3 were in view when the costs of PIT, PIC and I/O APIC accesses were chosen, so holding with the chosen values says little. This study
 * draws those costs independently, PIT and PIC from one common range, and counts how often the claims hold.
 */

/** One draw. Times in nanoseconds an access. */
export interface RangePoint {
  readonly pit: number;
  readonly pic: number;
  readonly ioapic: number;
  /** By how much I/O ports are ahead of the largest other activity of sel4-pic's kernel, as a part of its time: F5.1. */
  readonly portLead: number;
  /** The part that interrupts take: F5.2. */
  readonly interrupts: number;
  /** In-kernel share of the CPU of sel4-ioapic: F5.3. */
  readonly kernelIoapic: number;
}

export interface RangeStudy {
  readonly loadMbps: number;
  readonly portRange: readonly [number, number];
  readonly ioapicRange: readonly [number, number];
  readonly points: readonly RangePoint[];
}

export interface RangePlan {
  readonly jobs: readonly Job[];
  /** Makes the study of the jobs' results; runs that are missing are left out. */
  study(results: readonly (RunResult | null)[]): RangeStudy;
}

const PORTS = { pit: ['pit.in', 'pit.out'], pic: ['pic.in', 'pic.out'] } as const;
const WRITE = 'ioapic.write';
/** The same kind of access without a fit to Fig 5: a posted uncached write. */
const LIKE_WRITE = 'nic.mmio.write';

/** Shares hardly move with the length of the window (every replication of a point agrees to the third digit), so short runs do. Seconds. */
const LONGEST = 3;

/**
 * Plans the study at the grid's highest load: a Latin hypercube of `count` points over the three costs, decided by the grid's seed.
 * @param count points; 0 for no study
 */
export function planRanges(grid: Grid, count: number): RangePlan {
  const { costs, seed } = grid;
  const loadMbps = Math.max(...grid.loads);
  const duration = Math.min(grid.duration, LONGEST);
  const warmup = (duration * grid.warmup) / grid.duration;
  const portRange = union(costs, [...PORTS.pit, ...PORTS.pic]);
  const ioapicRange = union(costs, [WRITE, LIKE_WRITE]);
  const cube = count === 0 ? null : latinHypercube(['fig5/pit', 'fig5/pic', 'fig5/ioapic'], count, seed);
  const draw = ([low, high]: readonly [number, number], axis: string, index: number): number => low + (high - low) * (cube?.get(axis)?.[index] ?? 0.5);
  const draws = Array.from({ length: count }, (_, index) => ({ pit: draw(portRange, 'fig5/pit', index), pic: draw(portRange, 'fig5/pic', index), ioapic: draw(ioapicRange, 'fig5/ioapic', index) }));
  const systems = ['sel4-pic', 'sel4-ioapic'].flatMap((name) => grid.systems.filter((system) => system.name === name));
  const jobs = draws.flatMap(({ pit, pic, ioapic }) => {
    const values = Object.fromEntries([...PORTS.pit.map((id) => [id, pit]), ...PORTS.pic.map((id) => [id, pic]), [WRITE, ioapic]]) as CostValues;
    return systems.map((system): Job => ({ scenario: { system, loadMbps, pacing: DEFAULT_PACING, duration, warmup, seed, run: 0 }, costs, values }));
  });
  const study = (results: readonly (RunResult | null)[]): RangeStudy => {
    const points = draws.flatMap((drawn, index): RangePoint[] => {
      const [withPic, withIoapic] = results.slice(index * systems.length, (index + 1) * systems.length);
      if (withPic === null || withPic === undefined || withIoapic === null || withIoapic === undefined) return [];
      return [{ ...drawn, portLead: portLead(withPic, TRUE_READING), interrupts: interruptPart(withPic, TRUE_READING), kernelIoapic: withIoapic.kernelShare }];
    });
    return { loadMbps, portRange, ioapicRange, points };
  };
  return { jobs, study };
}

/** From the lowest low to the highest high of some costs. */
function union(costs: CostTable, ids: readonly string[]): readonly [number, number] {
  const rows = ids.map((id) => costs.row(id));
  return [Math.min(...rows.map(({ low }) => low)), Math.max(...rows.map(({ high }) => high))];
}

/** What the study found, as a paragraph. */
export function rangesText({ loadMbps, portRange, ioapicRange, points }: RangeStudy): string {
  if (points.length === 0) return 'The study over equal, independent ranges was not run.';
  const count = (holds: (point: RangePoint) => boolean): string => `${points.filter(holds).length} of ${points.length}`;
  const longest = (point: RangePoint): boolean => point.portLead > 0;
  const half = (point: RangePoint): boolean => point.interrupts >= HALF[0] && point.interrupts <= HALF[1];
  const ratios = points.filter(longest).map(({ pit, pic }) => pit / pic);
  return `Under equal, independent ranges (Latin hypercube; PIT and PIC accesses ${portRange.join('..')} ns, I/O APIC writes ${ioapicRange.join('..')} ns; ${loadMbps} Mb/s, ${DEFAULT_PACING}; \`fig5-ranges.csv\`)
F5.1 (I/O ports longest) holds at ${count(longest)} draws${ratios.length === 0 ? '' : `, all with a PIT access of at least ${Math.min(...ratios).toFixed(2)} times a PIC access`}; F5.2 (interrupts 40..60 %) at ${count(half)};
both at ${count((point) => longest(point) && half(point))}; F5.3 for the IOAPIC (under 0.3 %) at ${count(({ kernelIoapic }) => kernelIoapic < UNDER)}. With MSI none of these accesses is made.`;
}
