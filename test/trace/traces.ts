import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataType, Table, tableFromIPC, tableToIPC, type Vector, vectorFromArray } from 'apache-arrow';
import { afterAll } from 'vitest';
import { TRACE_FORMATS, type TraceKind } from '../../src/trace/format.ts';
import { METADATA_KEY, SIMULATED_CLOCK, type TraceOrigin } from '../../src/trace/metadata.ts';
import { TraceReader, type TraceNeeds } from '../../src/trace/reader.ts';
import type { TraceSink } from '../../src/trace/sink.ts';
import type { TraceSource } from '../../src/trace/source.ts';
import { TraceError } from '../../src/trace/trace-error.ts';
import { TraceWriter } from '../../src/trace/writer.ts';

export const ORIGIN: TraceOrigin = {
  clock: SIMULATED_CLOCK,
  loop: 'closed',
  producer: { name: 'a test', version: '0' },
  recorded: { command: 'none', scenario: { system: 'sel4-pic', duration: 1 } },
};

/** A folder for the files of a test file, taken away at its end. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'rumpsim-trace-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Puts rows into a sink, each the values of the format's columns in order. Codes that have no name yet get one. */
export function fill(sink: TraceSink, kind: TraceKind, rows: readonly (readonly number[])[]): void {
  const { columns, dictionaries } = TRACE_FORMATS[kind];
  const named = columns.map(({ name }) => dictionaries[name]?.length ?? Infinity);
  for (const values of rows) {
    const [t = 0] = values;
    const row = sink.row(t);
    values.forEach((value, column) => {
      for (; named[column]! <= value; named[column]!++) sink.code(columns[column]!.name, `name ${named[column]}`);
      (sink.columns[column] ?? new Float64Array(0)).fill(value, row, row + 1);
    });
  }
}

/** Writes rows to a file. */
export function write(file: string, kind: TraceKind, rows: readonly (readonly number[])[], batchRows?: number, origin = ORIGIN): void {
  const writer = new TraceWriter(file, kind, origin, batchRows);
  try {
    fill(writer, kind, rows);
    writer.complete();
    writer.publish();
  } catch (error) {
    writer.abort();
    throw error;
  }
}

/** Reads all rows, each the values of the format's columns in order; dictionary columns as codes. */
export function read(file: string, needs: TraceNeeds = {}): { readonly rows: number[][]; readonly warnings: readonly string[] } {
  return rowsOf(new TraceReader(file, needs));
}

/** All rows of a source, likewise. */
export function rowsOf(reader: TraceSource): { readonly rows: number[][]; readonly warnings: readonly string[] } {
  const rows: number[][] = [];
  try {
    for (let batch = reader.next(); batch !== null; batch = reader.next()) {
      const { firstRow, integers, codes, rows: count } = batch;
      if (firstRow !== rows.length) throw new Error('rows are numbered wrongly');
      // Each is copied: it is valid until the next batch only.
      const columns = TRACE_FORMATS[reader.metadata.kind].columns.map(({ name, type }) => Array.from(type === 'dictionary' ? codes(name) : integers(name)));
      for (let row = 0; row < count; row++) rows.push(columns.map((column) => column[row] ?? NaN));
    }
  } finally {
    reader.close();
  }
  return { rows, warnings: reader.warnings };
}

/** Even frames in: what they are does not matter. */
export function wireRows(count: number, period = 1000): number[][] {
  return Array.from({ length: count }, (_, i) => [i * period, 0, 0, 1514, i * 1448, 1448, 0, 65535, 0, 0, 0, 0]);
}

/** What is done to a trace to spoil it: columns replaced (values and type), or left out, and its metadata changed. */
export interface Spoiled {
  readonly columns?: Readonly<Record<string, { readonly type: DataType; readonly values: (values: unknown[]) => unknown[] } | null>>;
  readonly metadata?: (text: string) => string | null;
}

/** Writes `from` again by apache-arrow's own writer, spoiled. */
export function rewrite(from: string, to: string, { columns = {}, metadata = (text) => text }: Spoiled = {}): void {
  const table = tableFromIPC(readFileSync(from));
  const vectors: Record<string, Vector> = {};
  for (const { name } of table.schema.fields) {
    const vector = table.getChild(name as string);
    const change = columns[name as string];
    if (vector === null || change === null) continue;
    vectors[name as string] = change === undefined ? vector : vectorFromArray(change.values([...vector]), change.type);
  }
  const spoiled = new Table(vectors);
  const text = metadata(table.schema.metadata.get(METADATA_KEY) ?? '');
  if (text !== null) spoiled.schema.metadata.set(METADATA_KEY, text);
  writeFileSync(to, tableToIPC(spoiled, 'file'));
}

/** The message of the TraceError that `act` throws; anything else it throws is thrown on. */
export function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof TraceError) return error.message;
    throw error;
  }
  throw new Error('it was not refused');
}

