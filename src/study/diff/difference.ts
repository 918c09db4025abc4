import { ledgerFrames } from '../../trace/export/stacks.ts';

/** One quantity of two runs or traces. */
export interface Compared {
  readonly name: string;
  readonly a: number;
  readonly b: number;
}

/** A row at which two traces part, as text by column; null: that trace had ended. */
export interface Parting {
  /** Number of the row, counted from 0. */
  readonly row: number;
  readonly a: Readonly<Record<string, string>> | null;
  readonly b: Readonly<Record<string, string>> | null;
}

/** How two runs or two traces of one kind differ. */
export interface Difference {
  readonly a: string;
  readonly b: string;
  /** What the accounts are in: `% of CPU time`, `ms`, `bytes`, ... */
  readonly unit: string;
  /** Time or bytes by account; empty for traces that hold none. */
  readonly accounts: readonly Compared[];
  /** Whether counts are those of the whole recording, or a second of it. */
  readonly countUnit: 'in all' | 'per second';
  /** Events by name. */
  readonly counts: readonly Compared[];
  /** Stacks of the accounts, outermost first, for a flame graph. */
  readonly stacks: readonly { readonly frames: readonly string[]; readonly before: number; readonly value: number }[];
  /** The first row that differs in anything; null when all are alike, undefined where there were no rows to compare. */
  readonly firstDifference?: Parting | null;
  /** The first row at which another thing happened, whenever it did. */
  readonly firstOtherEvent?: Parting | null;
  readonly notes: readonly string[];
}

/** Pairs what two maps hold under the same name, largest difference first. */
export function compare(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): Compared[] {
  const names = [...new Set([...a.keys(), ...b.keys()])];
  const pairs = names.map((name) => ({ name, a: a.get(name) ?? 0, b: b.get(name) ?? 0 }));
  return pairs.toSorted((x, y) => Math.abs(y.b - y.a) - Math.abs(x.b - x.a) || (x.name < y.name ? -1 : 1));
}

/** The stack of an account `context/path` of a run, for a flame graph. */
export function accountFrames(account: string): string[] {
  const at = account.indexOf('/');
  return at < 0 ? [account] : ledgerFrames(account.slice(0, at), account.slice(at + 1), true);
}
