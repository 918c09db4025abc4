import { describe, expect, test } from 'vitest';
import { accountFrames } from '../../src/study/diff/difference.ts';
import { diffRuns } from '../../src/study/diff/run-diff.ts';
import { diffTraces } from '../../src/study/diff/trace-diff.ts';
import { UserError } from '../../src/study/user-error.ts';
import { LedgerColumn } from '../../src/trace/format.ts';
import { MemorySink } from '../../src/trace/memory-sink.ts';
import { SIMULATED_CLOCK, type TraceOrigin } from '../../src/trace/metadata.ts';
import type { TraceSource } from '../../src/trace/source.ts';

const ORIGIN: TraceOrigin = { clock: SIMULATED_CLOCK, loop: 'closed', producer: { name: 'test', version: '1' }, recorded: { command: 'test', scenario: null } };

interface Slice { readonly t: number; readonly duration: number; readonly context: string; readonly path: string }

/** `first`: contexts named first, so that the same name has another code. */
function ledger(slices: readonly Slice[], first: readonly string[] = [], batchRows = 4): TraceSource {
  const sink = new MemorySink('ledger.arrow', 'ledger', ORIGIN, batchRows);
  for (const name of first) sink.code('context', name);
  for (const { t, duration, context, path } of slices) {
    const row = sink.row(t);
    const { columns } = sink;
    columns[LedgerColumn.duration]![row] = duration;
    columns[LedgerColumn.cpu]![row] = 0;
    columns[LedgerColumn.context]![row] = sink.code('context', context);
    columns[LedgerColumn.path]![row] = sink.code('path', path);
    columns[LedgerColumn.count]![row] = 1;
  }
  return sink.complete().open();
}

function slices(n: number): Slice[] {
  return Array.from({ length: n }, (_, i) => ({ t: 100 * i, duration: 50 + (i % 3), context: i % 2 === 0 ? 'rump:isr' : 'kernel:send', path: `p${i % 5}` }));
}

function changed(slice: Slice, change: Partial<Slice>): Slice {
  return { ...slice, ...change };
}

describe('two traces', () => {
  test('that are alike do not part, whatever their batches and codes', () => {
    const { firstDifference, firstOtherEvent, accounts, counts } = diffTraces(ledger(slices(23)), ledger(slices(23), ['other', 'kernel:send'], 7));
    expect(firstDifference).toBeNull();
    expect(firstOtherEvent).toBeNull();
    expect(accounts.every(({ a, b }) => a === b)).toBe(true);
    expect(counts.reduce((sum, { a }) => sum + a, 0)).toBe(23);
  });

  test.each([0, 3, 4, 11, 22])('part at row %i, where one is longer; something else happens later', (row) => {
    const longer = slices(23).map((slice, i) => (i === row ? changed(slice, { duration: slice.duration + 7 }) : slice));
    const other = longer.map((slice, i) => (i === row + 5 ? changed(slice, { path: 'elsewhere' }) : slice));
    const found = diffTraces(ledger(slices(23)), ledger(other));
    expect(found.firstDifference?.row).toBe(row);
    expect(Number(found.firstDifference?.b?.['duration']) - Number(found.firstDifference?.a?.['duration'])).toBe(7);
    expect(found.firstOtherEvent?.row).toBe(row + 5 < 23 ? row + 5 : undefined);
  });

  test('part where one of them ends', () => {
    const { firstDifference } = diffTraces(ledger(slices(8)), ledger(slices(9)));
    expect(firstDifference).toMatchObject({ row: 8, a: null, b: { path: 'p3' } });
  });

  test('accounts add up what each did, in milliseconds', () => {
    const { accounts, unit } = diffTraces(ledger([{ t: 0, duration: 2e9, context: 'c', path: 'x' }]), ledger([{ t: 0, duration: 5e9, context: 'c', path: 'x' }, { t: 6e9, duration: 1e9, context: 'c', path: 'y' }]));
    expect(unit).toBe('ms');
    expect(accounts).toEqual([{ name: 'c/x', a: 2, b: 5 }, { name: 'c/y', a: 0, b: 1 }]);
  });

  test('of different kinds are refused', () => {
    const wire = new MemorySink('wire.arrow', 'wire', ORIGIN).complete().open();
    expect(() => diffTraces(wire, ledger([]))).toThrow(UserError);
  });
});

test('two runs are compared by shares of CPU time and by counts a second', () => {
  const run = (share: number, frames: number) => ({ breakdown: { 'rump:isr/wm.intr': share }, counters: { 'frames.in': frames }, utilisation: share, duration: 3, warmup: 1 });
  const { accounts, counts, stacks } = diffRuns('a', run(0.1, 10), 'b', run(0.25, 30));
  expect(accounts).toEqual([{ name: 'rump:isr/wm.intr', a: 10, b: 25 }]);
  expect(counts).toEqual([{ name: 'frames.in', a: 5, b: 15 }]);
  expect(stacks).toEqual([{ frames: ['rump', 'rump:isr', 'wm.intr'], before: 10, value: 25 }]);
});

test('an account is a stack: its context by parts, then its path', () => {
  expect(accountFrames('kernel:irq-deliver/port/pic/in')).toEqual(['kernel', 'kernel:irq-deliver', 'port', 'port/pic', 'port/pic/in']);
  expect(accountFrames('idle')).toEqual(['idle']);
});
