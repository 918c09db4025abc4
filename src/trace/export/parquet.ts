import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { ColumnType } from '../format.ts';
import { METADATA_KEY } from '../metadata.ts';
import type { TraceBatch, TraceSource } from '../source.ts';
import type { ExportFormat } from './exporter.ts';
import { only } from './only.ts';

type Column = TraceSource['metadata']['columns'][number];

/** Gives out what has been written after each row group, so that memory holds one of them. */
class StreamWriter extends ByteWriter {
  private readonly out: (bytes: Uint8Array) => void;

  constructor(out: (bytes: Uint8Array) => void) {
    super(1 << 16);
    this.out = out;
  }

  flush(): void {
    this.out(this.getBytes());
    this.index = 0;
  }

  override finish(): void {
    this.flush();
  }
}

/** Parquet, for everyone's tables: a row group a batch, names as strings, the trace's metadata under the same key as in its Arrow file. */
export const parquet: ExportFormat = {
  name: 'parquet',
  title: 'Parquet table',
  extension: '.parquet',
  kinds: ['wire', 'hardware', 'kernel', 'ledger'],
  write(sources, out) {
    const source = only(sources);
    const { metadata } = source;
    const schema = [{ name: 'root', num_children: metadata.columns.length }, ...metadata.columns.map(({ name, type }) => ({ name, repetition_type: 'REQUIRED' as const, ...typeOf(type) }))];
    const kvMetadata = [{ key: METADATA_KEY, value: JSON.stringify(metadata) }];
    const writer = new ParquetWriter({ writer: new StreamWriter(out), schema, kvMetadata, createdBy: 'rumpsim' });
    for (let batch = source.next(); batch !== null; batch = source.next()) {
      const { rows } = batch;
      const columnData = metadata.columns.map((column) => ({ name: column.name, data: dataOf(source, batch, column) }));
      if (rows > 0) writer.write({ columnData, rowGroupSize: rows });
    }
    writer.finish();
  },
};

function typeOf(type: ColumnType): { type: 'BYTE_ARRAY'; converted_type: 'UTF8' } | { type: 'INT32' | 'INT64' } {
  switch (type) {
    case 'dictionary':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8' };
    case 'int64':
      return { type: 'INT64' };
    default:
      return { type: 'INT32' };
  }
}

function dataOf(source: TraceSource, batch: TraceBatch, { name, type }: Column): string[] | BigInt64Array | Int32Array {
  if (type === 'dictionary') {
    const names = source.names(name);
    return Array.from(batch.codes(name), (code) => names[code] ?? '');
  }
  const values = name === 't' ? batch.t : batch.integers(name);
  return type === 'int64' ? wide(values) : Int32Array.from(values);
}

/** Whole numbers in 0..2^53 - 1 as 64-bit integers, little end first, as Parquet and every machine that runs this have them. */
function wide(values: Float64Array): BigInt64Array {
  const result = new BigInt64Array(values.length);
  const halves = new Int32Array(result.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!; // within the length
    const high = Math.floor(value / 2 ** 32);
    halves[2 * i] = value - high * 2 ** 32;
    halves[2 * i + 1] = high;
  }
  return result;
}
