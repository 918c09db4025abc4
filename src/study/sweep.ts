import nodeModule from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import process from 'node:process';
import { Tinypool } from 'tinypool';
import type { CostTable } from '../hw/cost.ts';
import type { CostValues } from './cost-values.ts';
import { HandOut } from './hand-out.ts';
import { entry } from './place.ts';
import type { RunResult, Scenario } from './simulate.ts';
import type { WorkerTables, WorkerTask } from './worker.ts';

/** A scenario and the numbers to run it with. */
export interface Job {
  readonly scenario: Scenario;
  readonly costs: CostTable;
  /** Changes to the table for this job alone; many jobs then share one table. */
  readonly values?: CostValues | undefined;
  /** Seconds: the result gets the utilisation of every such interval. */
  readonly sampleEvery?: number | undefined;
}

export interface SweepOptions {
  /** Worker threads; the cores of this machine when left out. */
  readonly jobs?: number | undefined;
  /** Ends the sweep early; what has finished is kept. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each finished run. */
  readonly progress?: ((done: number, total: number, job: Job) => void) | undefined;
}

export interface SweepResult {
  /** In the order of the jobs, whatever finished first; null for a run that an abort left undone. */
  readonly results: readonly (RunResult | null)[];
  /** Whether every run is there. */
  readonly complete: boolean;
}

/** Mb/s that cost as much CPU time as what does not depend on the load, interrupts above all: from runs at 180 and 900 Mb/s. */
const IDLE_LOAD = 200;

/** The scenario of a job as one phrase, for messages. */
export function describe({ system, loadMbps, pacing, run }: Scenario): string {
  return `${system.name} at ${loadMbps} Mb/s, ${pacing}, run ${run}`;
}

/**
 * Runs jobs on worker threads. The results depend on the jobs alone, not on the number of workers or on who finishes first.
 * @throws Error naming the scenario of the first run that failed; RangeError for a number of workers below one.
 */
export async function sweep(jobs: readonly Job[], options: SweepOptions = {}): Promise<SweepResult> {
  const { signal, progress } = options;
  const workers = Math.min(options.jobs ?? availableParallelism(), jobs.length);
  if (jobs.length > 0 && !(Number.isSafeInteger(workers) && workers >= 1)) throw new RangeError(`${options.jobs} worker threads: give a whole number from 1 on`);
  const results: (RunResult | null)[] = Array.from({ length: jobs.length }, () => null);
  if (jobs.length === 0 || signal?.aborted === true) return { results, complete: jobs.length === 0 };

  const tables = [...new Set(jobs.map(({ costs }) => costs))];
  const rows: WorkerTables = tables.map((table) => table.rows());
  const env = workerEnvironment();
  // A pool gives a task to any of its threads: one of each thread's own, so that jobs can be meant for one.
  const pools = Array.from({ length: workers }, () => new Tinypool({ filename: entry('study/worker').href, runtime: 'worker_threads', minThreads: 1, maxThreads: 1, workerData: rows, env }));
  let failure: Error | null = null;
  const ended = new AbortController();
  const end = async (): Promise<void> => {
    if (ended.signal.aborted) return;
    ended.abort();
    await Promise.all(pools.map((pool) => pool.destroy()));
  };
  const abort = (): void => void end();
  signal?.addEventListener('abort', abort, { once: true });

  const handOut = new HandOut(jobs.map(({ scenario }) => ({ group: scenario.system.name, cost: scenario.duration * (scenario.loadMbps + IDLE_LOAD) })), workers);
  let done = 0;
  const lane = async (pool: Tinypool, worker: number): Promise<void> => {
    while (!ended.signal.aborted && failure === null) {
      const index = handOut.next(worker);
      const job = index === null ? undefined : jobs[index];
      if (index === null || job === undefined) break;
      const task: WorkerTask = { scenario: job.scenario, table: tables.indexOf(job.costs), values: job.values, sampleEvery: job.sampleEvery };
      try {
        results[index] = (await pool.run(task)) as RunResult;
      } catch (error) {
        // A run that was cut off by the abort failed because of it.
        if (!ended.signal.aborted) failure ??= new Error(`${describe(job.scenario)}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
        break;
      }
      progress?.(++done, jobs.length, job);
    }
  };
  try {
    await Promise.all(pools.map(lane));
  } finally {
    signal?.removeEventListener('abort', abort);
    await end();
  }
  if (failure !== null) throw failure as Error;
  return { results, complete: results.every((result) => result !== null) };
}

/** That of this process, and its compile cache: a worker does not take over that by itself, and would strip the types of all sources anew, 0.2 s of CPU. */
function workerEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) if (value !== undefined) environment[name] = value;
  const folder = nodeModule.getCompileCacheDir?.();
  // The folder's name is that of this Node version, which every user of the cache appends by itself.
  if (folder !== undefined) environment['NODE_COMPILE_CACHE'] = dirname(folder);
  return environment;
}
