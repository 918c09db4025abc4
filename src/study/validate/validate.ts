import { availableParallelism } from 'node:os';
import { Tinypool } from 'tinypool';
import { entry } from '../place.ts';
import { UserError } from '../user-error.ts';
import { bundledStatistics } from './bundled.ts';
import { compare, type JudgedRow, type Verdict, verdictOf } from './compare.ts';
import { estimatePieces, type PieceEstimate } from './estimate.ts';
import { findRecordings } from './places.ts';
import type { Prediction } from './predict.ts';
import type { ReadRecording } from './read.ts';
import type { ValidateAnswer, ValidateTask } from './worker.ts';

/** Enough for the mean of what happens a hundred times; more cost time. */
export const PHASES = 5;

export interface ValidateOptions {
  /** Simulations of each recording, which differ in what the wire does not tell; see predict.ts. */
  readonly phases?: number | undefined;
  /** Worker threads; the cores of this machine when left out. */
  readonly jobs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((done: number, total: number, name: string) => void) | undefined;
}

/** One recording against its prediction. */
export interface ValidatedRecording {
  readonly name: string;
  readonly shape: ReadRecording['place']['shape'];
  readonly hash: string;
  readonly seconds: number;
  /** What the model was told, beside the frames into the machine. */
  readonly given: readonly string[];
  readonly frames: number;
  /** Where the costs come from: the recordings they were counted in, this one left out. */
  readonly costs: { readonly given: number; readonly bundled: number; readonly pieces: readonly PieceEstimate[] } | null;
  readonly rows: readonly JudgedRow[];
  readonly warnings: readonly string[];
  /** Why nothing was predicted; null where something was. */
  readonly unpredicted: string | null;
}

export interface Validation {
  readonly recordings: readonly ValidatedRecording[];
  readonly rows: readonly JudgedRow[];
  readonly verdict: Verdict;
  /** Simulations behind each prediction. */
  readonly phases: number;
  /** False when it was interrupted: recordings that were not finished are left out. */
  readonly complete: boolean;
}

/**
 * Reads every recording in and below the folders, predicts each from its wire input with costs counted in the others, and compares.
 * @throws UserError for folders without recordings and for damaged ones
 */
export async function validate(folders: readonly string[], options: ValidateOptions = {}): Promise<Validation> {
  const places = findRecordings(folders);
  const pool = new Pool(options, places.length);
  try {
    const read = await pool.each(places, (place) => ({ place }), (place) => place.name, (answer) => ('recording' in answer ? answer.recording : null));
    const counted = read.flatMap((recording) => (recording?.model ? [recording.model.counted] : []));
    const bundled = bundledStatistics();
    const tasks = read.flatMap((recording) => {
      if (recording === null) return [];
      return [{ recording, pieces: recording.model === null ? [] : estimatePieces(counted, bundled, recording.hash) }];
    });
    const modelled = tasks.flatMap(({ recording, pieces }) => (recording.model === null || recording.unpredicted !== null ? [] : [{ recording, pieces, input: recording.model.input }]));
    pool.total = places.length + modelled.length;
    const predictions = new Map<ReadRecording, Prediction | null>();
    const answers = await pool.each(modelled, ({ input, pieces }) => ({ input, pieces, phases: options.phases ?? PHASES }), ({ recording }) => recording.place.name, (answer) => ('prediction' in answer ? answer.prediction : null));
    modelled.forEach(({ recording }, index) => predictions.set(recording, answers[index] ?? null));
    const recordings = tasks.flatMap(({ recording, pieces }) => {
      const prediction = predictions.get(recording) ?? null;
      return recording.unpredicted === null && prediction === null ? [] : [validated(recording, prediction, pieces, counted.length)];
    });
    const rows = recordings.flatMap((recording) => recording.rows);
    return { recordings, rows, verdict: verdictOf(rows), phases: options.phases ?? PHASES, complete: recordings.length === places.length };
  } finally {
    await pool.end();
  }
}

function validated({ place, hash, recorded, seconds, warnings, model, unpredicted }: ReadRecording, prediction: Prediction | null, pieces: readonly PieceEstimate[], others: number): ValidatedRecording {
  const bundled = pieces.filter(({ from }) => from === 'bundled').length;
  return {
    name: place.name, shape: place.shape, hash, seconds,
    given: model?.given ?? [],
    frames: model?.input.frames.t.length ?? 0,
    costs: model === null || unpredicted !== null ? null : { given: others - 1, bundled, pieces },
    rows: compare(place.name, model?.given ?? [], recorded, prediction, seconds),
    warnings: [...warnings, ...(prediction?.warnings ?? [])],
    unpredicted,
  };
}

/** Worker threads that do one kind of task after the other. */
class Pool {
  total: number;
  private done = 0;
  private readonly options: ValidateOptions;
  private readonly pool: Tinypool;
  private readonly workers: number;
  private ended = false;

  constructor(options: ValidateOptions, recordings: number) {
    this.options = options;
    this.total = 2 * recordings;
    this.workers = Math.max(1, Math.min(options.jobs ?? availableParallelism(), recordings));
    this.pool = new Tinypool({ filename: entry('study/validate/worker').href, runtime: 'worker_threads', minThreads: this.workers, maxThreads: this.workers });
    options.signal?.addEventListener('abort', () => void this.end(), { once: true });
  }

  /** The answers in the order of the tasks; null for those that an abort left undone. @throws UserError, of the first task that met one. */
  async each<T, R>(items: readonly T[], task: (item: T) => ValidateTask, name: (item: T) => string, result: (answer: ValidateAnswer) => R | null): Promise<(R | null)[]> {
    const results: (R | null)[] = items.map(() => null);
    let next = 0;
    let failure: unknown = null;
    const lane = async (): Promise<void> => {
      while (!this.ended && failure === null && next < items.length) {
        const index = next++;
        const item = items[index];
        if (item === undefined) break;
        try {
          const answer = (await this.pool.run(task(item))) as ValidateAnswer;
          if ('mistake' in answer) throw new UserError(answer.mistake.place, answer.mistake.problem, answer.mistake.remedy);
          results[index] = result(answer);
          this.options.progress?.(++this.done, this.total, name(item));
        } catch (error) {
          if (!this.ended) failure ??= error;
        }
      }
    };
    await Promise.all(Array.from({ length: this.workers }, lane));
    if (failure !== null) throw failure;
    return results;
  }

  async end(): Promise<void> {
    if (this.ended) return;
    this.ended = true;
    await this.pool.destroy();
  }
}
