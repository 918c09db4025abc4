import { LARGEST } from '../../src/trace/column-values.ts';
import { TRACE_FORMATS, type TraceKind } from '../../src/trace/format.ts';
import { newMetadata, type TraceOrigin, traceMetadata } from '../../src/trace/metadata.ts';
import type { TraceSink, TraceSummary } from '../../src/trace/sink.ts';
import { vocabularies } from '../../src/trace/vocabulary.ts';

const ROOM = 64;

/** Takes rows, holds each against the trace's format, and keeps a digest of each. */
export class CheckingSink implements TraceSink {
  readonly columns: readonly Float64Array[];
  /** A text of each row's values. */
  readonly rows: string[] = [];
  /** What is wrong with what was given. */
  readonly problems: string[] = [];
  private readonly kind: TraceKind;
  private readonly most: number;
  private readonly vocabulary;
  private readonly origin: TraceOrigin;
  private open = false;
  private place = 0;
  private last = 0;

  /** `most`: rows, more is a problem. */
  constructor(kind: TraceKind, origin: TraceOrigin, most: number) {
    this.kind = kind;
    this.origin = origin;
    this.most = most;
    this.vocabulary = vocabularies(TRACE_FORMATS[kind].dictionaries);
    this.columns = TRACE_FORMATS[kind].columns.map(() => new Float64Array(ROOM));
  }

  row(t: number): number {
    this.close();
    if (this.rows.length >= this.most) throw new Error(`more than ${this.most} rows`);
    this.open = true;
    this.place = (this.place + 7) % ROOM;
    // What is not set shows.
    for (const column of this.columns) column[this.place] = NaN;
    this.columns[0]![this.place] = t; // every format begins with its time
    return this.place;
  }

  code(column: string, name: string): number {
    const known = this.vocabulary.get(column);
    if (known === undefined) throw new Error(`no names in ${column}`);
    return known.code(name);
  }

  end(summary: TraceSummary): void {
    this.close();
    const metadata = traceMetadata.safeParse({ ...newMetadata(this.kind, this.origin), ...JSON.parse(JSON.stringify(summary)) as object });
    if (!metadata.success) this.problems.push(`metadata: ${metadata.error.message}`);
  }

  private close(): void {
    if (!this.open) return;
    this.open = false;
    const values = this.columns.map((column) => column[this.place] ?? NaN);
    for (const [index, { name, type }] of TRACE_FORMATS[this.kind].columns.entries()) {
      const value = values[index] ?? NaN;
      const most = type === 'dictionary' ? (this.vocabulary.get(name)?.names.length ?? 0) - 1 : LARGEST[type];
      if (!(Number.isSafeInteger(value) && value >= 0 && value <= most)) this.problems.push(`row ${this.rows.length}: ${name} is ${value}`);
    }
    const [t = NaN] = values;
    if (t < this.last) this.problems.push(`row ${this.rows.length}: t ${t} is before ${this.last}`);
    this.last = t;
    this.rows.push(values.join(' '));
  }
}
