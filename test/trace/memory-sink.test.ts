import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { TRACE_KINDS, type TraceKind } from '../../src/trace/format.ts';
import { MemorySink } from '../../src/trace/memory-sink.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { specifiers } from '../house/layers.ts';
import { fill, folder, ORIGIN, refusal, rowsOf, wireRows, write } from './traces.ts';

const file = join(folder(), 'same.arrow');
/** Rows of any kind: every column counts, with values that need its width. */
const rows = (columns: number): number[][] => Array.from({ length: 50 }, (_, i) => Array.from({ length: columns }, (_, column) => (column === 0 ? i * 2 ** 40 : (i + column) % 3)));
const WIDTHS: Readonly<Record<TraceKind, number>> = { wire: 12, hardware: 5, kernel: 20, ledger: 6 };

describe('a trace in memory', () => {
  test.each(TRACE_KINDS)('of kind %s reads as the same trace in a file does', (kind) => {
    const sink = new MemorySink('memory', kind, ORIGIN, 8);
    fill(sink, kind, rows(WIDTHS[kind]));
    const trace = sink.complete({ flows: [{ flow: 0, meaning: 'one' }] });
    write(file, kind, rows(WIDTHS[kind]), 8);
    const reader = new TraceReader(file);
    const source = trace.open();
    expect(trace.metadata).toEqual({ ...reader.metadata, flows: [{ flow: 0, meaning: 'one' }] });
    expect(rowsOf(source)).toEqual(rowsOf(reader));
    for (const column of Object.keys(trace.metadata.dictionaries)) expect(source.names(column).slice(0, reader.names(column).length)).toEqual(reader.names(column));
  });

  test('can be read by two at once, and what one does to its columns is not seen by the other', () => {
    const sink = new MemorySink('memory', 'wire', ORIGIN, 10);
    fill(sink, 'wire', wireRows(20));
    const trace = sink.complete();
    const first = trace.open();
    const batch = first.next();
    batch?.t.fill(7);
    batch?.integers('seq').fill(7);
    expect(rowsOf(trace.open()).rows).toEqual(wireRows(20));
    expect(first.next()?.integers('seq')[0]).toBe(10 * 1448);
  });

  test('refuses what a file would refuse', () => {
    const into = (change: (row: number[]) => void) => () => {
      const sink = new MemorySink('memory', 'wire', ORIGIN);
      const all = wireRows(3);
      change(all[1]!);
      fill(sink, 'wire', all);
      sink.complete();
    };
    expect(refusal(into((row) => (row[3] = -1)))).toContain('memory: row 1: bytes is -1, not a whole number in 0..2147483647');
    expect(refusal(into((row) => (row[4] = 0.5)))).toContain('memory: row 1: seq is 0.5');
    expect(refusal(into((row) => (row[0] = 9999)))).toContain('memory: row 2: t 2000 is before 9999 of the row before it');
    expect(() => new MemorySink('memory', 'wire', ORIGIN).code('bytes', 'x')).toThrow('no names in column bytes');
  });

  test('and what replays it use nothing that a browser has not', () => {
    const src = fileURLToPath(new URL('../../src/', import.meta.url));
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const specifier of specifiers(readFileSync(path, 'utf8'))) {
        if (specifier.startsWith('.')) visit(join(path, '..', specifier));
        else if (/^[\w@]/.test(specifier)) packages.add(specifier);
      }
    };
    for (const name of ['memory-sink.ts', 'replay.ts', 'flows.ts', 'source.ts']) visit(join(src, 'trace', name));
    expect([...packages].toSorted()).toEqual(['seedrandom/lib/alea.js', 'tinyqueue', 'zod'].filter((name) => packages.has(name)));
    expect(seen.size).toBeGreaterThan(10);
  });
});
