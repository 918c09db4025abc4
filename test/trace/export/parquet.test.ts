import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { describe, expect, test } from 'vitest';
import { TRACE_FORMATS, TRACE_KINDS } from '../../../src/trace/format.ts';
import { METADATA_KEY } from '../../../src/trace/metadata.ts';
import { parquet } from '../../../src/trace/export/parquet.ts';
import { exported, memoryTrace, type Row } from './memory.ts';

const LARGEST = { int8: 2 ** 7 - 1, int16: 2 ** 15 - 1, int32: 2 ** 31 - 1, int64: Number.MAX_SAFE_INTEGER } as const;

describe.each(TRACE_KINDS)('a %s trace as Parquet', (kind) => {
  const { columns, dictionaries } = TRACE_FORMATS[kind];
  const rows = Array.from({ length: 20 }, (_, i): Row => Object.fromEntries(columns.map(({ name, type }, column) => {
    if (name === 't') return [name, i * 2 ** 40];
    if (type === 'dictionary') return [name, dictionaries[name]?.[(i + column) % (dictionaries[name]?.length ?? 1)]?.name ?? `name ${i % 3}`];
    // The largest value, what is just beyond 32 bits where it fits, and small ones.
    return [name, [LARGEST[type], Math.min(LARGEST[type], 2 ** 32 + 1), 0, i][i % 4] ?? 0];
  })));
  const trace = memoryTrace(kind, rows);
  const { bytes } = exported(parquet, trace);
  const file = bytes.slice().buffer;

  test('gives every value back', async () => {
    const read = await parquetReadObjects({ file });
    const plain = read.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value])));
    expect(plain).toEqual(rows);
  });

  test('has a row group a batch, the columns\' types, and the trace\'s metadata', () => {
    const { row_groups: groups, schema, key_value_metadata: pairs } = parquetMetadata(file);
    expect(groups.map(({ num_rows: count }) => Number(count))).toEqual([7, 7, 6]);
    const types = { dictionary: 'BYTE_ARRAY', int64: 'INT64', int32: 'INT32', int16: 'INT32', int8: 'INT32' } as const;
    expect(schema.slice(1).map(({ name, type }) => [name, type])).toEqual(columns.map(({ name, type }) => [name, types[type]]));
    expect(JSON.parse(pairs?.find(({ key }) => key === METADATA_KEY)?.value ?? '')).toEqual(trace.metadata);
  });
});

test('a trace without rows is a table without rows', async () => {
  const { bytes } = exported(parquet, memoryTrace('ledger', []));
  expect(await parquetReadObjects({ file: bytes.slice().buffer })).toEqual([]);
});
