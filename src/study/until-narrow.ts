import type { RunResult } from './simulate.ts';
import { summarise } from './statistics.ts';
import { type Job, sweep, type SweepOptions } from './sweep.ts';

/** When replications of a point end: with the first number of runs, from those planned on, whose 95 % interval of utilisation is narrower than asked. */
export interface StoppingRule {
  /** Whole width of the interval, share of CPU time 0..1. */
  readonly width: number;
  /** Runs after which a point is given up. */
  readonly most: number;
}

/** Fewer runs than this can agree by chance: the interval of three is wide unless they all do. */
export const LEAST_RUNS = 3;
/** Runs that a point gets at a time. A constant, so that what is simulated does not depend on the number of workers. */
const BATCH = 4;

/** The smallest number of values, from `least` on, whose mean has a 95 % Student-t interval narrower than `width`; null when there is none. */
export function enough(values: readonly number[], width: number, least: number): number | null {
  for (let count = Math.max(least, 2); count <= values.length; count++) {
    const { half } = summarise(values.slice(0, count));
    if (half !== null && 2 * half < width) return count;
  }
  return null;
}

/** The replications of a point, by run number. */
interface Replicated {
  readonly first: Job;
  readonly runs: RunResult[];
  readonly least: number;
}

/**
 * Goes on with replications where finished ones do not yet meet the rule. Jobs of one point must follow each other by run number. Runs past the one that met the
 * rule are dropped, so the result depends on the jobs and the rule alone.
 */
export async function untilNarrow(jobs: readonly Job[], results: readonly (RunResult | null)[], rule: StoppingRule, options: SweepOptions): Promise<{ runs: RunResult[]; complete: boolean }> {
  const points = grouped(jobs, results);
  let complete = true;
  for (;;) {
    const open = points.filter(({ runs, least }) => least < Infinity && runs.length < rule.most && enough(runs.map(({ utilisation }) => utilisation), rule.width, least) === null);
    if (open.length === 0 || options.signal?.aborted === true) break;
    const batches = open.map(({ first, runs }) => Array.from({ length: Math.min(BATCH, rule.most - runs.length) }, (_, index): Job => ({ ...first, scenario: { ...first.scenario, run: first.scenario.run + runs.length + index } })));
    const further = await sweep(batches.flat(), options);
    let from = 0;
    open.forEach(({ runs }, index) => {
      const batch = further.results.slice(from, (from += batches[index]?.length ?? 0));
      // A batch that an abort cut short would leave a gap in the run numbers.
      if (batch.every((result) => result !== null)) runs.push(...batch.filter((result) => result !== null));
    });
    complete &&= further.complete;
    if (!complete) break;
  }
  return { runs: points.flatMap(({ runs, least }) => runs.slice(0, enough(runs.map(({ utilisation }) => utilisation), rule.width, least) ?? runs.length)), complete };
}

function grouped(jobs: readonly Job[], results: readonly (RunResult | null)[]): Replicated[] {
  const points = new Map<string, { first: Job; runs: RunResult[]; planned: number }>();
  jobs.forEach((job, index) => {
    const { system, loadMbps, pacing } = job.scenario;
    const key = `${system.name} ${loadMbps} ${pacing}`;
    const point = points.get(key) ?? { first: job, runs: [], planned: 0 };
    point.planned++;
    const result = results[index] ?? null;
    if (result !== null) point.runs.push(result);
    points.set(key, point);
  });
  // A point with a gap is not gone on with: its runs are kept as they are.
  return [...points.values()].map(({ first, runs, planned }) => ({ first, runs, least: runs.length < planned ? Infinity : Math.max(planned, LEAST_RUNS) }));
}
