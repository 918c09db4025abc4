import { type Data, RecordBatchReader, type Utf8, type Vector } from 'apache-arrow';
import { isNamed, isNumeric, NameReader, readIntegers, ValueError } from './column-reader.ts';
import { TRACE_FORMATS } from './format.ts';
import { MemorySink, type MemoryTrace } from './memory-sink.ts';
import { METADATA_KEY, parseMetadata } from './metadata.ts';
import { TraceError } from './trace-error.ts';
import { vocabularies } from './vocabulary.ts';

/** What the library says of compressed batches where nobody has given it a codec. */
const NO_CODEC = /codec/i;

/**
 * A trace from the bytes of its whole Arrow file, to keep in memory. Runs in a browser too: no Node API, so batches compressed by zstd are refused there.
 * @throws TraceError naming what cannot be read.
 */
export function traceOfBytes(file: string, bytes: Uint8Array): MemoryTrace {
  try {
    return read(file, bytes);
  } catch (error) {
    if (error instanceof TraceError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (NO_CODEC.test(message)) throw new TraceError(file, '', 'its batches are compressed by zstd, which cannot be undone here', 'write it uncompressed: rumpsim trace cut FILE OTHER --rows 0:');
    throw new TraceError(file, '', `this Arrow file cannot be read (${message})`, 'copy or record it again');
  }
}

function read(file: string, bytes: Uint8Array): MemoryTrace {
  const reader = RecordBatchReader.from(bytes);
  reader.open();
  const metadata = parseMetadata(file, reader.schema.metadata.get(METADATA_KEY));
  const { kind } = metadata;
  const { columns, dictionaries } = TRACE_FORMATS[kind];
  const places = columns.map(({ name, type }) => {
    const place = reader.schema.fields.findIndex((field) => field.name === name);
    const field = reader.schema.fields[place];
    if (field === undefined) throw new TraceError(file, 'schema', `column ${name} is missing`, 'record the trace again');
    if (!(type === 'dictionary' ? isNamed(field.type) : isNumeric(field.type))) throw new TraceError(file, 'schema', `column ${name} holds ${String(field.type)}`, 'record the trace again');
    return place;
  });
  const names = new Map([...vocabularies(dictionaries)].map(([column, vocabulary]) => [column, new NameReader(vocabulary)]));
  const sink = new MemorySink(file, kind, metadata);
  let rows = 0;
  for (const batch of reader) {
    const { numRows } = batch;
    const read = columns.map(({ name }, index) => column(file, name, batch.data.children[places[index] ?? -1], { firstRow: rows, length: numRows, names: names.get(name) ?? null }));
    // Both vocabularies begin with the format's names and grow in one order, so the codes are the same.
    for (const [name, { vocabulary }] of names) for (const known of vocabulary.names) sink.code(name, known);
    const [times] = read;
    for (let row = 0; row < numRows; row++) {
      const at = sink.row(times![row]!); // every format begins with its time
      for (let index = 1; index < read.length; index++) sink.columns[index]![at] = read[index]![row]!; // a column each
    }
    rows += numRows;
  }
  if (metadata.rows !== null && metadata.rows !== rows) throw new TraceError(file, `row ${rows}`, `the file ends there, its metadata say ${metadata.rows} rows`, 'copy it again');
  return sink.complete({ ...(metadata.frames === undefined ? {} : { frames: metadata.frames }), ...(metadata.flows === undefined ? {} : { flows: metadata.flows }) });
}

function column(file: string, name: string, data: Data | undefined, { firstRow, length, names }: { readonly firstRow: number; readonly length: number; readonly names: NameReader | null }): Float64Array | Int32Array {
  try {
    if (data === undefined || data.length !== length) throw new ValueError(0, `the column has ${data?.length ?? 0} rows, its batch ${length}`);
    if (names !== null) {
      const codes = new Int32Array(length);
      names.read(data, { names: data.dictionary === undefined ? [] : [...(data.dictionary as Vector<Utf8>)] }, codes);
      return codes;
    }
    const values = new Float64Array(length);
    readIntegers(data, values, null);
    return values;
  } catch (error) {
    if (error instanceof ValueError) throw new TraceError(file, `row ${firstRow + error.row}`, `${name}: ${error.message}`, 'correct the row or record the trace again');
    throw error;
  }
}
