import type { Job } from './job.ts';
import type { Answer, JobResult, Request } from './protocol.ts';

/** What a request came to. */
export type Outcome =
  | { readonly kind: 'done'; readonly results: readonly JobResult[]; readonly milliseconds: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'refused'; readonly message: string };

export interface RunOptions {
  /** Seconds; see `Request`. */
  readonly batch?: number | null;
  /** Called for each result as it comes. */
  readonly progress?: (result: JobResult, done: number, total: number) => void;
}

interface Pending {
  readonly id: number;
  readonly results: JobResult[];
  readonly total: number;
  readonly settle: (outcome: Outcome) => void;
  readonly fail: (error: Error) => void;
  readonly progress: RunOptions['progress'];
}

/**
 * Runs jobs in a module worker, one request at a time: a newer one cancels the older. `abrupt`: the worker is ended and made anew when that happens, for long runs; without, it stops
 * after the run that it is at and keeps the code that its engine has compiled.
 */
export class Simulator {
  private readonly abrupt: boolean;
  private worker: Worker | null = null;
  private pending: Pending | null = null;
  private last = 0;

  constructor(abrupt: boolean) {
    this.abrupt = abrupt;
  }

  async run(jobs: readonly Job[], { batch = null, progress }: RunOptions = {}): Promise<Outcome> {
    this.cancel();
    const id = ++this.last;
    const worker = (this.worker ??= this.start());
    const request: Request = { id, jobs, batch };
    return new Promise<Outcome>((settle, fail) => {
      this.pending = { id, results: [], total: jobs.length, settle, fail, progress };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker takes none
      worker.postMessage(request);
    });
  }

  /** Ends the request under way, if there is one; its promise gives `cancelled`. */
  cancel(): void {
    const { pending } = this;
    if (pending === null) return;
    this.pending = null;
    if (this.abrupt) {
      this.worker?.terminate();
      this.worker = null;
    }
    pending.settle({ kind: 'cancelled' });
  }

  private start(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.take(data));
    worker.addEventListener('error', ({ message }) => {
      const { pending } = this;
      this.pending = null;
      this.worker = null;
      pending?.fail(new Error(message));
    });
    return worker;
  }

  private take(answer: Answer): void {
    const { pending } = this;
    if (pending === null || answer.id !== pending.id) return;
    switch (answer.kind) {
      case 'result':
        pending.results.push(answer.result);
        pending.progress?.(answer.result, pending.results.length, pending.total);
        return;
      case 'refused':
        this.pending = null;
        pending.settle({ kind: 'refused', message: answer.message });
        return;
      case 'done':
        this.pending = null;
        pending.settle({ kind: 'done', results: pending.results, milliseconds: answer.milliseconds });
    }
  }
}
