import type { Stack } from '../../src/chart/flame-layout.ts';
import type { RunResult } from '../../src/study/simulate.ts';
import { ledgerFrames } from '../../src/trace/export/stacks.ts';

/** The accounts of a run as stacks, in per cent of CPU time; with another run, that one's are what they were before. */
export function stacksOf({ breakdown }: Pick<RunResult, 'breakdown'>, before: Pick<RunResult, 'breakdown'> | null = null): Stack[] {
  const accounts = new Set([...Object.keys(breakdown), ...Object.keys(before?.breakdown ?? {})]);
  return [...accounts].map((account) => {
    // No context's name has a slash.
    const slash = account.indexOf('/');
    const frames = ledgerFrames(account.slice(0, slash), account.slice(slash + 1), true);
    return { frames, value: (breakdown[account] ?? 0) * 100, before: (before?.breakdown[account] ?? 0) * 100 };
  });
}
