import { TRACE_FORMATS, type TraceKind } from '../../trace/format.ts';
import type { TraceBatch, TraceSource } from '../../trace/source.ts';

/** Names a row is counted under, and what it adds to its account. */
interface Tallied {
  /** Dictionary columns whose names make the row's name. */
  readonly names: readonly string[];
  /** Column that the account adds up; null: rows are only counted. */
  readonly amount: string | null;
  readonly separator: string;
}

const TALLIED: Readonly<Record<TraceKind, Tallied>> = {
  wire: { names: ['kind'], amount: 'bytes', separator: ' ' },
  hardware: { names: ['device', 'kind'], amount: null, separator: ' ' },
  kernel: { names: ['operation'], amount: 'duration', separator: ' ' },
  ledger: { names: ['context', 'path'], amount: 'duration', separator: '/' },
};

/** Counts and sums the rows of a trace by what they are. */
export class TraceTally {
  readonly counts = new Map<string, number>();
  readonly amounts = new Map<string, number>();
  /** Span of the rows, in the clock's unit. */
  first = -1;
  last = 0;
  private readonly tallied: Tallied;
  private readonly trace: TraceSource;
  private readonly byCode = new Map<number, { rows: number; amount: number }>();

  constructor(trace: TraceSource) {
    this.trace = trace;
    this.tallied = TALLIED[trace.metadata.kind];
  }

  add(batch: TraceBatch): void {
    const { names, amount } = this.tallied;
    const codes = names.map((name) => batch.codes(name));
    const amounts = amount === null ? null : batch.integers(amount);
    for (let row = 0; row < batch.rows; row++) {
      let key = 0;
      for (const column of codes) key = key * WIDTH + column[row]!; // columns have the batch's rows
      let found = this.byCode.get(key);
      if (found === undefined) this.byCode.set(key, (found = { rows: 0, amount: 0 }));
      found.rows++;
      if (amounts !== null) found.amount += amounts[row]!;
    }
    if (batch.rows === 0) return;
    if (this.first < 0) this.first = batch.t[0]!;
    this.last = batch.t[batch.rows - 1]!;
  }

  /** Turns codes into names, once all rows are in. */
  finish(): void {
    const { names, amount, separator } = this.tallied;
    for (const [key, { rows, amount: sum }] of this.byCode) {
      const parts = names.length === 1 ? [key] : [Math.floor(key / WIDTH), key % WIDTH];
      const name = parts.map((code, index) => this.trace.names(names[index] ?? '')[code] ?? String(code)).join(separator);
      this.counts.set(name, (this.counts.get(name) ?? 0) + rows);
      if (amount !== null) this.amounts.set(name, (this.amounts.get(name) ?? 0) + sum);
    }
  }
}

/** More names than a dictionary column holds. */
const WIDTH = 32_768;

/** A row as text by column: names for codes. */
export function rowText(trace: TraceSource, batch: TraceBatch, row: number): Record<string, string> {
  const { columns } = TRACE_FORMATS[trace.metadata.kind];
  return Object.fromEntries(columns.map(({ name, type }) => {
    if (type === 'dictionary') return [name, trace.names(name)[batch.codes(name)[row] ?? -1] ?? ''];
    return [name, String((name === 't' ? batch.t : batch.integers(name))[row] ?? '')];
  }));
}

