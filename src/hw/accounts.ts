import type { Counters } from './counters.ts';
import { Ledger } from './ledger.ts';
import { type PathTable, ticksOf } from './path.ts';
import { joined, type Part, part, Sequence } from './sequence.ts';

/** What a core's time is booked on: the contexts, the paths and the sequences of them, which are fixed once the machine starts, and the account of whoever runs. */
export class Accounts {
  readonly paths: PathTable;
  /** Of the ledger: prices, then accounts. */
  protected book: Float64Array = new Float64Array(0);
  /** Number of paths. */
  protected width = 0;
  /** Where the accounts of the current context begin in the book. */
  protected base = 0;
  protected contextId = 0;
  private ledgerOrNull: Ledger | null = null;
  private readonly contextNames: string[] = [];
  private readonly sequences: Sequence[] = [];

  constructor(paths: PathTable) {
    this.paths = paths;
  }

  /** Names a context (a thread, or an operation of a kernel). */
  defineContext(name: string): number {
    const known = this.contextNames.indexOf(name);
    return known >= 0 ? known : this.contextNames.push(name) - 1;
  }

  /** Paths that are run in a row in a context, and counters that go up by it. */
  defineSequence(context: number, paths: readonly number[], counters: Counters, counts: readonly number[]): Sequence {
    return this.join(counters, part(context, paths, counts));
  }

  /** Parts that come one after the other, as one sequence. */
  join(counters: Counters, ...parts: readonly Part[]): Sequence {
    const whole = joined(parts);
    const sequence = new Sequence(whole, ticksOf(this.paths, whole.paths));
    this.sequences.push(sequence);
    counters.addSequence(sequence);
    return sequence;
  }

  /** Opens the ledger; to be called once, when all paths and contexts are defined. */
  powerOn(): void {
    const prices = new Float64Array(this.paths.size);
    for (let id = 0; id < prices.length; id++) prices[id] = this.paths.path(id).ticks;
    const ledger = new Ledger(prices, this.contextNames, this.sequences);
    this.ledgerOrNull = ledger;
    this.book = ledger.book;
    this.width = ledger.width;
    this.context = this.contextId;
  }

  get ledger(): Ledger {
    if (this.ledgerOrNull === null) throw new Error('the core is not powered on');
    return this.ledgerOrNull;
  }

  get context(): number {
    return this.contextId;
  }

  set context(id: number) {
    this.contextId = id;
    this.base = (id + 1) * this.width | 0; // no account has a number that needs more
  }
}
