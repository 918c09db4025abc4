import { toSeconds } from './clock.ts';
import type { TraceKind } from './format.ts';
import type { TraceSource } from './source.ts';

/** Rows that have the same names (or number) in some columns. */
export interface Group {
  /** What they have in common, in the order of `Grouping.by`. */
  readonly names: readonly string[];
  readonly rows: number;
  /** Sums of columns, in the order of `Grouping.sums`. */
  readonly sums: readonly number[];
}

export interface Grouping {
  readonly by: readonly string[];
  readonly sums: readonly string[];
  readonly groups: readonly Group[];
}

/** What a trace holds. */
export interface TraceContents {
  readonly rows: number;
  readonly batches: number;
  /** Column t of the first and the last row; null without rows. */
  readonly span: { readonly first: number; readonly last: number } | null;
  /** From the first row to the last. */
  readonly seconds: number;
  readonly groupings: readonly Grouping[];
}

/** What is counted of each kind: columns that rows are grouped by, one or two, and columns that are added up. */
const GROUPINGS: Readonly<Record<TraceKind, readonly { readonly by: readonly [string] | readonly [string, string]; readonly sums: readonly string[] }[]>> = {
  wire: [{ by: ['kind'], sums: ['bytes', 'payload'] }, { by: ['flow', 'kind'], sums: ['bytes', 'payload'] }],
  hardware: [{ by: ['kind', 'device'], sums: [] }],
  kernel: [{ by: ['operation'], sums: ['duration', 'instructions', 'mmio', 'port_in', 'port_out'] }],
  ledger: [{ by: ['context'], sums: ['duration'] }],
};
/** Keys of two columns are one number: the second is below this. */
const KEY = 1_048_576;

class Counter {
  readonly by: readonly string[];
  readonly sums: readonly string[];
  private readonly found = new Map<number, { readonly key: readonly number[]; rows: number; readonly sums: number[] }>();

  constructor(by: readonly string[], sums: readonly string[]) {
    this.by = by;
    this.sums = sums;
  }

  add(rows: number, keys: readonly (Float64Array | Int32Array)[], values: readonly Float64Array[]): void {
    const [first, second] = keys;
    if (first === undefined) return;
    for (let row = 0; row < rows; row++) {
      const key = first[row]! * KEY + (second === undefined ? 0 : second[row]!); // columns of the batch
      let group = this.found.get(key);
      if (group === undefined) {
        group = { key: keys.map((column) => column[row]!), rows: 0, sums: this.sums.map(() => 0) };
        this.found.set(key, group);
      }
      group.rows++;
      for (let i = 0; i < values.length; i++) group.sums[i]! += values[i]![row]!;
    }
  }

  grouping(name: (column: string, code: number) => string): Grouping {
    const groups = [...this.found.values()].toSorted((a, b) => b.rows - a.rows || a.key[0]! - b.key[0]!); // a key each
    return { by: this.by, sums: this.sums, groups: groups.map(({ key, rows, sums }) => ({ names: key.map((code, index) => name(this.by[index]!, code)), rows, sums })) };
  }
}

/** Reads a trace to its end and counts. Yields the rows read so far after each batch. */
export function* readContents(source: TraceSource): Generator<number, TraceContents> {
  const { kind, clock, columns } = source.metadata;
  const counters = GROUPINGS[kind].map(({ by, sums }) => new Counter(by, sums));
  const named = new Set(columns.filter(({ type }) => type === 'dictionary').map(({ name }) => name));
  let [rows, batches, first, last] = [0, 0, 0, 0];
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const { t } = batch;
    const read = new Map<string, Float64Array | Int32Array>();
    const integers = new Map<string, Float64Array>();
    for (const { by, sums } of counters) {
      for (const name of by) if (!read.has(name)) read.set(name, named.has(name) ? batch.codes(name) : batch.integers(name));
      for (const name of sums) if (!integers.has(name)) integers.set(name, batch.integers(name));
    }
    for (const counter of counters) counter.add(batch.rows, counter.by.map((name) => read.get(name)!), counter.sums.map((name) => integers.get(name)!)); // all read above
    if (rows === 0 && batch.rows > 0) first = t[0]!;
    if (batch.rows > 0) last = t[batch.rows - 1]!;
    rows += batch.rows;
    batches++;
    yield rows;
  }
  const name = (column: string, code: number): string => (named.has(column) ? (source.names(column)[code] ?? '') : String(code));
  return { rows, batches, span: rows === 0 ? null : { first, last }, seconds: toSeconds(clock, last - first), groupings: counters.map((counter) => counter.grouping(name)) };
}
