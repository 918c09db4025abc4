import type { Tick } from '../events/time.ts';

/** Paths with the context that each is run in (ANYWHERE: in that of whoever does it), and counters, each as often as it goes up. */
export interface Part {
  readonly contexts: readonly number[];
  readonly paths: readonly number[];
  readonly counts: readonly number[];
}

/** Paths that a context runs in a row. */
export function part(context: number, paths: readonly number[], counts: readonly number[] = []): Part {
  return { contexts: paths.map(() => context), paths, counts };
}

/** Parts in a row. */
export function joined(parts: readonly Part[]): Part {
  return { contexts: parts.flatMap(({ contexts }) => contexts), paths: parts.flatMap(({ paths }) => paths), counts: parts.flatMap(({ counts }) => counts) };
}

/** A sequence's context that it gets when it is done. */
export const ANYWHERE = -1;

/**
 * Paths that are always run one after the other, with nothing between them that anybody could see, and the counters that go up by it. Done as a whole (`Core.runSequence`), it is only counted here;
 * ledger and counters are brought up to date when somebody reads them. They hold whole numbers, so that the sums are the same.
 */
export class Sequence implements Part {
  readonly ticks: Tick;
  /** How often it has been done as a whole. */
  times = 0;
  readonly contexts: readonly number[];
  readonly paths: readonly number[];
  readonly counts: readonly number[];
  /** What ANYWHERE means for the next ones; as long as it is that itself, nobody has said so. */
  context = ANYWHERE;
  private timesCharged = 0;
  private timesCounted = 0;

  /** `ticks`: price of all paths. */
  constructor({ contexts, paths, counts }: Part, ticks: Tick) {
    this.contexts = contexts;
    this.paths = paths;
    this.counts = counts;
    this.ticks = ticks;
  }

  /** Brings the accounts of a ledger's book of rows of `width` up to date. */
  charge(book: Float64Array, width: number): void {
    const times = this.times - this.timesCharged;
    this.timesCharged = this.times;
    if (times === 0) return;
    for (let i = 0; i < this.paths.length; i++) {
      const path = this.paths[i]!; // within bounds, and so the context
      const context = this.contexts[i]!;
      const row = (context === ANYWHERE ? this.context : context) + 1;
      book[row * width + path]! += times * book[path]!; // paths of the table that the prices are of
    }
  }

  /** Brings counters up to date. */
  count(values: Float64Array): void {
    const times = this.times - this.timesCounted;
    this.timesCounted = this.times;
    for (const counter of this.counts) values[counter]! += times; // counters come from define
  }
}

/** A device access that is the same each time: what the core waits for and the counter that goes up. */
export interface Access {
  readonly path: number;
  readonly counter: number;
}
