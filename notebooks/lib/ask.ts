/** A question as a worker gets it. */
export interface Asked<Q> {
  readonly id: number;
  readonly question: Q;
}

/** What a worker posts: `told` as often as it likes, then `answer` or `refused` once. */
export type Told<A, P> = { readonly id: number; readonly answer: A } | { readonly id: number; readonly refused: string } | { readonly id: number; readonly told: P };

/** What a question came to. */
export type Answered<A> = { readonly kind: 'answer'; readonly answer: A } | { readonly kind: 'refused'; readonly message: string } | { readonly kind: 'cancelled' };

interface Open<A, P> {
  readonly id: number;
  readonly settle: (answered: Answered<A>) => void;
  readonly fail: (error: Error) => void;
  readonly told: ((progress: P) => void) | undefined;
}

/** Asks a worker one question at a time; a newer question cancels the older, whose answer is not heard. */
export class Asker<Q, A, P = never> {
  private readonly make: () => Worker;
  private worker: Worker | null = null;
  private open: Open<A, P> | null = null;
  private last = 0;

  constructor(make: () => Worker) {
    this.make = make;
  }

  async ask(question: Q, told?: (progress: P) => void): Promise<Answered<A>> {
    this.cancel();
    const id = ++this.last;
    const worker = (this.worker ??= this.start());
    return new Promise((settle, fail) => {
      this.open = { id, settle, fail, told };
      const asked: Asked<Q> = { id, question };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker takes none
      worker.postMessage(asked);
    });
  }

  /** Ends the question under way, if there is one; its promise gives `cancelled`. `abrupt`: the worker ends, too. */
  cancel(abrupt = false): void {
    const { open } = this;
    this.open = null;
    if (abrupt) {
      this.worker?.terminate();
      this.worker = null;
    }
    open?.settle({ kind: 'cancelled' });
  }

  private start(): Worker {
    const worker = this.make();
    worker.addEventListener('message', ({ data }: MessageEvent<Told<A, P>>) => this.hear(data));
    worker.addEventListener('error', ({ message }) => {
      const { open } = this;
      this.open = null;
      this.worker = null;
      open?.fail(new Error(message));
    });
    return worker;
  }

  private hear(told: Told<A, P>): void {
    const { open } = this;
    if (open === null || told.id !== open.id) return;
    if ('told' in told) {
      open.told?.(told.told);
      return;
    }
    this.open = null;
    open.settle('answer' in told ? { kind: 'answer', answer: told.answer } : { kind: 'refused', message: told.refused });
  }
}
