import type { Cost } from '../hw/cost.ts';
import type { CostValues } from './cost-values.ts';
import { type Flip, findFlips } from './flips.ts';
import { FIGURE_LOADS, PAPER_PROTOCOL } from './grid.ts';
import { type Point, PointSet } from './points.ts';
import { type Quantity, quantitiesOf, type Value } from './quantities.ts';
import { sampleDeviation } from './statistics.ts';
import type { SweepOptions } from './sweep.ts';
import { type Setting, Variants } from './variants.ts';

/** What one cost does to one quantity when it goes to the ends of its published range and all others stay at their values. */
export interface Swing {
  readonly cost: Cost;
  readonly quantity: Quantity;
  readonly base: number;
  /** At the low end and at the high end; the base where the value is that end; null where the runs are missing. */
  readonly atLow: number | null;
  readonly atHigh: number | null;
  /** Largest less smallest of the three. */
  readonly swing: number;
  /** The claim's verdicts; null where the quantity is no claim's margin or it cannot be judged. */
  readonly holds: boolean | null;
  readonly holdsAtLow: boolean | null;
  readonly holdsAtHigh: boolean | null;
}

/** A quantity at the costs' values, and how far a short window may be trusted. */
export interface BaseLine extends Value {
  /** Over the whole length that a figure's run has, same run; null when it was not simulated. */
  readonly long: number | null;
  /** Sample standard deviation over replications of the short window. */
  readonly noise: number;
}

export interface Sensitivity {
  readonly setting: Setting;
  readonly loadMbps: number;
  readonly baseLines: readonly BaseLine[];
  /** Largest difference of a utilisation between the short window and the long one, over systems and loads; 0..1. */
  readonly windowError: number | null;
  /** By quantity, the largest swing first. Swings of nothing are left out. Of an end that an abort left undone nothing is known. */
  readonly swings: readonly Swing[];
  readonly flips: readonly Flip[];
  readonly counts: CostCounts;
  readonly complete: boolean;
}

/** How many costs there are and what became of them. Of an interrupted study they mean nothing. */
export interface CostCounts {
  readonly all: number;
  /** Without a range. */
  readonly fixed: number;
  /** Read by none of the systems. */
  readonly unused: number;
  /** Varied, and simulated at two loads only: there they moved no utilisation, kernel share or throughput by more than SCREEN. */
  readonly screened: number;
  /** Varied, and no quantity changed in any digit. */
  readonly still: number;
  /** Varied, and every change was within two standard deviations of the short window. */
  readonly withinNoise: number;
}

/** What a cost may move at the first loads without being simulated at the others; shares of CPU time, and a ratio. */
export const SCREEN = { utilisation: 0.0005, kernel: 0.00003, throughput: 0.005 };
/** Replications that the noise of the short window is taken from. */
const NOISE_RUNS = [1, 2, 3, 4];

/** Loads that a study at `loadMbps` simulates: the claims are about those of the figure. */
export function loadsFor(loadMbps: number): number[] {
  return [...new Set([...FIGURE_LOADS, loadMbps])].toSorted((a, b) => a - b);
}

type Window = Pick<Setting, 'duration' | 'warmup'>;

export interface SensitivityOptions {
  /** Told what is being done. */
  readonly stage?: (name: string) => void;
  /** The window that the short one is compared with; the figures' when left out. */
  readonly long?: Window;
}

/** A study under way: how quantities are read, and what it is told to do. */
interface Work {
  readonly variants: Variants;
  readonly loadMbps: number;
  readonly options: SweepOptions;
  readonly stage: (name: string) => void;
  readonly long: Window;
}

/** One-at-a-time swings over the published range of every cost. An abort keeps what is finished. */
export async function sensitivity(setting: Setting, loadMbps: number, options: SweepOptions, { stage = () => {}, long = PAPER_PROTOCOL }: SensitivityOptions = {}): Promise<Sensitivity> {
  stage('as published');
  const { variants, complete: based } = await Variants.create(setting, options);
  const work: Work = { variants, loadMbps, options, stage, long };
  const { baseLines, windowError, complete: lined } = await drawBaseLines(work);
  const rows = setting.costs.rows();
  const varied = rows.filter(({ id, low, high }) => low < high && variants.used(id));
  const { swings, screened, complete: swung } = await swingAll(work, baseLines, varied);

  stage('where claims turn');
  const noise = (id: string): number => baseLines.find(({ quantity }) => quantity.id === id)?.noise ?? 0;
  const { flips, complete: flipped } = await findFlips(variants, swings, noise, options);
  const moved = (least: (id: string) => number): number => new Set(swings.filter(({ quantity, swing }) => swing > least(quantity.id)).map(({ cost }) => cost)).size;
  return {
    setting, loadMbps, baseLines, windowError, flips,
    swings: baseLines.flatMap(({ quantity }) => swings.filter((swing) => swing.quantity.id === quantity.id && swing.swing > 0).toSorted((a, b) => b.swing - a.swing)),
    counts: {
      all: rows.length,
      fixed: rows.filter(({ low, high }) => low === high).length,
      unused: rows.filter(({ id, low, high }) => low < high && !variants.used(id)).length,
      screened,
      still: varied.length - moved(() => 0),
      withinNoise: moved(() => 0) - moved((id) => 2 * noise(id)),
    },
    complete: based && lined && swung && flipped,
  };
}

/** The quantities as published, with the spread of the short window over replications and its distance from a whole run. */
async function drawBaseLines({ variants, loadMbps, options, stage, long: times }: Work): Promise<Pick<Sensitivity, 'baseLines' | 'windowError' | 'complete'>> {
  stage('error of the window');
  const { pacing } = variants.setting;
  const read = (points: PointSet): Value[] => quantitiesOf(points, loadMbps, FIGURE_LOADS, pacing);
  const base = read(variants.base);
  const noise = await variants.repeat(NOISE_RUNS, options);
  const long = await variants.repeat([0], options, { duration: times.duration, warmup: times.warmup });
  const replicated = [base, ...noise.points.map(read)];
  const longPoints = long.complete ? (long.points[0] ?? null) : null;
  const longRead = longPoints === null ? [] : read(longPoints);
  const baseLines = base.map(({ quantity, value, holds }, index): BaseLine => {
    const values = replicated.flatMap((lines) => lines[index]?.value ?? []);
    return { quantity, value, holds, long: longRead[index]?.value ?? null, noise: values.length < 2 ? 0 : sampleDeviation(values) };
  });
  return { baseLines, windowError: longPoints === null ? null : windowErrorOf(variants.base, longPoints), complete: noise.complete && long.complete };
}

/** Both ends of the range of each cost, at the loads asked for and lowest first; at the others only for costs that moved something there. */
async function swingAll({ variants, loadMbps, options, stage }: Work, baseLines: readonly BaseLine[], varied: readonly Cost[]): Promise<{ swings: Swing[]; screened: number; complete: boolean }> {
  const { loads, pacing } = variants.setting;
  const ends = varied.flatMap((cost) => (['low', 'high'] as const).filter((end) => cost[end] !== cost.value).map((end) => ({ cost, end, values: { [cost.id]: cost[end] } satisfies CostValues })));
  const first = loads.filter((load, index) => index === 0 || load === loadMbps);
  stage(`ends of the ranges, ${first.join(' and ')} Mb/s`);
  const screening = await variants.simulate(ends.map(({ values }) => values), options, { loads: first });
  const matters = new Set(ends.filter((_, index) => screening.points[index]?.points.some((point) => moves(variants.base, point)) === true).map(({ cost }) => cost));
  stage('ends of the ranges, other loads');
  const others = ends.filter(({ cost }) => matters.has(cost));
  const rest = await variants.simulate(others.map(({ values }) => values), options, { loads: loads.filter((load) => !first.includes(load)) });
  const unmoved = variants.base.points.filter(({ loadMbps: load }) => !first.includes(load)).flatMap(({ runs }) => runs);
  const outcomes = ends.map(({ cost, end }, index) => {
    const further = matters.has(cost) ? (rest.points[others.findIndex((other) => other.cost === cost && other.end === end)]?.points ?? []).flatMap(({ runs }) => runs) : unmoved;
    const runs = (screening.points[index]?.points ?? []).flatMap((point) => point.runs);
    return { cost, end, read: quantitiesOf(new PointSet([...runs, ...further]), loadMbps, FIGURE_LOADS, pacing) };
  });
  const at = (cost: Cost, end: 'low' | 'high', line: BaseLine): Value => {
    if (cost[end] === cost.value) return line;
    return outcomes.find((outcome) => outcome.cost === cost && outcome.end === end)?.read.find(({ quantity }) => quantity.id === line.quantity.id) ?? { ...line, value: null, holds: null };
  };
  const swings = varied.flatMap((cost) => baseLines.flatMap((line) => swingOf(cost, line, at(cost, 'low', line), at(cost, 'high', line))));
  return { swings, screened: varied.length - matters.size, complete: screening.complete && rest.complete };
}

/** Whether a point differs from that of the published costs by more than the screening lets pass. */
function moves(base: PointSet, { system, loadMbps, pacing, runs }: Point): boolean {
  const before = base.at(system, loadMbps, pacing)?.runs[0];
  const after = runs[0];
  if (before === undefined || after === undefined) return false;
  return Math.abs(after.utilisation - before.utilisation) > SCREEN.utilisation || Math.abs(after.kernelShare - before.kernelShare) > SCREEN.kernel || Math.abs(after.throughputMbps / before.throughputMbps - 1) > SCREEN.throughput;
}

function swingOf(cost: Cost, base: Value, low: Value, high: Value): Swing[] {
  if (base.value === null || (low.value === null && high.value === null)) return [];
  const values = [base.value, low.value ?? base.value, high.value ?? base.value];
  return [{
    cost, quantity: base.quantity, base: base.value, atLow: low.value, atHigh: high.value, swing: Math.max(...values) - Math.min(...values),
    holds: base.holds, holdsAtLow: low.holds, holdsAtHigh: high.holds,
  }];
}

function windowErrorOf(short: PointSet, long: PointSet): number {
  return Math.max(0, ...short.points.map((point) => {
    const other = long.at(point.system, point.loadMbps, point.pacing);
    return Math.abs((point.runs[0]?.utilisation ?? 0) - (other?.runs[0]?.utilisation ?? 0));
  }));
}
