import type { Core } from '../hw/core.ts';
import { oncePerTable } from '../hw/path.ts';
import { operationOf, outsideHooks } from '../kernel/sel4/operation.ts';

/** An account of the ledger, as a result calls it. */
export interface AccountOf {
  /** `context/path`. */
  readonly name: string;
  /** The kernel operation that its context belongs to; undefined: none. */
  readonly operation: string | undefined;
  /** Inside the hooks of the paper's log. */
  readonly hooked: boolean;
}

/** By index. Machines that share a table of paths are put together alike, so their contexts are the same, too. */
const accountsOf = oncePerTable((): AccountOf[] => []);

/** What to call the accounts of a machine, by index, where they have been asked for already; `nameAccount` adds one. */
export function namedAccounts({ paths }: Core): readonly (AccountOf | undefined)[] {
  return accountsOf(paths);
}

export function nameAccount({ ledger, paths }: Core, index: number): AccountOf {
  const context = ledger.contexts[Math.floor(index / ledger.width)] ?? '';
  const path = paths.path(index % ledger.width).name;
  const account: AccountOf = { name: `${context}/${path}`, operation: operationOf(context), hooked: !outsideHooks(path) };
  accountsOf(paths)[index] = account;
  return account;
}
