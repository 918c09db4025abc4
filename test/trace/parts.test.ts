import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cutTrace, originOfPart } from '../../src/trace/cut.ts';
import { type TraceKind, WireColumn } from '../../src/trace/format.ts';
import { MemorySink, type MemoryTrace } from '../../src/trace/memory-sink.ts';
import { mergeTraces, planMerge } from '../../src/trace/merge.ts';
import type { TraceOrigin } from '../../src/trace/metadata.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { readContents } from '../../src/trace/summary.ts';
import type { TraceSource } from '../../src/trace/source.ts';
import { validateTrace } from '../../src/trace/validate.ts';
import { fill, folder, ORIGIN, refusal, rewrite, rowsOf, wireRows, write } from './traces.ts';

const dir = folder();

function memory(rows: readonly (readonly number[])[], change: Partial<TraceOrigin> = {}, kind: TraceKind = 'wire', name = 'memory'): MemoryTrace {
  const sink = new MemorySink(name, kind, { ...ORIGIN, ...change }, 16);
  fill(sink, kind, rows);
  return sink.complete();
}

function finish<T>(work: Generator<number, T>): T {
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value;
}

function cut(trace: MemoryTrace, range: Partial<Parameters<typeof cutTrace>[2]>): MemoryTrace {
  const source = trace.open();
  const sink = new MemorySink('part', source.metadata.kind, originOfPart(source, 'cut'));
  return sink.complete(finish(cutTrace(source, sink, { from: 0, to: Infinity, fromRow: 0, toRow: Infinity, ...range })));
}

function merge(sources: readonly TraceSource[]): MemoryTrace {
  const plan = planMerge(sources, 'merged');
  const sink = new MemorySink('all', sources[0]!.metadata.kind, plan.origin, 16);
  return sink.complete(finish(mergeTraces(sources, sink, plan)));
}

const clock = (origin: string): Partial<TraceOrigin> => ({ clock: { ...ORIGIN.clock, domain: 'host', unit: 'ns', picoseconds: { numerator: 1000, denominator: 1 }, origin } });

describe('a part of a trace', () => {
  const rows = wireRows(100);
  const trace = memory(rows);

  test('is the rows between two times and two row numbers, whatever the batch', () => {
    const bound = fc.integer({ min: -1, max: 101 });
    fc.assert(fc.property(bound, bound, bound, bound, (from, to, fromRow, toRow) => {
      const wanted = rows.filter(([t], index) => t! >= from * 1000 && t! < to * 1000 && index >= fromRow && index < toRow);
      const part = cut(trace, { from: from * 1000, to: to * 1000, fromRow, toRow });
      expect(rowsOf(part.open()).rows).toEqual(wanted);
      expect(part.metadata).toMatchObject({ rows: wanted.length, frames: { in: wanted.length, out: 0 } });
    }));
  });

  test('keeps clock and origin, and is no whole run any more', () => {
    const { metadata } = cut(trace, { from: 5000 });
    expect(metadata).toMatchObject({ clock: trace.metadata.clock, span: { first: 5000, last: 99_000 }, recorded: { scenario: null, command: 'none', notes: 'cut' } });
  });

  test('names only what is in it', () => {
    const ledger = memory([[0, 1, 0, 1, 1, 1], [1, 1, 0, 2, 2, 1], [2, 1, 0, 3, 3, 1]], {}, 'ledger');
    const part = cut(ledger, { fromRow: 2 });
    expect(part.metadata.dictionaries['context']?.map(({ name }) => name)).toEqual(['idle', 'name 3']);
  });
});

describe('several traces as one', () => {
  test('are in time order, aligned by their origins, with flows of their own', () => {
    const lists = fc.array(fc.array(fc.nat(50), { maxLength: 40 }), { minLength: 1, maxLength: 4 });
    fc.assert(fc.property(lists, fc.array(fc.nat(30), { minLength: 4, maxLength: 4 }), (times, origins) => {
      const traces = times.map((list, index) => memory(
        list.toSorted((a, b) => a - b).map((t, row) => [t, 0, row % 2, 100, row, 0, 0, 0, 0, 0, 0, 1]),
        { ...clock(String(1_794_000_000_000_000_000n + BigInt(origins[index]!))), flows: [{ flow: 1, meaning: `of ${index}` }] },
      ));
      const all = merge(traces.map((trace) => trace.open()));
      const earliest = Math.min(...times.map((_, index) => origins[index]!));
      // The obvious way: everything in one list, sorted by time; equal ones stay in the order of the traces.
      const wanted = times.flatMap((list, index) => list.toSorted((a, b) => a - b).map((t, row) => ({ t: t + origins[index]! - earliest, seq: row, flow: 1 + 2 * index })));
      wanted.sort((a, b) => a.t - b.t);
      expect(rowsOf(all.open()).rows.map((row) => ({ t: row[0], seq: row[WireColumn.bytes + 1], flow: row[WireColumn.flow] }))).toEqual(wanted);
      expect(all.metadata.clock.origin).toBe(String(1_794_000_000_000_000_000n + BigInt(earliest)));
      expect(all.metadata.flows).toEqual(times.map((_, index) => ({ flow: 1 + 2 * index, meaning: `of ${index}` })));
    }));
  });

  test('that do not fit are refused', () => {
    const open = (change: Partial<TraceOrigin>, kind: TraceKind = 'wire'): TraceSource => memory([], change, kind, 'b').open();
    const first = memory([], {}, 'wire', 'a').open();
    expect(refusal(() => planMerge([first, open({}, 'ledger')], ''))).toBe('b: metadata: this is a ledger trace, a a wire trace; merge traces of one kind');
    expect(refusal(() => planMerge([first, open(clock('0'))], ''))).toBe('b: metadata: its clock is host in ns, that of a simulated in ps; merge traces of one clock');
    expect(refusal(() => planMerge([memory([], clock('0')).open(), memory([[5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]], clock('9007199254740990'), 'wire', 'b').open()], ''))).toContain('b: metadata: it is more than 2^53 units after the earliest');
  });
});

describe('what a trace holds', () => {
  test('is counted by its names and added up', () => {
    const trace = memory([[0, 0, 0, 1514, 0, 1448, 0, 0, 0, 0, 0, 0], [10, 4, 1, 66, 0, 0, 0, 0, 0, 0, 0, 0], [20, 0, 0, 1000, 0, 934, 0, 0, 0, 0, 0, 7]], clock('0'));
    const contents = finish(readContents(trace.open()));
    expect(contents).toMatchObject({ rows: 3, batches: 1, span: { first: 0, last: 20 }, seconds: 20e-9 });
    expect(contents.groupings).toEqual([
      { by: ['kind'], sums: ['bytes', 'payload'], groups: [{ names: ['rx-data'], rows: 2, sums: [2514, 2382] }, { names: ['tx-ack'], rows: 1, sums: [66, 0] }] },
      { by: ['flow', 'kind'], sums: ['bytes', 'payload'], groups: [
        { names: ['0', 'rx-data'], rows: 1, sums: [1514, 1448] }, { names: ['0', 'tx-ack'], rows: 1, sums: [66, 0] }, { names: ['7', 'rx-data'], rows: 1, sums: [1000, 934] },
      ] },
    ]);
  });
});

describe('a trace that is not valid', () => {
  const good = join(dir, 'good.arrow');
  const bad = join(dir, 'bad.arrow');
  write(good, 'wire', wireRows(20), 8);
  const said = (metadata: (text: string) => string): string => {
    rewrite(good, bad, { metadata });
    return refusal(() => finish(validateTrace(new TraceReader(bad))));
  };

  test('says other things of itself than it holds', () => {
    expect(finish(validateTrace(new TraceReader(good)))).toEqual({ rows: 20, batches: 3, remarks: [] });
    expect(said((text) => text.replace('"rows":20', '"rows":21'))).toContain('bad.arrow: metadata: 21 rows are said, 20 are there');
    expect(said((text) => text.replace('"last":19000', '"last":19001'))).toContain('times 0 to 19001 are said, 0 to 19000 are there');
    expect(said((text) => text.replace('"rows":20', '"rows":20,"frames":{"in":19,"out":1}'))).toContain('19 frames in and 1 out are said, 20 and 0 are there');
    expect(said((text) => text.replace('"rx-data"', '"rx-dada"'))).toContain("kind: the name 'rx-data' is in the rows and not in the dictionary");
  });

  test('is odd: told once each, with the first row and how many there are', () => {
    const odd = (rows: number[][], kind: TraceKind = 'wire'): readonly string[] => finish(validateTrace(memory(rows, {}, kind).open())).remarks;
    const frame = (change: Partial<Record<number, number>>): number[] => Object.assign([0, 0, 0, 100, 0, 10, 0, 0, 0, 0, 0, 0], change);
    expect(odd([frame({}), frame({ 2: 1 }), frame({ 2: 1 })])).toEqual(['memory: row 1: kind and direction disagree (2 rows, this is the first)']);
    expect(odd([frame({ 2: 2 })])).toEqual(['memory: row 0: direction is neither 0 nor 1']);
    expect(odd([frame({ 5: 101 })])).toEqual(['memory: row 0: more payload than frame']);
    expect(odd([[0, 10, 0, 0, 0, 1], [9, 10, 0, 0, 0, 1], [12, 1, 1, 0, 0, 1]], 'ledger')).toEqual(['memory: row 1: the slice begins before the last one of its processor is over']);
  });
});
