import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import { OPERATIONS } from './operation.ts';

/** Entries that fit the kernel's log: a 1 MiB buffer of 16-byte records (costs.md 1b: seL4_LogBufferSize on ia32). */
export const LOG_ENTRIES = 65536;

/**
 * The paper's Fig 5 instrument: every kernel entry timed from the C entry hook to the C exit hook and logged by operation, until the log is full.
 * The full sums stand beside it, so that a result can say what the instrument would have missed.
 */
export class EntryLog {
  readonly logged = new Float64Array(OPERATIONS.length);
  total = 0;
  /** Tick of the last entry that fitted. */
  filledAt: Tick = ZERO;

  record(operation: number, ticks: Tick, now: Tick): void {
    if (this.total++ >= LOG_ENTRIES) return;
    this.logged[operation]! += ticks; // one slot an operation
    this.filledAt = now;
  }

  /** Counts entries that come when it is full. False: it is not, and nothing has been done. */
  pass(entries: number): boolean {
    if (this.total < LOG_ENTRIES) return false;
    this.total += entries;
    return true;
  }

  /** Starts a measurement: the log is emptied. */
  clear(): void {
    this.logged.fill(0);
    this.total = 0;
    this.filledAt = 0;
  }
}
