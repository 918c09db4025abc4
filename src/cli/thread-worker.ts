import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../study/user-error.ts';
import { TraceError } from '../trace/trace-error.ts';
import type { ThreadMessage, ThreadTask } from './thread.ts';

/** Does the work of `inThread`. */
async function work({ module, data }: ThreadTask): Promise<void> {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of Node, not a window
  const send = (message: ThreadMessage): void => parentPort?.postMessage(message);
  try {
    const { default: act } = (await import(module)) as { default: (data: unknown, say: (text: string) => void) => unknown };
    send({ kind: 'result', result: await act(data, (text) => send({ kind: 'say', text })) });
  } catch (error) {
    if (error instanceof TraceError) send({ kind: 'trace', file: error.file, place: error.place, problem: error.problem, remedy: error.remedy });
    else if (error instanceof UserError) send({ kind: 'user', place: error.place, problem: error.problem, remedy: error.remedy });
    else send({ kind: 'error', text: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

await work(workerData as ThreadTask);
