import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXPORT_FORMATS } from '../../../src/trace/export/formats.ts';
import { folded } from '../../../src/trace/export/folded.ts';
import { perfetto } from '../../../src/trace/export/perfetto.ts';
import type { ExportFormat } from '../../../src/trace/export/exporter.ts';
import type { TraceKind } from '../../../src/trace/format.ts';
import { TraceReader } from '../../../src/trace/reader.ts';
import { recorded, scenario, systemNamed } from '../runs.ts';
import { folder } from '../traces.ts';
import { decode } from './perfetto-decoder.ts';

const at = folder();
const files: Readonly<Record<TraceKind, string>> = { wire: join(at, 'wire.arrow'), hardware: join(at, 'hardware.arrow'), kernel: join(at, 'kernel.arrow'), ledger: join(at, 'ledger.arrow') };
const { result, traces } = recorded(scenario({ system: systemNamed('sel4-ioapic'), loadMbps: 540, duration: 0.05 }), files);
const rows = (kind: TraceKind): number => traces.find((trace) => trace.kind === kind)?.rows ?? NaN;

function exported(format: ExportFormat, ...kinds: readonly TraceKind[]): Uint8Array {
  const sources = kinds.map((kind) => new TraceReader(files[kind]));
  const pieces: Uint8Array[] = [];
  format.write(sources, (bytes) => pieces.push(bytes.slice()), { file: '', command: 'a test', warn: () => {} });
  for (const source of sources) source.close();
  return Buffer.concat(pieces);
}

describe('the four traces of a run, in one Perfetto file', () => {
  const { events, slices } = decode(exported(perfetto, 'ledger', 'kernel', 'hardware', 'wire'));
  const spent = slices.filter(({ track }) => track.startsWith('cpu 0/'));

  test('hold every busy picosecond of the run', () => {
    expect(String(spent.reduce((sum, { said }) => sum + Number(said['ps']), 0))).toBe(result.ticks.busy);
  });

  test('hold every row', () => {
    const instants = events.filter(({ type }) => type === 'instant');
    expect(instants.filter(({ track }) => track.startsWith('devices/'))).toHaveLength(rows('hardware'));
    expect(instants.filter(({ track }) => track.startsWith('wire/'))).toHaveLength(rows('wire'));
    expect(slices.filter(({ track }) => track === 'kernel entries/kernel')).toHaveLength(rows('kernel'));
  });

  test('show one context at a time', () => {
    const ordered = spent.toSorted((a, b) => a.t - b.t || a.t + a.duration - b.t - b.duration);
    expect(ordered.filter((slice, i) => i > 0 && slice.t < (ordered[i - 1]?.t ?? 0) + (ordered[i - 1]?.duration ?? 0))).toEqual([]);
    expect(ordered.length).toBeGreaterThan(1000);
  });

  test('lead from each delivered interrupt to the kernel\'s entry and to the first that it spends', () => {
    const flows = Map.groupBy(events.filter(({ flow }) => flow !== ''), ({ flow }) => flow);
    const delivered = [...flows.values()].filter((flow) => flow.some(({ name }) => name === 'irq-deliver'));
    const led = delivered.filter((flow) => {
      const t = flow.find(({ name }) => name === 'irq-deliver')?.t;
      const entry = flow.find(({ track }) => track === 'kernel entries/kernel');
      const first = flow.find(({ track }) => track.startsWith('cpu 0/kernel:'));
      return entry?.t === t && first?.t === t && first?.name === 'stub/interrupt/entry';
    });
    expect(delivered.length).toBeGreaterThan(50);
    // The last may be delivered at the run's very end.
    expect(delivered.length - led.length).toBeLessThanOrEqual(1);
  });
});

test('the collapsed stacks of a run are its accounts', () => {
  const lines = new TextDecoder().decode(exported(folded, 'ledger')).trimEnd().split('\n');
  const elapsed = Number(result.ticks.elapsed);
  const shares = new Map<string, number>();
  let busy = 0;
  for (const line of lines) {
    const [frames = [], value = NaN] = [line.slice(0, line.lastIndexOf(' ')).split(';'), Number(line.slice(line.lastIndexOf(' ')))];
    if (frames[0] === 'idle') continue;
    busy += value;
    // A group and the first part of a path stand on the stack of what they are part of.
    const path = frames.at(-1) ?? '';
    const context = frames[frames.length - 1 - path.split('/').length] ?? '';
    shares.set(`${context}/${path}`, value / elapsed);
  }
  expect(String(busy)).toBe(result.ticks.busy);
  const accounts = Object.entries(result.breakdown).filter(([, share]) => share > 0);
  expect([...shares.keys()].toSorted()).toEqual(accounts.map(([name]) => name).toSorted());
  for (const [name, share] of accounts) expect(shares.get(name)).toBeCloseTo(share, 12);
});

describe.each(EXPORT_FORMATS.map((format): [string, ExportFormat] => [format.name, format]))('%s', (_, format) => {
  test('takes each of its kinds of trace of a real run', () => {
    for (const kind of format.kinds) expect(exported(format, kind).length).toBeGreaterThan(1000);
  });
});

test('formats are told apart by name and extension', () => {
  expect(new Set(EXPORT_FORMATS.map(({ name }) => name)).size).toBe(EXPORT_FORMATS.length);
  expect(new Set(EXPORT_FORMATS.map(({ extension }) => extension)).size).toBe(EXPORT_FORMATS.length);
});
