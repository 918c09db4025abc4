import type { RunResult } from './simulate.ts';
import { summarise } from './statistics.ts';

/** What replications say of one number: sd and the 95 % Student-t interval of the mean are null for a single run. */
export interface Estimate {
  readonly mean: number;
  readonly sd: number | null;
  readonly ci95: readonly [low: number, high: number] | null;
}

/** The main quantities of replicated runs, named as in a single run's result. */
export interface Replications {
  readonly utilisation: Estimate;
  readonly utilisationMeasured: Estimate;
  readonly kernelShare: Estimate;
  readonly kernelShareFull: Estimate;
  readonly kernelBreakdown: Readonly<Record<string, Estimate>>;
  readonly throughputMbps: Estimate;
  readonly latencyUs: { readonly mean: Estimate; readonly p50: Estimate; readonly p99: Estimate };
}

function estimate(values: readonly number[]): Estimate {
  const { mean, sd, half } = summarise(values);
  return { mean, sd, ci95: half === null ? null : [mean - half, mean + half] };
}

/** @throws RangeError without runs. */
export function replications(runs: readonly RunResult[]): Replications {
  const of = (read: (run: RunResult) => number): Estimate => estimate(runs.map(read));
  const operations = new Set(runs.flatMap((run) => Object.keys(run.kernelBreakdown)));
  return {
    utilisation: of((run) => run.utilisation),
    utilisationMeasured: of((run) => run.utilisationMeasured),
    kernelShare: of((run) => run.kernelShare),
    kernelShareFull: of((run) => run.kernelShareFull),
    kernelBreakdown: Object.fromEntries([...operations].map((operation) => [operation, of((run) => run.kernelBreakdown[operation] ?? 0)])),
    throughputMbps: of((run) => run.throughputMbps),
    latencyUs: { mean: of((run) => run.latencyUs.mean), p50: of((run) => run.latencyUs.p50), p99: of((run) => run.latencyUs.p99) },
  };
}
