import { secondsToTicks } from '../../src/events/time.ts';
import { simulate } from '../../src/study/simulate.ts';
import { summarise } from '../../src/study/statistics.ts';
import { UtilisationSeries } from '../../src/study/utilisation-series.ts';
import { inboundFlows } from '../../src/trace/flows.ts';
import type { MemoryTrace } from '../../src/trace/memory-sink.ts';
import { TraceReplay } from '../../src/trace/replay.ts';
import { TraceError } from '../../src/trace/trace-error.ts';
import { type Job, studyOf } from './job.ts';
import { loadTrace } from './load-trace.ts';
import type { JobResult } from './protocol.ts';
import type { Recorded } from './recorded.ts';

/** A short window in steady state: the handshake and slow start are over after the warm-up, and a batch holds whole periods of the on/off sender's 10 Hz. Seconds. */
export const QUICK = { duration: 0.9, warmup: 0.3 } as const;
export const QUICK_BATCH = 0.1;

/** Recorded frames by where they were fetched from; a worker keeps them. */
export type Recordings = Map<string, Promise<MemoryTrace>>;

/**
 * Runs a job; with `batch`, the window's utilisation by batches gives the 95 % interval of its mean.
 * @throws UserError, and TraceError for recorded frames that cannot be fetched or read
 */
export async function runJob(job: Job, batch: number | null, recordings: Recordings): Promise<JobResult> {
  const trace = job.recorded === undefined ? null : await fetched(job.recorded, recordings);
  const begun = performance.now();
  const { scenario, costs } = studyOf(job);
  let series: UtilisationSeries | null = null;
  const result = simulate(scenario, costs, {
    source: trace === null ? undefined : new TraceReplay(trace.open(), { flow: inboundFlows(trace.open())[0]?.flow }),
    attach: (machine, end) => {
      if (batch !== null) series = new UtilisationSeries(machine, secondsToTicks(batch), end);
    },
  });
  const sampled = (series as UtilisationSeries | null)?.values;
  const batches = sampled === undefined || batch === null ? null : summarise(sampled.slice(Math.round(job.warmup / batch)));
  return { job, result, batches, milliseconds: performance.now() - begun };
}

async function fetched({ url, source }: Recorded, recordings: Recordings): Promise<MemoryTrace> {
  let trace = recordings.get(url);
  if (trace === undefined) {
    trace = (async () => {
      const answer = await fetch(url);
      if (!answer.ok) throw new TraceError(source, '', `the site does not give it: ${answer.status}`, 'build the site again: npm run notebooks:build');
      return loadTrace(await answer.blob(), { name: source, warn: () => {} });
    })();
    recordings.set(url, trace);
  }
  return trace;
}
