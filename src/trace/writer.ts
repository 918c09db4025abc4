import { closeSync, openSync, renameSync, rmSync } from 'node:fs';
import { makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { ArrowFileWriter, replaceInHead } from './arrow-writer.ts';
import { BATCH_ROWS, BatchSink } from './batch-sink.ts';
import { ColumnWriter } from './column-writer.ts';
import type { TraceKind } from './format.ts';
import { METADATA_KEY, type TraceMetadata, type TraceOrigin } from './metadata.ts';
import { isDevice, partName, placeProblem } from './part-name.ts';
import type { TraceSummary } from './sink.ts';
import { STANDARD_STREAM } from './standard-stream.ts';
import { systemReason, TraceError } from './trace-error.ts';

/** Bytes in the head for what is known only at the end: rows, frames, span, and names and flows as far as they fit. The footer has room for all. */
const HEAD_ROOM = 1024;

/**
 * Writes a trace, streaming: rows are staged in `columns` and go to the file a batch at a time. The file gets its name when it is complete;
 * until then it stands beside its place.
 */
export class TraceWriter extends BatchSink {
  private readonly writers: readonly ColumnWriter[];
  private readonly schema: Schema;
  private readonly head: string;
  private readonly part: string;
  private readonly descriptor: number;
  private readonly arrow: ArrowFileWriter;
  private state: 'open' | 'complete' | 'over' = 'open';

  /**
   * `batchRows`: rows a record batch, 1..262,144; `compressed`: batches by zstd.
   * @throws TraceError when the file cannot be made: no such folder, a directory of that name, no permission.
   */
  constructor(file: string, kind: TraceKind, origin: TraceOrigin, batchRows = BATCH_ROWS, compressed = false) {
    super(file, kind, origin, batchRows);
    this.writers = this.formats.map((format, index) => new ColumnWriter(format, this.columns[index]!, this.vocabulary.get(format.name), index)); // a column each
    const text = JSON.stringify(this.begun);
    this.head = text + ' '.repeat(HEAD_ROOM);
    this.schema = new Schema(this.writers.map(({ field }) => field), new Map([[METADATA_KEY, this.head]]));
    this.part = partName(file);
    this.descriptor = open(file, this.part);
    this.arrow = this.guarded(() => new ArrowFileWriter(this.descriptor, this.schema, compressed));
  }

  /** Writes what is left and the end of the file, which gets its name only by `publish`. */
  complete(summary: TraceSummary = {}): TraceMetadata {
    const metadata = this.end(summary);
    this.guarded(() => {
      this.schema.metadata.set(METADATA_KEY, JSON.stringify(metadata));
      this.arrow.finish();
      replaceInHead(this.descriptor, this.head, this.headText(metadata));
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

  protected override take(length: number): void {
    const children = this.writers.map((writer) => writer.data(length));
    const rows = makeData({ type: new Struct(this.schema.fields), length, nullCount: 0, children });
    this.guarded(() => this.arrow.write(new RecordBatch(this.schema, rows)));
  }

  /** The metadata at the end, as much of them as the head has room for. */
  private headText(metadata: TraceMetadata): string {
    const room = Buffer.byteLength(this.head);
    const { flows, dictionaries } = this.begun;
    const candidates = [metadata, { ...metadata, dictionaries }, { ...metadata, dictionaries, flows }, this.begun].map((candidate) => JSON.stringify(candidate));
    const text = candidates.find((candidate) => Buffer.byteLength(candidate) <= room) ?? '';
    return text + ' '.repeat(room - Buffer.byteLength(text));
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
  const refused = placeProblem(file);
  if (refused !== null) throw new TraceError(file, '', refused.problem, refused.remedy);
  // The head is written again at the end, which a pipe does not allow.
  if (file === STANDARD_STREAM || isDevice(file)) throw new TraceError(file, '', 'cannot be written: a trace needs a regular file', 'give the name of one');
  try {
    return openSync(part, 'w+');
  } catch (error) {
    throw new TraceError(file, '', `cannot be written: ${systemReason(error)}`, 'choose another place');
  }
}
