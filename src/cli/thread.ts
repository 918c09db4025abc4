import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { type Entry, entry } from '../study/place.ts';
import { UserError } from '../study/user-error.ts';
import { TraceError } from '../trace/trace-error.ts';
import { Interrupted } from './failure.ts';
import { onInterrupt } from './progress.ts';

/** What a worker is started with: a module whose default export is given `data`. */
export interface ThreadTask {
  readonly module: string;
  readonly data: unknown;
}

/** What a worker says: lines to pass on, and at its end a result or an error as plain data, since a class does not survive the crossing. */
export type ThreadMessage =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'say'; readonly text: string }
  | { readonly kind: 'trace'; readonly file: string; readonly place: string; readonly problem: string; readonly remedy: string }
  | { readonly kind: 'user'; readonly place: string; readonly problem: string; readonly remedy: string }
  | { readonly kind: 'error'; readonly text: string };

/**
 * Runs work that never yields in a worker thread, so that Ctrl-C is heard meanwhile: it ends the work and removes `parts`, the unfinished files that the work would have given their names.
 * `module`: its default export takes `data` and a function that says a line to the user. @throws Interrupted, and what the work throws.
 */
export async function inThread<T>(module: Entry, data: unknown, parts: readonly string[], say: (text: string) => void = () => {}): Promise<T> {
  const task: ThreadTask = { module: entry(module).href, data };
  const worker = new Worker(entry('cli/thread-worker'), { workerData: task, resourceLimits: { maxYoungGenerationSizeMb: 24 } });
  const interruption = onInterrupt(() => void worker.terminate());
  try {
    return await new Promise<T>((resolve, reject) => {
      worker.on('message', (message: ThreadMessage) => {
        switch (message.kind) {
          case 'result': return resolve(message.result as T);
          case 'say': return say(message.text);
          case 'trace': return reject(new TraceError(message.file, message.place, message.problem, message.remedy));
          case 'user': return reject(new UserError(message.place, message.problem, message.remedy));
          case 'error': return reject(Object.assign(new Error('in a worker thread'), { stack: message.text }));
        }
      });
      worker.on('error', reject);
      worker.on('exit', () => reject(interruption.signal.aborted ? new Interrupted() : new Error('a worker thread ended without a result')));
    });
  } finally {
    interruption.release();
    if (interruption.signal.aborted) for (const part of parts) rmSync(part, { force: true });
  }
}
