import { type Cost } from '../hw/cost.ts';
import type { CostValues } from './cost-values.ts';
import { FIGURE_LOADS } from './grid.ts';
import { drawCosts } from './latin-hypercube.ts';
import type { PointSet } from './points.ts';
import { judgeShort } from './quantities.ts';
import type { SweepOptions } from './sweep.ts';
import { type Setting, Variants } from './variants.ts';

/** Where the utilisation of a system at a load lies when all costs vary over their ranges together. Shares 0..1. */
export interface Band {
  readonly system: string;
  readonly loadMbps: number;
  /** With every cost at its value. */
  readonly published: number;
  readonly median: number;
  /** Ends of the middle 95 % of the draws. */
  readonly low: number;
  readonly high: number;
}

/** How often a claim holds over the draws. */
export interface ClaimShare {
  readonly id: string;
  readonly text: string;
  readonly publishedHolds: boolean | null;
  readonly held: number;
  readonly judged: number;
}

export interface BandStudy {
  readonly setting: Setting;
  readonly draws: readonly CostValues[];
  /** Results of each draw whose runs are all there. */
  readonly points: readonly PointSet[];
  readonly bands: readonly Band[];
  readonly claims: readonly ClaimShare[];
  readonly complete: boolean;
}

/** The probability that a band covers. */
export const COVERED = 0.95;

/**
 * Propagates the uncertainty of all costs: a Latin hypercube over the ranges of every cost that a system reads, each draw simulated for every system at every load, so that what systems share
 * moves in all of them. An abort keeps the draws that are finished.
 */
export async function bandStudy(setting: Setting, count: number, options: SweepOptions): Promise<BandStudy> {
  const { variants, complete: based } = await Variants.create(setting, options);
  const varied: Cost[] = setting.costs.rows().filter(({ id }) => variants.used(id));
  const draws = drawCosts(varied, count, setting.seed);
  const { points, complete } = await variants.simulate(draws, options);
  const wanted = setting.systems.length * setting.loads.length;
  const whole = points.filter((set) => set.points.length === wanted);
  return { setting, draws, points: whole, bands: bandsOf(variants.base, whole), claims: sharesOf(variants.base, whole, setting), complete: based && complete };
}

function bandsOf(base: PointSet, drawn: readonly PointSet[]): Band[] {
  if (drawn.length === 0) return [];
  return base.points.map(({ system, loadMbps, pacing, runs }) => {
    const values = drawn.flatMap((points) => points.at(system, loadMbps, pacing)?.runs[0]?.utilisation ?? []).toSorted((a, b) => a - b);
    return { system, loadMbps, published: runs[0]?.utilisation ?? 0, median: quantile(values, 0.5), low: quantile(values, (1 - COVERED) / 2), high: quantile(values, (1 + COVERED) / 2) };
  });
}

/** A quantile of ascending values, on the line between its neighbours. */
export function quantile(ascending: readonly number[], probability: number): number {
  if (ascending.length === 0) throw new RangeError('a quantile needs at least one value');
  const place = probability * (ascending.length - 1);
  const below = Math.floor(place);
  const low = ascending[below] ?? 0;
  const high = ascending[Math.min(below + 1, ascending.length - 1)] ?? low;
  return low + (high - low) * (place - below);
}

function sharesOf(base: PointSet, drawn: readonly PointSet[], { pacing, loads }: Setting): ClaimShare[] {
  const judged = FIGURE_LOADS.filter((load) => loads.includes(load));
  const verdicts = drawn.map((points) => judgeShort(points, judged, pacing));
  return judgeShort(base, judged, pacing).map(({ id, text, holds }, index) => {
    const all = verdicts.flatMap((claims) => claims[index]?.holds ?? []);
    return { id, text, publishedHolds: holds, held: all.filter(Boolean).length, judged: all.length };
  });
}
