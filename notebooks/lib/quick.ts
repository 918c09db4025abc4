import type { Job } from './job.ts';
import { simulate } from '../../src/study/simulate.ts';
import { summarise } from '../../src/study/statistics.ts';
import { simulateSampled } from '../../src/study/utilisation-series.ts';
import { studyOf } from './job.ts';
import type { JobResult } from './protocol.ts';

/** A short window in steady state: the handshake and slow start are over after the warm-up, and a batch holds whole periods of the on/off sender's 10 Hz. Seconds. */
export const QUICK = { duration: 0.9, warmup: 0.3 } as const;
export const QUICK_BATCH = 0.1;

/** Runs a job; with `batch`, the window's utilisation by batches gives the 95 % interval of its mean. */
export function runJob(job: Job, batch: number | null): JobResult {
  const begun = performance.now();
  const { scenario, costs } = studyOf(job);
  if (batch === null) {
    const result = simulate(scenario, costs);
    return { job, result, batches: null, milliseconds: performance.now() - begun };
  }
  const { utilisationSeries, ...result } = simulateSampled(scenario, costs, batch);
  const batches = summarise(utilisationSeries.slice(Math.round(job.warmup / batch)));
  return { job, result, batches, milliseconds: performance.now() - begun };
}
