import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC as flechetteTable } from '@uwdata/flechette';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ColumnFormat, TRACE_FORMATS, TRACE_KINDS, type TraceKind } from '../../src/trace/format.ts';
import { METADATA_KEY, newMetadata, parseMetadata } from '../../src/trace/metadata.ts';
import { TraceWriter } from '../../src/trace/writer.ts';
import { folder, ORIGIN, read, refusal, wireRows, write } from './traces.ts';

const dir = folder();
const at = (name: string): string => join(dir, name);

const LARGEST = { int8: 0x7f, int16: 0x7fff, int32: 0x7fffffff, int64: Number.MAX_SAFE_INTEGER };

function values(kind: TraceKind, { name, type }: ColumnFormat): fc.Arbitrary<number> {
  // Names beyond the format's are added while rows are written.
  const most = type === 'dictionary' ? (TRACE_FORMATS[kind].dictionaries[name]?.length ?? 0) + 20 : LARGEST[type];
  return fc.oneof(fc.maxSafeNat().map((value) => value % (most + 1)), fc.constantFrom(0, most));
}

/** Rows in time order with any values that the columns hold. */
function rowsOf(kind: TraceKind): fc.Arbitrary<number[][]> {
  const row = fc.tuple(...TRACE_FORMATS[kind].columns.map((column) => values(kind, column)));
  return fc.array(row, { maxLength: 40 }).map((rows) => rows.map((cells) => [...cells]).toSorted((a, b) => (a[0] ?? 0) - (b[0] ?? 0)));
}

describe.each(TRACE_KINDS)('a %s trace', (kind) => {
  test('comes back row by row, whatever the batch', () => {
    fc.assert(
      fc.property(rowsOf(kind), fc.integer({ min: 1, max: 12 }), (rows, batchRows) => {
        write(at('any.arrow'), kind, rows, batchRows);
        expect(read(at('any.arrow'), { kind })).toEqual({ rows, warnings: [] });
      }),
      { numRuns: 100 },
    );
  });

  test('is an Arrow file for other readers: names, integers, no nulls, metadata at both ends', () => {
    const { columns, dictionaries } = TRACE_FORMATS[kind];
    const rows = Array.from({ length: 5 }, (_, i) => columns.map((_, column) => (column === 0 ? i * 2 ** 50 : Number(i === 4))));
    write(at('other.arrow'), kind, rows, 2);
    const named = columns.filter(({ type }) => type === 'dictionary').map(({ name }) => [name, dictionaries[name]?.[1]?.name ?? `name 1`] as const);
    const bytes = readFileSync(at('other.arrow'));
    const tables = { file: tableFromIPC(bytes), stream: tableFromIPC(bytes.subarray(8)) };
    for (const table of Object.values(tables)) {
      expect(table.batches.map((batch) => batch.numRows)).toEqual([2, 2, 1]);
      expect(table.schema.fields.map((field) => [field.name, field.nullable])).toEqual(columns.map(({ name }) => [name, false]));
      expect([...(table.getChild('t') ?? [])]).toEqual(rows.map(([t]) => BigInt(t ?? 0)));
      for (const [column, name] of named) expect(table.get(4)?.[column]).toBe(name);
      expect(parseMetadata('', table.schema.metadata.get(METADATA_KEY))).toMatchObject({ kind, rows: 5, span: { first: 0, last: 2 ** 52 } });
    }
    const flechette = flechetteTable(bytes, { useBigInt: true });
    expect(flechette.numRows).toBe(5);
    for (const [column, name] of named) expect(flechette.getChild(column)?.at(4)).toBe(name);
    expect(flechette.getChild('t')?.at(3)).toBe(BigInt(3 * 2 ** 50));
  });

  test('may be empty', () => {
    write(at('empty.arrow'), kind, []);
    expect(read(at('empty.arrow'))).toEqual({ rows: [], warnings: [] });
    expect(tableFromIPC(readFileSync(at('empty.arrow'))).numRows).toBe(0);
  });

  test('says of itself what it was given, and how long it is', () => {
    const writer = new TraceWriter(at('said.arrow'), kind, ORIGIN);
    expect(writer.complete()).toEqual({ ...newMetadata(kind, ORIGIN), rows: 0, span: null });
    writer.publish();
  });

  test('of the same rows is the same bytes', () => {
    const rows = [TRACE_FORMATS[kind].columns.map(() => 0)];
    write(at('a.arrow'), kind, rows);
    write(at('b.arrow'), kind, rows);
    expect(readFileSync(at('a.arrow')).equals(readFileSync(at('b.arrow')))).toBe(true);
  });
});

describe('a writer', () => {
  const files = (): string[] => readdirSync(dir, { recursive: true, encoding: 'utf8' }).toSorted();
  const bad = (column: number, value: number) => () => {
    const rows = wireRows(3);
    rows[1]![column] = value; // the second of three rows
    write(at('bad.arrow'), 'wire', rows);
  };

  test.each([
    ['a negative number', 3, -1, 'bytes is -1, not a whole number in 0..2147483647'],
    ['a fraction', 3, 1.5, 'bytes is 1.5'],
    ['a fraction of 64 bits', 4, 1.5, 'seq is 1.5'],
    ['a negative number of 64 bits', 4, -1, 'seq is -1'],
    ['what a double does not hold exactly', 4, 2 ** 53, 'seq is 9007199254740992'],
    ['no number', 4, NaN, 'seq is NaN'],
    ['a number too large for its column', 5, 2 ** 31, 'payload is 2147483648'],
    ['a number too large for 8 bits', 2, 128, 'direction is 128, not a whole number in 0..127'],
    ['a code that no name can have', 1, -1, 'kind is -1, not a whole number in 0..5'],
    ['a time in the past', 0, 2500, 't 2000 is before 2500 of the row before it'],
  ])('refuses %s and leaves no file', (_what, column, value, message) => {
    const before = files();
    const said = refusal(bad(column, value));
    expect(said).toContain(`bad.arrow: row ${column === 0 ? 2 : 1}: ${message}`);
    expect(files()).toEqual(before);
  });

  test('gives the file its name when it is complete, and only then', () => {
    writeFileSync(at('named.arrow'), 'before');
    const writer = new TraceWriter(at('named.arrow'), 'wire', ORIGIN, 1);
    for (const t of [1, 2, 3]) writer.row(t);
    writer.complete();
    expect(readFileSync(at('named.arrow'), 'utf8')).toBe('before');
    writer.publish();
    expect(read(at('named.arrow')).rows.map(([t]) => t)).toEqual([1, 2, 3]);
    writer.abort();
    expect(existsSync(at('named.arrow'))).toBe(true);
    expect(files().filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('that is given up leaves what was there', () => {
    writeFileSync(at('kept.arrow'), 'before');
    const writer = new TraceWriter(at('kept.arrow'), 'wire', ORIGIN, 1);
    for (const t of [1, 2, 3]) writer.row(t);
    writer.abort();
    writer.abort();
    expect(readFileSync(at('kept.arrow'), 'utf8')).toBe('before');
    expect(files().filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('refuses places where no file can be, in one line', () => {
    mkdirSync(at('folder.arrow'));
    writeFileSync(at('file'), '');
    const open = (name: string) => () => new TraceWriter(at(name), 'wire', ORIGIN);
    expect(refusal(open('missing/x.arrow'))).toBe(`${at('missing/x.arrow')}: cannot be written: there is no folder ${at('missing')}; make it or choose another place`);
    expect(refusal(open('folder.arrow'))).toBe(`${at('folder.arrow')}: cannot be written: this is a directory; choose another place`);
    expect(refusal(open('file/x.arrow'))).toContain('cannot be written: ');
    expect(refusal(() => new TraceWriter('/dev/null', 'wire', ORIGIN))).toContain('a trace needs a regular file');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});
