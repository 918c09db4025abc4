import type { Operation } from '../../kernel/sel4/operation.ts';
import type { RunResult } from '../simulate.ts';

/** A way of taking utilisation and kernel time from a run. Shares of elapsed time, 0..1. */
export interface Reading {
  readonly name: 'true' | 'instrument';
  utilisation(run: RunResult): number;
  /** In-kernel time inside the paper's hooks. */
  kernel(run: RunResult): number;
  /** The part of it that one operation takes. */
  operation(run: RunResult, operation: Operation): number;
}

/** Every busy cycle and every kernel entry. */
export const TRUE_READING: Reading = {
  name: 'true',
  utilisation: (run) => run.utilisation,
  kernel: (run) => run.kernelShare,
  operation: (run, operation) => run.kernelBreakdown[operation] ?? 0,
};

/** What the system's own utilisation counter shows, and what fits into the kernel's log of 65,536 entries. */
export const INSTRUMENT_READING: Reading = {
  name: 'instrument',
  utilisation: (run) => run.utilisationMeasured,
  kernel: (run) => run.kernelLog?.share ?? 0,
  operation: (run, operation) => run.kernelLog?.breakdown[operation] ?? 0,
};

export const READINGS: readonly Reading[] = [TRUE_READING, INSTRUMENT_READING];

/** The part of the kernel's time that some operations take together; 0 where there is no kernel time. */
export function kernelPart(run: RunResult, reading: Reading, operations: readonly Operation[]): number {
  const kernel = reading.kernel(run);
  return kernel === 0 ? 0 : operations.reduce((sum, operation) => sum + reading.operation(run, operation), 0) / kernel;
}
