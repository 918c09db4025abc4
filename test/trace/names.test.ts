import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC as flechetteTable } from '@uwdata/flechette';
import { tableFromIPC } from 'apache-arrow';
import { fromArrow } from 'arquero';
import { describe, expect, test } from 'vitest';
import { LedgerColumn } from '../../src/trace/format.ts';
import { parseMetadata } from '../../src/trace/metadata.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { TraceWriter } from '../../src/trace/writer.ts';
import { folder, ORIGIN, refusal } from './traces.ts';

const dir = folder();
const at = (name: string): string => join(dir, name);
const BATCH = 7;

/** What row i of the trace below names. Every row may name something that no row before it has. */
const context = (i: number): string => `context ${i % 5} of ${Math.floor(i / 20)}`;
const path = (i: number): string => `weg/ü/${i}`;

function writeNames(file: string, rows: number, batchRows = BATCH): void {
  const writer = new TraceWriter(file, 'ledger', ORIGIN, batchRows);
  for (let i = 0; i < rows; i++) {
    const row = writer.row(i);
    const set = (column: number, value: number): void => {
      writer.columns[column]![row] = value;
    };
    set(LedgerColumn.duration, 1);
    set(LedgerColumn.cpu, 0);
    set(LedgerColumn.context, writer.code('context', context(i)));
    set(LedgerColumn.path, writer.code('path', path(i)));
    set(LedgerColumn.count, 1);
  }
  writer.complete();
  writer.publish();
}

function readNames(file: string, tolerate = false): { contexts: string[]; paths: string[]; reader: TraceReader } {
  const reader = new TraceReader(file, { tolerate });
  const contexts: string[] = [];
  const paths: string[] = [];
  for (let batch = reader.next(); batch !== null; batch = reader.next()) {
    for (const code of batch.codes('context')) contexts.push(reader.names('context')[code]!);
    for (const code of batch.codes('path')) paths.push(reader.names('path')[code]!);
  }
  return { contexts, paths, reader };
}

const all = (rows: number, name: (i: number) => string): string[] => Array.from({ length: rows }, (_, i) => name(i));

describe('names that are met while rows are written', () => {
  test('come back in each batch, and stand in the metadata behind those of the format', () => {
    writeNames(at('names.arrow'), 200);
    const { contexts, paths, reader } = readNames(at('names.arrow'));
    expect(contexts).toEqual(all(200, context));
    expect(paths).toEqual(all(200, path));
    const { dictionaries } = reader.metadata;
    expect(dictionaries['path']?.map(({ name }) => name)).toEqual(['idle', ...all(200, path)]);
    // Codes are places in the dictionary that the metadata list.
    expect(reader.names('path')).toEqual(dictionaries['path']?.map(({ name }) => name));
    expect(reader.names('context')).toEqual(dictionaries['context']?.map(({ name }) => name));
  });

  test('are read by apache-arrow, flechette and arquero as a file, and by apache-arrow as a stream', () => {
    writeNames(at('others.arrow'), 100);
    const bytes = readFileSync(at('others.arrow'));
    for (const table of [tableFromIPC(bytes), tableFromIPC(bytes.subarray(8))]) {
      expect([...(table.getChild('path') ?? [])]).toEqual(all(100, path));
      expect([...(table.getChild('context') ?? [])]).toEqual(all(100, context));
    }
    expect([...(flechetteTable(bytes).getChild('path') ?? [])]).toEqual(all(100, path));
    expect(fromArrow(bytes).array('context')).toEqual(all(100, context));
  });

  test('are there up to the cut when the file is cut off anywhere', () => {
    writeNames(at('whole.arrow'), 100);
    const bytes = readFileSync(at('whole.arrow'));
    let most = 0;
    for (let length = bytes.length - 1; length > 0; length -= 397) {
      writeFileSync(at('cut.arrow'), bytes.subarray(0, length));
      let rows: string[];
      try {
        rows = readNames(at('cut.arrow'), true).paths;
      } catch {
        continue;
      }
      most = Math.max(most, rows.length);
      expect(rows.length % BATCH === 0 || rows.length === 100).toBe(true);
      expect(rows).toEqual(all(rows.length, path));
    }
    expect(most).toBe(100);
  });

  test('may come in a thousand dictionary batches', () => {
    writeNames(at('many.arrow'), 2000, 2);
    expect(readNames(at('many.arrow')).paths).toEqual(all(2000, path));
  });

  test('may be 32,767 a column, and not one more', () => {
    const writer = new TraceWriter(at('most.arrow'), 'ledger', ORIGIN);
    for (let i = 1; i < 32_767; i++) writer.code('path', path(i));
    expect(refusal(() => writer.code('path', 'one more'))).toBe(`${at('most.arrow')}: row 0: path: more than 32767 names; make several traces of it`);
    writer.abort();
  });

  test('leave the head of the file readable, which has no room for all of them', () => {
    writeNames(at('head.arrow'), 3000);
    const head = tableFromIPC(readFileSync(at('head.arrow')).subarray(8)).schema.metadata.get('rumpsim.trace');
    const metadata = parseMetadata('', head);
    expect(metadata).toMatchObject({ rows: 3000, span: { first: 0, last: 2999 } });
    expect(metadata.dictionaries['path']).toHaveLength(1);
    expect(new TraceReader(at('head.arrow')).metadata.dictionaries['path']).toHaveLength(3001);
  });
});
