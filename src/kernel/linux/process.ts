import type { Part } from '../../hw/sequence.ts';

/** A user process. */
export interface Process {
  /** Ledger context. */
  readonly context: number;
  /** What it runs when it is woken, up to where it looks at what it was woken for; and from where it finds no more of that up to its sleep, of which it tells the kernel by `sleepAtOnce`. */
  readonly wakes: Part;
  readonly sleeps: Part;
  /** It slept before `wakes`, and what it waits for is there. */
  readonly woken: boolean;
  /** It is scheduled. Returns when it sleeps. `begun`: `wakes` has been run. */
  run(begun: boolean): void;
}
