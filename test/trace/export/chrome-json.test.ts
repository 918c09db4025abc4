import { describe, expect, test } from 'vitest';
import { chromeJson } from '../../../src/trace/export/chrome-json.ts';
import { exported, HOST_CLOCK, memoryTrace, type Row } from './memory.ts';

interface Event {
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly name?: string;
  readonly id?: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Interrupts every 10 us, each with a handler of two slices; in ps. */
const PERIODS = 30;
const HARDWARE: readonly Row[] = Array.from({ length: PERIODS }, (_, i) => i * 1e7).flatMap((t): Row[] => [
  { t: t + 1_000_001, kind: 'irq-raise', device: 'nic', value: 1 },
  { t: t + 2_000_999, kind: 'irq-deliver', device: 'pic', value: 11 },
  { t: t + 3_000_000, kind: 'eoi', device: 'pic', address: 0x20, value: 11 },
  { t: t + 3_500_000, kind: 'port-read', device: 'pic', address: 0x21, value: 7 },
]);
const LEDGER: readonly Row[] = Array.from({ length: PERIODS }, (_, i) => i * 1e7).flatMap((t) => [
  { t: t + 2_000_999, duration: 500_500, context: 'kernel:"irq"', path: 'stub\\entry', count: 1 },
  { t: t + 2_501_499, duration: 499_501, context: 'rump', path: 'wm.intr', count: 3 },
]);

const { bytes } = exported(chromeJson, memoryTrace('hardware', HARDWARE), memoryTrace('ledger', LEDGER));
const text = new TextDecoder().decode(bytes);
const file = JSON.parse(text) as { readonly displayTimeUnit: string; readonly traceEvents: readonly Event[] };
const events = file.traceEvents;

describe('the Chrome trace', () => {
  test('counts time in microseconds with three decimals, in order', () => {
    expect(file.displayTimeUnit).toBe('ns');
    const times = [...text.matchAll(/"ts":([^,}]+)/g)].map((match) => match[1] ?? '');
    expect(times.filter((time) => !/^\d+\.\d{3}$/.test(time))).toEqual([]);
    const drawn = events.filter(({ ph }) => ph !== 'M' && ph !== 'C').map(({ ts = NaN }) => ts);
    expect(drawn).toEqual(drawn.toSorted((a, b) => a - b));
    expect(drawn[0]).toBe(1);
  });

  test('ends every slice that it begins, the innermost first, and has all slices of the ledger', () => {
    const open = new Map<string, Event[]>();
    const found: string[] = [];
    for (const event of events) {
      const key = `${event.pid}/${event.tid}`;
      const stack = open.get(key) ?? [];
      open.set(key, stack);
      if (event.ph === 'B') stack.push(event);
      if (event.ph !== 'E') continue;
      const begun = stack.pop();
      if (begun?.args?.['ps'] !== undefined) found.push(`${begun.name} ${begun.ts}..${event.ts} ${JSON.stringify(begun.args)}`);
    }
    expect([...open.values()].flat()).toEqual([]);
    const nanoseconds = (t: number): number => Math.floor(t / 1000) / 1000;
    expect(found).toEqual(LEDGER.map(({ t, duration, path, count }) => {
      const said = { ps: duration, ...(count === 1 ? {} : { count }) };
      return `${path} ${nanoseconds(Number(t))}..${nanoseconds(Number(t) + Number(duration))} ${JSON.stringify(said)}`;
    }));
  });

  test('names processes and threads, whatever the characters', () => {
    const named = events.filter(({ name }) => name === 'process_name' || name === 'thread_name').map(({ args }) => args?.['name']);
    expect(named).toEqual(['devices', 'nic', 'pic', 'cpu 0', 'kernel:"irq"', 'rump'].toSorted((a, b) => named.indexOf(a) - named.indexOf(b)));
  });

  test('draws an arrow from each request over its delivery and handler to its end', () => {
    const flows = Map.groupBy(events.filter(({ id }) => id !== undefined), ({ id }) => id);
    expect(flows.size).toBe(PERIODS);
    for (const flow of flows.values()) expect(flow.map(({ ph }) => ph).join('')).toBe('sttf');
    // Arrows bind to the slice that is open on their thread.
    const begun = new Map<string, string>();
    const bound: (string | undefined)[] = [];
    for (const { ph, pid, tid, id, name } of events) {
      if (ph === 'B') begun.set(`${pid}/${tid}`, name ?? '');
      if (ph === 'E') begun.delete(`${pid}/${tid}`);
      if (id === 1) bound.push(begun.get(`${pid}/${tid}`));
    }
    expect(bound).toEqual(['irq-raise', 'irq-deliver', 'stub\\entry', 'eoi']);
  });

  test('shows what takes part in no arrow as instants, with addresses in hexadecimal', () => {
    const instants = events.filter(({ ph }) => ph === 'i');
    expect(instants).toHaveLength(PERIODS);
    expect(instants[0]).toMatchObject({ name: 'port-read', s: 't', ts: 3.5, args: { address: '0x21', value: 7 } });
  });

  test('has counters', () => {
    const counted = events.filter(({ ph, name }) => ph === 'C' && name === 'cpu 0 busy per ms (%)');
    // 1,000,001 ps every 10 us.
    expect(counted.map(({ ts, args }) => [ts, Number(args?.['value']).toFixed(6)])).toEqual([[0, ((100 * PERIODS * 1_000_001) / 1e9).toFixed(6)]]);
  });

  test('holds times beyond what a double counts in microseconds with decimals', () => {
    const t = 2 ** 53 - 1;
    const { bytes: late } = exported(chromeJson, memoryTrace('wire', [{ t, kind: 'rx-data', bytes: 60 }], HOST_CLOCK));
    expect(new TextDecoder().decode(late)).toContain('"ts":9007199254740.991');
  });
});
