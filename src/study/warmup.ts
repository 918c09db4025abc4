import type { Grid } from './grid.ts';
import { mser } from './mser.ts';
import type { RunResult } from './simulate.ts';
import { mean } from './statistics.ts';
import { type Job, sweep, type SweepOptions } from './sweep.ts';
import type { SampledResult } from './utilisation-series.ts';

/** What MSER-5 says of a system at a load. Times in seconds from the start of the run, shares 0..1. */
export interface WarmupRow {
  readonly system: string;
  readonly loadMbps: number;
  readonly pacing: string;
  readonly runs: number;
  /** Where the rule cuts the mean of the replications' series. */
  readonly cut: number;
  /** Its optimum lies in the second half of the run: steady from the start, or never. */
  readonly undecided: boolean;
  /** The longest cut of a single replication. */
  readonly longest: number;
  /** Mean utilisation after the protocol's warm-up less that after the rule's cut. */
  readonly bias: number;
  /** Of the mean after the rule's cut, from batch means. */
  readonly standardError: number;
  /** yes: the cut lies inside the warm-up; yes, no trend: it does not, but cutting there moves the mean by less than BIAS; no: it does not. */
  readonly verdict: 'yes' | 'yes, no trend' | 'no';
}

export interface WarmupStudy {
  readonly grid: Grid;
  readonly rows: readonly WarmupRow[];
  readonly complete: boolean;
}

/** Interval of the series: two ticks of a 100 Hz clock, so that a batch of five is one period of iperf's throttle. */
export const INTERVAL = 0.02;
/** A batch. */
const BATCH = 5;
/** A difference of means that no figure shows: 0.01 percentage points. */
export const BIAS = 0.0001;

/** Samples every point of a grid under its first load model and applies MSER-5. An abort keeps the points that are finished. */
export async function warmupStudy(grid: Grid, options: SweepOptions): Promise<WarmupStudy> {
  const { systems, loads, costs, reps, duration, warmup, seed, pacings } = grid;
  const [pacing = 'fq'] = pacings;
  const jobs: Job[] = systems.flatMap((system) => loads.flatMap((loadMbps) => Array.from({ length: reps }, (_, run) => ({ scenario: { system, loadMbps, pacing, duration, warmup, seed, run }, costs, sampleEvery: INTERVAL }))));
  const { results, complete } = await sweep(jobs, options);
  const rows: WarmupRow[] = [];
  for (let from = 0; from < results.length; from += reps) {
    const runs = results.slice(from, from + reps).filter((result) => result !== null).filter(isSampled);
    if (runs.length === reps) rows.push(judge(runs));
  }
  return { grid, rows, complete };
}

function isSampled(result: RunResult): result is SampledResult {
  return 'utilisationSeries' in result;
}

/** The rule on the mean series of replications of one point. @throws RangeError for runs of less than half a second */
export function judge(runs: readonly SampledResult[]): WarmupRow {
  const [first] = runs;
  if (first === undefined) throw new RangeError('a point needs at least one run');
  const { system, loadMbps, pacing, warmup } = first;
  const series = first.utilisationSeries.map((_, index) => mean(runs.map(({ utilisationSeries }) => utilisationSeries[index] ?? 0)));
  const { cut, undecided, standardError } = mser(series, BATCH);
  const protocol = Math.min(series.length - 1, Math.round(warmup / INTERVAL));
  const bias = mean(series.slice(protocol)) - mean(series.slice(cut));
  const seconds = cut * INTERVAL;
  return {
    system, loadMbps, pacing, runs: runs.length, cut: seconds, undecided, standardError, bias,
    longest: Math.max(...runs.map(({ utilisationSeries }) => mser(utilisationSeries, BATCH).cut)) * INTERVAL,
    verdict: seconds <= warmup ? 'yes' : Math.abs(bias) < BIAS ? 'yes, no trend' : 'no',
  };
}
