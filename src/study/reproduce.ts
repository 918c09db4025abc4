import { judgeClaims } from './claims.ts';
import type { Claim } from './claims/claim.ts';
import { planRanges, type RangeStudy } from './fig5-ranges.ts';
import { type Grid, gridJobs, repsUnder } from './grid.ts';
import { PointSet } from './points.ts';
import type { RunResult } from './simulate.ts';
import { sweep, type SweepOptions } from './sweep.ts';
import { untilNarrow } from './until-narrow.ts';

/** Everything that figures, tables and report are made from. */
export interface Reproduction {
  readonly grid: Grid;
  /** Finished runs of the grid, in the order they were planned. */
  readonly runs: readonly RunResult[];
  /** Runs that were planned, those of the range study not counted. */
  readonly planned: number;
  readonly complete: boolean;
  /** The points whose replications are all there. */
  readonly points: PointSet;
  readonly claims: readonly Claim[];
  readonly ranges: RangeStudy;
}

/**
 * Runs a grid, each scenario once, and judges the claims. An abort keeps what is finished: points that lack a replication are left out.
 * @param draws points of the study of Fig 5 over equal ranges; 0 for none
 */
export async function reproduce(grid: Grid, draws: number, options: SweepOptions): Promise<Reproduction> {
  const jobs = gridJobs(grid);
  const plan = planRanges(grid, draws);
  const { results, complete: swept } = await sweep([...jobs, ...plan.jobs], options);
  const planned = results.slice(0, jobs.length);
  const { runs, complete: narrowed } = grid.until === undefined ? { runs: planned.filter((result) => result !== null), complete: true } : await untilNarrow(jobs, planned, grid.until, options);
  const points = new PointSet(runs.filter((run) => runs.filter((other) => samePoint(run, other)).length >= repsUnder(grid, run.pacing)));
  return { grid, runs, planned: Math.max(jobs.length, runs.length), complete: swept && narrowed, points, claims: judgeClaims(points, grid), ranges: plan.study(results.slice(jobs.length)) };
}

function samePoint(a: RunResult, b: RunResult): boolean {
  return a.system === b.system && a.loadMbps === b.loadMbps && a.pacing === b.pacing;
}
