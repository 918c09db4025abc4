import { BatchSink } from './batch-sink.ts';
import { ColumnError, LARGEST } from './column-values.ts';
import type { ColumnType } from './format.ts';
import type { TraceMetadata } from './metadata.ts';
import type { TraceSummary } from './sink.ts';
import type { TraceBatch, TraceSource } from './source.ts';

type Stored = Int8Array | Int16Array | Int32Array | Float64Array;

/** A batch: its columns in the order of the format. */
type StoredBatch = readonly Stored[];

/** Keeps a trace in memory: for a browser, and for what is read at once. */
export class MemorySink extends BatchSink {
  private readonly batches: StoredBatch[] = [];

  /** The trace, whole. Nothing may be written afterwards. */
  complete(summary: TraceSummary = {}): MemoryTrace {
    const metadata = this.end(summary);
    const names = new Map([...this.vocabulary].map(([column, vocabulary]) => [column, vocabulary.names]));
    return new MemoryTrace(this.file, metadata, names, this.batches);
  }

  protected override take(length: number): void {
    this.batches.push(this.formats.map(({ name, type }, index) => store(name, type, this.columns[index]!, length))); // a column each
  }
}

function store(name: string, type: ColumnType, staged: Float64Array, length: number): Stored {
  const stored = room(type, length);
  const largest = LARGEST[type];
  for (let row = 0; row < length; row++) {
    const value = staged[row]!;
    stored[row] = value;
    if (stored[row] !== value || !(value >= 0 && value <= largest) || value !== Math.floor(value)) throw new ColumnError(row, name, value, largest);
  }
  return stored;
}

function room(type: ColumnType, length: number): Stored {
  switch (type) {
    case 'int8': return new Int8Array(length);
    case 'int16': case 'dictionary': return new Int16Array(length);
    case 'int32': return new Int32Array(length);
    case 'int64': return new Float64Array(length);
  }
}

/** A trace in memory. It can be read any number of times, by several readers at once. */
export class MemoryTrace {
  readonly file: string;
  readonly metadata: TraceMetadata;
  private readonly names: ReadonlyMap<string, readonly string[]>;
  private readonly batches: readonly StoredBatch[];

  constructor(file: string, metadata: TraceMetadata, names: ReadonlyMap<string, readonly string[]>, batches: readonly StoredBatch[]) {
    this.file = file;
    this.metadata = metadata;
    this.names = names;
    this.batches = batches;
  }

  /** Reads it from its start. */
  open(): TraceSource {
    const { file, metadata, names, batches } = this;
    const places = new Map(metadata.columns.map(({ name }, place) => [name, place]));
    let index = 0;
    let firstRow = 0;
    return {
      file,
      metadata,
      warnings: [],
      names: (column) => names.get(column) ?? [],
      next(): TraceBatch | null {
        const batch = batches[index++];
        if (batch === undefined) return null;
        const column = (name: string): Stored => {
          const stored = batch[places.get(name) ?? -1];
          if (stored === undefined) throw new RangeError(`a ${metadata.kind} trace has no column ${name}`);
          return stored;
        };
        const integers = (name: string, some?: Int32Array): Float64Array => {
          const values = column(name);
          return some === undefined ? Float64Array.from(values) : Float64Array.from(some, (row) => values[row] ?? NaN);
        };
        const t = integers('t');
        const read = { rows: t.length, firstRow, t, integers, codes: (name: string) => Int32Array.from(column(name)) };
        firstRow += t.length;
        return read;
      },
      close() {},
    };
  }
}
