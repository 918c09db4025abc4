import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { simulate } from '../../src/study/simulate.ts';
import { SYSTEMS } from '../../src/study/system.ts';
import { OPERATIONS } from '../../src/kernel/sel4/operation.ts';
import { IDLE_NAME, TRACE_FORMATS, type TraceKind } from '../../src/trace/format.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { validateTrace } from '../../src/trace/validate.ts';
import { COSTS, receiveSide, recorded, scenario, systemNamed } from './runs.ts';
import { folder } from './traces.ts';

const dir = folder();
const ledgerFile = join(dir, 'ledger.arrow');
const kernelFile = join(dir, 'kernel.arrow');

type Row = Record<string, number | string>;

function rowsOf(file: string, kind: TraceKind): Row[] {
  const reader = new TraceReader(file, { kind });
  const rows: Row[] = [];
  for (let batch = reader.next(); batch !== null; batch = reader.next()) {
    const { rows: count, codes, integers } = batch;
    const columns = TRACE_FORMATS[kind].columns.map(({ name, type }) => {
      const values = type === 'dictionary' ? Array.from(codes(name), (code) => reader.names(name)[code] ?? '') : Array.from(integers(name));
      return [name, values] as const;
    });
    for (let row = 0; row < count; row++) rows.push(Object.fromEntries(columns.map(([name, values]) => [name, values[row]!])));
  }
  return rows;
}

function remarks(file: string): readonly string[] {
  const work = validateTrace(new TraceReader(file));
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value.remarks;
}

const total = (rows: readonly Row[], column: string): number => rows.reduce((sum, row) => sum + Number(row[column]), 0);

describe.each(SYSTEMS.map(({ name }) => name))('the ledger trace of %s', (name) => {
  const run = scenario({ system: systemNamed(name), duration: 0.1 });
  const { result } = recorded(run, { ledger: ledgerFile });
  const rows = rowsOf(ledgerFile, 'ledger');

  test('changes nothing in the run', () => {
    expect(receiveSide(result)).toEqual(receiveSide(simulate(run, COSTS)));
  });

  test('has every tick in one slice, without a gap', () => {
    expect(rows[0]?.['t']).toBe(0);
    let end = 0;
    for (const { t, duration } of rows) {
      if (t !== end) throw new Error(`a slice begins at ${t}, the last one ended at ${end}`);
      end += Number(duration);
    }
    expect(String(end)).toBe(result.ticks.elapsed);
    expect(remarks(ledgerFile)).toEqual([]);
  });

  test('adds up to the run\'s accounts', () => {
    const sums = new Map<string, number>();
    for (const { context, path, duration } of rows) sums.set(`${context}/${path}`, (sums.get(`${context}/${path}`) ?? 0) + Number(duration));
    const idle = sums.get(`${IDLE_NAME}/${IDLE_NAME}`) ?? 0;
    sums.delete(`${IDLE_NAME}/${IDLE_NAME}`);
    expect(String(idle)).toBe(result.ticks.idle);
    expect(Object.fromEntries([...sums].map(([account, ticks]) => [account, ticks / Number(result.ticks.elapsed)]))).toEqual(result.breakdown);
  });

  test('counts how often paths were run: the frames that the driver took', () => {
    const frame = name === 'linux' ? 'linux.rx-frame' : 'wm.rx-frame';
    const taken = total(rows.filter(({ path }) => path === frame), 'count');
    expect(taken).toBeGreaterThan(1000);
    expect(result.counters['frames.in']! - taken).toBeGreaterThanOrEqual(0);
    expect(result.counters['frames.in']! - taken).toBeLessThan(100);
  });
});

describe.each(SYSTEMS.filter(({ kernel }) => kernel === 'sel4').map(({ name }) => name))('the kernel trace of %s', (name) => {
  const run = scenario({ system: systemNamed(name), duration: 0.1 });
  const { result } = recorded(run, { kernel: kernelFile, ledger: ledgerFile });
  const rows = rowsOf(kernelFile, 'kernel');

  test('changes nothing in the run, together with a ledger trace', () => {
    expect(receiveSide(result)).toEqual(receiveSide(simulate(run, COSTS)));
    expect(remarks(kernelFile)).toEqual([]);
  });

  test('has a row for each entry that the kernel counts', () => {
    for (const operation of OPERATIONS) {
      const entries = rows.filter((row) => row['operation'] === operation).length;
      const counted = result.counters[`kernel.${operation}`] ?? 0;
      // The last one may not be over.
      expect([operation, counted - entries === 0 || counted - entries === 1]).toEqual([operation, true]);
    }
    expect(rows.length).toBeGreaterThan(1000);
  });

  test('has the kernel\'s share of the CPU time', () => {
    const share = total(rows, 'duration') / Number(result.ticks.elapsed);
    expect(Math.abs(share - result.kernelShareFull)).toBeLessThan(1e-6 + 2e6 / Number(result.ticks.elapsed));
  });

  test('has the kernel\'s device accesses', () => {
    const near = (column: string, counter: string): void => {
      const counted = result.counters[counter] ?? 0;
      expect([counter, total(rows, column) - counted >= -8 && total(rows, column) <= counted]).toEqual([counter, true]);
    };
    near('port_in', 'port.read');
    near('port_out', 'port.write');
    expect(total(rows, 'mmio')).toBeGreaterThan(0);
    const lapic = (result.counters['mmio.lapic.write'] ?? 0) + (result.counters['mmio.ioapic.write'] ?? 0);
    expect(lapic - total(rows, 'mmio')).toBeGreaterThanOrEqual(0);
    expect(lapic - total(rows, 'mmio')).toBeLessThan(8);
  });

  test('has the measured instructions of each way through the kernel', () => {
    const signal = rows.find(({ path }) => String(path).includes('sel4/signal.no-switch'));
    expect(signal?.['instructions']).toBe(Math.round(COSTS.value('insn.sel4.signal.no-switch')));
    const switched = rows.filter(({ path }) => String(path).includes('switch-other'));
    expect(switched.length).toBeGreaterThan(100);
    expect(switched.every(({ cr3 }) => cr3 === 1)).toBe(true);
  });

  test('follows the threads: the time outside the kernel is what is left', () => {
    let exit = 0;
    for (const { t, user, duration } of rows) {
      if (Number(t) - exit !== user) throw new Error(`${user} outside the kernel before ${t}, the last exit was at ${exit}`);
      exit = Number(t) + Number(duration);
    }
    const idle = rows.filter((row) => row['from_mode'] === 'idle');
    expect(idle.length).toBeGreaterThan(10);
    expect(idle.every(({ from }) => from === 'roottask:idle')).toBe(true);
    expect(new Set(rows.map(({ entry }) => entry))).toEqual(new Set(['syscall', 'interrupt']));
  });
});

test('a kernel trace of another kernel is refused', () => {
  expect(() => recorded(scenario({ system: systemNamed('bmk') }), { kernel: kernelFile })).toThrow('a kernel trace needs the seL4 kernel');
});
