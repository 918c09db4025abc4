import type { RunResult } from '../../src/study/simulate.ts';
import type { Summary } from '../../src/study/statistics.ts';
import type { Job } from './job.ts';

/** What a page asks of a simulation worker. A newer request cancels the older. */
export interface Request {
  readonly id: number;
  readonly jobs: readonly Job[];
  /** Length of the batches in seconds whose means give an interval; null: none. */
  readonly batch: number | null;
}

/** A run's result; from a short window, with the interval that its batch means leave. */
export interface JobResult {
  readonly job: Job;
  readonly result: RunResult;
  /** Utilisation over the batches of the window, 0..1; null without batches. */
  readonly batches: Summary | null;
  /** Time that the run took in the worker. */
  readonly milliseconds: number;
}

/** What a worker answers, in the order of the jobs. */
export type Answer =
  | { readonly id: number; readonly kind: 'result'; readonly index: number; readonly result: JobResult }
  | { readonly id: number; readonly kind: 'done'; readonly milliseconds: number }
  | { readonly id: number; readonly kind: 'refused'; readonly message: string };
