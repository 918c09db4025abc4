import type { Stack } from '../../src/chart/flame-layout.ts';
import type { RunResult } from '../../src/study/simulate.ts';

/** The stack of an account `context/path`: the context's parts, then the path's. */
export function accountFrames(account: string): string[] {
  const at = account.indexOf('/');
  return at < 0 ? account.split(':') : [...account.slice(0, at).split(':'), ...account.slice(at + 1).split('/')];
}

/** The accounts of a run as stacks, in per cent of CPU time. */
export function stacksOf({ breakdown }: Pick<RunResult, 'breakdown'>): Stack[] {
  return Object.entries(breakdown).map(([account, share]) => ({ frames: accountFrames(account), value: share * 100 }));
}
