import { STATUS_INTERRUPTED } from './failure.ts';

/** A terminal sends Ctrl-C to the launcher and to this process: two signals this close together are one key press. */
const ONE_PRESS_MS = 200;

/** One line on stderr that is rewritten in place; silent when stderr is not a terminal. */
export class Progress {
  private readonly stream: NodeJS.WriteStream;
  private shown = false;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.stream = stream;
  }

  /** Shows `text`, cut to the terminal's width. */
  show(text: string): void {
    if (!this.stream.isTTY) return;
    this.stream.write(`\r\u001B[K${text.slice(0, Math.max(0, (this.stream.columns || 80) - 1))}`);
    this.shown = true;
  }

  /** Shows how many of `total` are done, with the time that is left if the rest takes as long each. */
  count(done: number, total: number, what: string, elapsedSeconds: number): void {
    const left = done === 0 ? '' : `, ${Math.ceil((elapsedSeconds / done) * (total - done))} s left`;
    this.show(`${what}: ${done} of ${total}${left}`);
  }

  /** Takes the line away; to be called before anything else is written and at the end. */
  clear(): void {
    if (!this.shown) return;
    this.stream.write('\r\u001B[K');
    this.shown = false;
  }
}

export interface Interruption {
  /** Aborts at the first Ctrl-C (or SIGTERM): finish what is under way or drop it, and keep what is done. */
  readonly signal: AbortSignal;
  /** Gives Ctrl-C its usual meaning back. */
  release(): void;
}

/** Turns the first Ctrl-C into an abort; a second one ends the process at once. */
export function onInterrupt(told: () => void = () => {}): Interruption {
  const controller = new AbortController();
  let first = -Infinity;
  const listener = (): void => {
    const now = performance.now();
    if (!controller.signal.aborted) {
      first = now;
      told();
      controller.abort();
    } else if (now - first > ONE_PRESS_MS) {
      process.exit(STATUS_INTERRUPTED);
    }
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return {
    signal: controller.signal,
    release: () => {
      process.off('SIGINT', listener);
      process.off('SIGTERM', listener);
    },
  };
}

/** What a long piece of work reports to, and by which it is ended. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number) => void;
}

/** Does something long with progress on a terminal and Ctrl-C as an abort. `what`: what is counted, in a word or two. */
export async function withProgress<T>(what: string, work: (watch: Watch) => Promise<T>): Promise<T> {
  const progress = new Progress();
  const interruption = onInterrupt(() => progress.show('interrupted: keeping what is finished'));
  const begin = performance.now();
  try {
    return await work({ signal: interruption.signal, progress: (done, total) => progress.count(done, total, what, (performance.now() - begin) / 1000) });
  } finally {
    progress.clear();
    interruption.release();
  }
}
