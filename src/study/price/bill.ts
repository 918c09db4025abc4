import type { CodeGroup } from '../../hw/path.ts';
import type { CostTable } from '../../hw/cost.ts';

/** An amount of time in milliseconds, with the range that the ranges of its costs leave. */
export interface Priced {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** What one account of a bill comes to. */
export interface BillLine extends Priced {
  readonly account: string;
  /** How often it was entered or accessed. */
  readonly count: number;
  readonly instructions: number;
  /** The costs it is made of, and what each contributes in milliseconds. */
  readonly parts: readonly (Priced & { readonly cost: string; readonly amount: number })[];
}

interface Account {
  count: number;
  instructions: number;
  readonly amounts: Map<string, number>;
}

/**
 * Amounts of priced things by account: instructions of a code group, device accesses, address space switches. It is priced at the end, under any cost table, so that a recorded
 * run is read once however often it is priced.
 */
export class Bill {
  private readonly accounts = new Map<string, Account>();

  /** Counts `count` entries of an account. */
  enter(account: string, count = 1): void {
    this.account(account).count += count;
  }

  /** Adds instructions of a code group; negative takes some out. */
  execute(account: string, group: CodeGroup, instructions: number): void {
    const found = this.account(account);
    found.instructions += instructions;
    this.add(found, `cpi.${group}`, instructions);
  }

  /** Adds `times` times a cost in ns or cycles. */
  spend(account: string, cost: string, times: number): void {
    this.add(this.account(account), cost, times);
  }

  drop(account: string): void {
    this.accounts.delete(account);
  }

  /** Keeps a part of an account's entries, and with them the same part of all that they took. `part`: 0..1. */
  keep(account: string, part: number): void {
    const found = this.accounts.get(account);
    if (found === undefined) return;
    found.count *= part;
    found.instructions *= part;
    for (const [cost, amount] of found.amounts) found.amounts.set(cost, amount * part);
  }

  /** Adds all of another bill. */
  include(other: Bill): void {
    for (const [name, { count, instructions, amounts }] of other.accounts) {
      const account = this.account(name);
      account.count += count;
      account.instructions += instructions;
      for (const [cost, amount] of amounts) this.add(account, cost, amount);
    }
  }

  /** Accounts in order of their first entry. */
  get names(): readonly string[] {
    return [...this.accounts.keys()];
  }

  count(account: string): number {
    return this.accounts.get(account)?.count ?? 0;
  }

  amount(account: string, cost: string): number {
    return this.accounts.get(account)?.amounts.get(cost) ?? 0;
  }

  copy(): Bill {
    const copy = new Bill();
    for (const [name, { count, instructions, amounts }] of this.accounts) copy.accounts.set(name, { count, instructions, amounts: new Map(amounts) });
    return copy;
  }

  /** Prices every account, dearest first. */
  price(costs: CostTable): BillLine[] {
    const lines = [...this.accounts].map(([account, { count, instructions, amounts }]) => {
      const parts = [...amounts].filter(([, amount]) => amount !== 0).map(([cost, amount]) => Object.assign({ cost, amount }, priceOf(costs, cost, amount)));
      return Object.assign({ account, count, instructions, parts }, total(parts));
    });
    return lines.toSorted((a, b) => b.value - a.value);
  }

  private account(name: string): Account {
    let account = this.accounts.get(name);
    if (account === undefined) {
      account = { count: 0, instructions: 0, amounts: new Map() };
      this.accounts.set(name, account);
    }
    return account;
  }

  private add({ amounts }: Account, cost: string, amount: number): void {
    amounts.set(cost, (amounts.get(cost) ?? 0) + amount);
  }
}

export function total(parts: readonly Priced[]): Priced {
  return parts.reduce<Priced>((sum, { value, low, high }) => ({ value: sum.value + value, low: sum.low + low, high: sum.high + high }), { value: 0, low: 0, high: 0 });
}

/** `amount` times a cost in milliseconds; a cost in instructions is the kernel's. All ranges at once at their ends: the widest they can be, not a confidence interval. */
function priceOf(costs: CostTable, id: string, amount: number): Priced {
  const row = costs.row(id);
  const frequency = costs.row('cpu.frequency');
  if (row.unit === 'instructions') {
    return priceOf(costs, 'cpi.kernel', amount * row.value);
  }
  const inNanoseconds = row.unit === 'ns';
  const at = (cost: number, megahertz: number): number => (amount * (inNanoseconds ? cost : (cost * 1e3) / megahertz)) / 1e6;
  const ends = [at(row.low, frequency.high), at(row.high, frequency.low)];
  return { value: at(row.value, frequency.value), low: Math.min(...ends), high: Math.max(...ends) };
}
