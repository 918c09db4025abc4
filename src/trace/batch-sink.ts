import { ColumnError } from './column-values.ts';
import { TRACE_FORMATS, type ColumnFormat, type TraceKind } from './format.ts';
import { completeMetadata, newMetadata, type TraceMetadata, type TraceOrigin } from './metadata.ts';
import type { TraceSink, TraceSummary } from './sink.ts';
import { TraceError } from './trace-error.ts';
import { MOST_NAMES, vocabularies, type Vocabulary } from './vocabulary.ts';

/** Rows of a batch unless the caller wants another number, and the most it may be. */
export const BATCH_ROWS = 65_536;
export const MOST_BATCH_ROWS = 262_144;

/** A sink that stages rows and passes them on a batch at a time, checked to be in time order. */
export abstract class BatchSink implements TraceSink {
  /** The file, or what stands for it in messages. */
  readonly file: string;
  readonly columns: readonly Float64Array[];
  /** As they are before the first row. */
  protected readonly begun: TraceMetadata;
  protected readonly formats: readonly ColumnFormat[];
  protected readonly vocabulary: ReadonlyMap<string, Vocabulary>;
  protected readonly batchRows: number;
  private readonly time: Float64Array;
  private written = 0;
  private filled = 0;
  private first = 0;
  private last = 0;

  /** `batchRows`: rows a batch, 1..262,144. */
  constructor(file: string, kind: TraceKind, origin: TraceOrigin, batchRows = BATCH_ROWS) {
    if (!Number.isSafeInteger(batchRows) || batchRows < 1 || batchRows > MOST_BATCH_ROWS) throw new RangeError(`${batchRows} rows a batch: give 1..${MOST_BATCH_ROWS}`);
    const { columns, dictionaries } = TRACE_FORMATS[kind];
    this.file = file;
    this.formats = columns;
    this.begun = newMetadata(kind, origin);
    this.batchRows = batchRows;
    this.vocabulary = vocabularies(dictionaries);
    this.columns = columns.map(() => new Float64Array(batchRows));
    this.time = this.columns[0]!; // every format begins with its time
  }

  /** Rows so far. */
  get rows(): number {
    return this.written + this.filled;
  }

  row(t: number): number {
    if (this.filled === this.batchRows) this.flush();
    const row = this.filled++;
    this.time[row] = t;
    return row;
  }

  code(column: string, name: string): number {
    const vocabulary = this.vocabulary.get(column);
    if (vocabulary === undefined) throw new RangeError(`a ${this.begun.kind} trace has no names in column ${column}`);
    const code = vocabulary.code(name);
    if (code >= MOST_NAMES) throw new TraceError(this.file, `row ${this.rows}`, `${column}: more than ${MOST_NAMES} names`, 'make several traces of it');
    return code;
  }

  /** Takes the first `length` staged rows. @throws ColumnError for a value that does not fit. */
  protected abstract take(length: number): void;

  /** Passes on what is left. Returns the metadata of the whole. */
  protected end(summary: TraceSummary): TraceMetadata {
    this.flush();
    const span = this.written === 0 ? null : { first: this.first, last: this.last };
    return completeMetadata(this.begun, summary, this.written, span, this.vocabulary);
  }

  private flush(): void {
    const length = this.filled;
    if (length === 0) return;
    this.checkOrder(length);
    try {
      this.take(length);
    } catch (error) {
      if (error instanceof ColumnError) throw new TraceError(this.file, `row ${this.written + error.row}`, error.message, 'the recorder has to give integers that fit');
      throw error;
    }
    this.written += length;
    this.filled = 0;
  }

  private checkOrder(length: number): void {
    const { time } = this;
    if (this.written === 0) this.first = time[0]!; // length > 0
    let { last } = this;
    for (let row = 0; row < length; row++) {
      const t = time[row]!;
      if (t < last) throw new TraceError(this.file, `row ${this.written + row}`, `t ${t} is before ${last} of the row before it`, 'the recorder has to give rows in time order');
      last = t;
    }
    this.last = last;
  }
}
