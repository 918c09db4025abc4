import { closeSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { ArrowFileWriter, replaceInHead } from './arrow-writer.ts';
import { ColumnError, ColumnWriter } from './column-writer.ts';
import { TRACE_FORMATS, type TraceKind } from './format.ts';
import { METADATA_KEY, newMetadata, type TraceMetadata, type TraceOrigin } from './metadata.ts';
import { systemReason, TraceError } from './trace-error.ts';

/** Rows of a record batch unless the caller wants another number, and the most it may be. */
export const BATCH_ROWS = 65_536;
export const MOST_BATCH_ROWS = 262_144;
/** Room in the head for what is known only at the end: rows, frames, span. */
const HEAD_ROOM = 256;

/**
 * Writes a trace, streaming: rows are staged in `columns` and go to the file a batch at a time. The file gets its name when it is complete;
 * until then it stands beside its place.
 */
export class TraceWriter {
  readonly file: string;
  /** Staging, an array a column in the order of the format; dictionary columns hold codes. Every column of a row has to be set. */
  readonly columns: readonly Float64Array[];
  private readonly metadata: TraceMetadata;
  private readonly batchRows: number;
  private readonly writers: readonly ColumnWriter[];
  private readonly time: Float64Array;
  private readonly schema: Schema;
  private readonly head: string;
  private readonly part: string;
  private readonly descriptor: number;
  private readonly arrow: ArrowFileWriter;
  private written = 0;
  private filled = 0;
  private first = 0;
  private last = 0;
  private state: 'open' | 'complete' | 'over' = 'open';

  /**
   * `batchRows`: rows a record batch, 1..262,144.
   * @throws TraceError when the file cannot be made: no such folder, a directory of that name, no permission.
   */
  constructor(file: string, kind: TraceKind, origin: TraceOrigin, batchRows = BATCH_ROWS) {
    if (!Number.isSafeInteger(batchRows) || batchRows < 1 || batchRows > MOST_BATCH_ROWS) throw new RangeError(`${batchRows} rows a batch: give 1..${MOST_BATCH_ROWS}`);
    const { columns, dictionaries } = TRACE_FORMATS[kind];
    this.file = file;
    this.metadata = newMetadata(kind, origin);
    this.batchRows = batchRows;
    this.writers = columns.map((column, index) => new ColumnWriter(column, dictionaries[column.name] ?? [], index, batchRows));
    this.columns = this.writers.map(({ staged }) => staged);
    this.time = this.columns[0]!; // every format begins with its time
    const text = JSON.stringify(this.metadata);
    this.head = text.padEnd(text.length + HEAD_ROOM);
    this.schema = new Schema(this.writers.map(({ field }) => field), new Map([[METADATA_KEY, this.head]]));
    this.part = join(dirname(file), `.${basename(file)}.${process.pid}.part`);
    this.descriptor = open(file, this.part);
    this.arrow = this.guarded(() => new ArrowFileWriter(this.descriptor, this.schema));
  }

  /** Rows so far. */
  get rows(): number {
    return this.written + this.filled;
  }

  /** Begins a row at `t` (the clock's unit, whole, not before the last) and returns its place in `columns`, valid until the next call. */
  row(t: number): number {
    if (this.filled === this.batchRows) this.flush();
    const row = this.filled++;
    this.time[row] = t;
    return row;
  }

  /** Writes what is left and the end of the file, which gets its name only by `publish`. `frames`: of a wire trace. */
  complete(frames?: { readonly in: number; readonly out: number }): TraceMetadata {
    this.flush();
    const span = this.written === 0 ? null : { first: this.first, last: this.last };
    const metadata: TraceMetadata = { ...this.metadata, rows: this.written, span, ...(frames === undefined ? {} : { frames }) };
    const text = JSON.stringify(metadata).padEnd(this.head.length);
    this.guarded(() => {
      this.schema.metadata.set(METADATA_KEY, text);
      this.arrow.finish();
      replaceInHead(this.descriptor, this.head, text);
      closeSync(this.descriptor);
    });
    this.state = 'complete';
    return metadata;
  }

  /** Gives the complete file its name. */
  publish(): void {
    this.guarded(() => renameSync(this.part, this.file));
    this.state = 'over';
  }

  /** Drops what has been written; nothing happens after `publish`. */
  abort(): void {
    if (this.state === 'over') return;
    if (this.state === 'open') closeSync(this.descriptor);
    this.state = 'over';
    rmSync(this.part, { force: true });
  }

  private flush(): void {
    const length = this.filled;
    if (length === 0) return;
    this.checkOrder(length);
    try {
      const children = this.writers.map((writer) => writer.data(length));
      const rows = makeData({ type: new Struct(this.schema.fields), length, nullCount: 0, children });
      this.guarded(() => this.arrow.write(new RecordBatch(this.schema, rows)));
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

  private guarded<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      this.abort();
      throw error instanceof TraceError ? error : new TraceError(this.file, '', `cannot be written: ${systemReason(error)}`, 'choose another place');
    }
  }
}

function open(file: string, part: string): number {
  const refuse = (problem: string, remedy = 'choose another place'): never => {
    throw new TraceError(file, '', `cannot be written: ${problem}`, remedy);
  };
  let folder: boolean;
  let status: ReturnType<typeof statSync>;
  try {
    folder = statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory() === true;
    status = statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    return refuse(systemReason(error));
  }
  if (!folder) return refuse(`there is no folder ${dirname(file)}`, 'make it or choose another place');
  // A device would be replaced by the rename.
  if (status !== undefined && !status.isFile()) return refuse(status.isDirectory() ? 'this is a directory' : 'this is not a regular file');
  try {
    return openSync(part, 'w+');
  } catch (error) {
    return refuse(systemReason(error));
  }
}
