import type { Tick } from '../events/time.ts';

/** Paths that a context runs one after the other. */
export interface Stretch {
  readonly context: number;
  readonly paths: readonly number[];
}

/**
 * Paths that a context always runs one after the other, with nothing between them that anybody could see, and the counters that go up by it. Done as a whole (`Core.runSequence`), it is only counted here;
 * ledger and counters are brought up to date when somebody reads them. They hold whole numbers, so that the sums are the same.
 */
export class Sequence {
  readonly ticks: Tick;
  /** How often it has been done as a whole. */
  times = 0;
  /** All of them. */
  readonly paths: readonly number[];
  /** The context that the next ones are done in; -1: that has not been said yet. */
  context: number;
  private readonly own: readonly number[];
  private readonly counts: readonly number[];
  private readonly after: readonly Stretch[];
  private timesCharged = 0;
  private timesCounted = 0;

  /** `own`: paths in `context`; `after`: what other contexts run then; `counts`: the counters, each as often as it goes up; `price`: of a path. */
  constructor(context: number, own: readonly number[], after: readonly Stretch[], counts: readonly number[], price: (path: number) => Tick) {
    this.context = context;
    this.own = own;
    this.paths = [...own, ...after.flatMap(({ paths }) => paths)];
    this.ticks = this.paths.reduce((sum, path) => sum + price(path), 0);
    this.counts = counts;
    this.after = after;
  }

  /** Brings accounts up to date; `prices`: of all paths. */
  charge(accounts: Float64Array, prices: Float64Array): void {
    const times = this.times - this.timesCharged;
    this.timesCharged = this.times;
    if (times === 0) return;
    chargeTo(accounts, prices, this.context, this.own, times);
    for (const { context, paths } of this.after) chargeTo(accounts, prices, context, paths, times);
  }

  /** Brings counters up to date. */
  count(values: Float64Array): void {
    const times = this.times - this.timesCounted;
    this.timesCounted = this.times;
    for (const counter of this.counts) values[counter]! += times; // counters come from define
  }
}

function chargeTo(accounts: Float64Array, prices: Float64Array, context: number, paths: readonly number[], times: number): void {
  for (const path of paths) accounts[context * prices.length + path]! += times * prices[path]!; // paths of the table that the prices are of
}

/** A device access that is the same each time: what the core waits for and the counter that goes up. */
export interface Access {
  readonly path: number;
  readonly counter: number;
}
