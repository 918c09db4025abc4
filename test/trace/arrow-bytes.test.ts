import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveStudy } from '../../src/study/study.ts';
import { simulate } from '../../src/study/simulate.ts';
import { traceOfBytes } from '../../src/trace/arrow-bytes.ts';
import { TRACE_KINDS, type TraceKind } from '../../src/trace/format.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { Recorder } from '../../src/trace/recorder.ts';
import { TraceReplay } from '../../src/trace/replay.ts';
import type { TraceSource } from '../../src/trace/source.ts';

let folder = '';
const fileOf = (kind: TraceKind): string => join(folder, `${kind}.arrow`);
const { scenario, costs } = resolveStudy({ system: 'sel4-msi', load: 540, duration: 0.1, warmup: 0.05 });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rumpsim-'));
  const recorder = new Recorder(Object.fromEntries(TRACE_KINDS.map((kind) => [kind, fileOf(kind)])), { loop: 'closed', producer: { name: 'rumpsim', version: '' }, recorded: { command: 'test', scenario: { duration: 0.1 } } });
  simulate(scenario, costs, { attach: (machine, end) => recorder.attach(machine, end) });
  recorder.finish();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** All rows as text, names in place of codes. */
function rowsOf(source: TraceSource): string[] {
  const rows: string[] = [];
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const { t, rows: length } = batch;
    const columns = source.metadata.columns.map(({ name, type }) => (type === 'dictionary' ? Array.from(batch.codes(name), (code) => source.names(name)[code]) : [...batch.integers(name)]));
    for (let row = 0; row < length; row++) rows.push([t[row], ...columns.map((column) => column[row])].join(' '));
  }
  return rows;
}

describe.each(TRACE_KINDS)('a %s trace in memory', (kind) => {
  test('has the rows and the metadata that a reader of the file finds', () => {
    const reader = new TraceReader(fileOf(kind));
    const trace = traceOfBytes('x.arrow', readFileSync(fileOf(kind)));
    const expected = rowsOf(reader);
    expect(expected.length).toBeGreaterThan(100);
    expect(rowsOf(trace.open())).toEqual(expected);
    expect(trace.metadata).toEqual(reader.metadata);
  });
});

test('it drives a run as the file does', () => {
  const replayed = (source: TraceSource) => simulate(scenario, costs, { source: new TraceReplay(source) });
  expect(replayed(traceOfBytes('x.arrow', readFileSync(fileOf('wire'))).open())).toEqual(replayed(new TraceReader(fileOf('wire'))));
});

describe('a broken file is refused in one line', () => {
  test.each([
    ['cut off', (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2)],
    ['no Arrow file', () => new TextEncoder().encode('ARROW1\0\0 not really')],
    ['empty', () => new Uint8Array(0)],
  ])('%s', (_what, damage) => {
    expect(() => traceOfBytes('x.arrow', damage(readFileSync(fileOf('wire'))))).toThrow(/^x\.arrow: .+; (?:copy|record|give)/);
  });
});
