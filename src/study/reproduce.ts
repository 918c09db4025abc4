import { judgeClaims } from './claims.ts';
import type { Claim } from './claims/claim.ts';
import { planRanges, type RangeStudy } from './fig5-ranges.ts';
import { type Grid, gridJobs } from './grid.ts';
import { PointSet } from './points.ts';
import type { RunResult } from './simulate.ts';
import { sweep, type SweepOptions } from './sweep.ts';

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
  const { results, complete } = await sweep([...jobs, ...plan.jobs], options);
  const runs = results.slice(0, jobs.length).filter((result) => result !== null);
  const points = new PointSet(runs.filter((run) => runs.filter((other) => samePoint(run, other)).length === grid.reps));
  return { grid, runs, planned: jobs.length, complete, points, claims: judgeClaims(points, grid), ranges: plan.study(results.slice(jobs.length)) };
}

function samePoint(a: RunResult, b: RunResult): boolean {
  return a.system === b.system && a.loadMbps === b.loadMbps && a.pacing === b.pacing;
}
