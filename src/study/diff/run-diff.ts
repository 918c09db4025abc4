import type { RunResult } from '../simulate.ts';
import { accountFrames, compare, type Difference } from './difference.ts';

/** What two runs can be compared by: a result as `run --json` prints it has it, too. */
export type ComparableRun = Pick<RunResult, 'breakdown' | 'counters' | 'utilisation' | 'duration' | 'warmup'>;

/** Compares two runs: CPU time by account in per cent, counters per second of their windows. */
export function diffRuns(a: string, runA: ComparableRun, b: string, runB: ComparableRun): Difference {
  const shares = ({ breakdown }: ComparableRun): Map<string, number> => new Map(Object.entries(breakdown).map(([account, share]) => [account, share * 100]));
  const perSecond = ({ counters, duration, warmup }: ComparableRun): Map<string, number> => new Map(Object.entries(counters).map(([name, count]) => [name, count / (duration - warmup)]));
  const accounts = compare(shares(runA), shares(runB));
  return {
    a, b, unit: '% of CPU time', accounts,
    countUnit: 'per second',
    counts: compare(perSecond(runA), perSecond(runB)),
    stacks: accounts.map(({ name, a: before, b: value }) => ({ frames: accountFrames(name), before, value })),
    notes: ['seconds are those of the measurement window'],
  };
}
