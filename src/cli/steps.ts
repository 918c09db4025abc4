import { setImmediate as turn } from 'node:timers/promises';
import { Interrupted } from './failure.ts';
import { onInterrupt, Progress } from './progress.ts';

/**
 * Does work that comes in steps to its end, with a line of progress on a terminal and an ear for Ctrl-C in between. A step yields the rows done so far.
 * @throws Interrupted, and what the work throws.
 */
export async function inSteps<T>(what: string, work: Generator<number, T>, total: number | null): Promise<T> {
  const progress = new Progress();
  const interruption = onInterrupt();
  try {
    for (let step = work.next(); ; step = work.next()) {
      if (step.done === true) return step.value;
      progress.show(`${what}: ${total === null || total === 0 ? `${step.value} rows` : `${Math.floor((100 * step.value) / total)} %`}`);
      await turn();
      if (interruption.signal.aborted) throw new Interrupted();
    }
  } finally {
    progress.clear();
    interruption.release();
  }
}
