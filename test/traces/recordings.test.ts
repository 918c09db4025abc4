import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DIRECTION_IN } from '../../src/trace/format.ts';
import { TraceReader } from '../../src/trace/reader.ts';

const FOLDER = join(import.meta.dirname, '../../traces');
const FILES = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(FOLDER, name)).isFile()).toSorted();
const TRACES = FILES.filter((name) => name.endsWith('.arrow'));
const MOST_BYTES = 60_000_000;
/** Ethernet header, 1500 bytes. */
const LONGEST_FRAME = 1514;
/** Payload of the longest. */
const SEGMENT = 1448;
/** Longer traces are read in part, to save time. */
const WHOLE_ROWS = 60_000;

/** The traces of a kind, with the folder that they stand in. */
function ofKind(name: string, below = ''): string[] {
  return TRACES.filter((file) => file.startsWith(below) && file.endsWith(`/${name}.arrow`)).map((file) => dirname(file));
}

function summaryOf<T>(folder: string, schema: z.ZodType<T>): T {
  return schema.parse(JSON.parse(readFileSync(join(FOLDER, folder, 'summary.json'), 'utf8')));
}

describe('the folder', () => {
  test('holds the files of SHA256SUMS, as they were', () => {
    const listed = readFileSync(join(FOLDER, 'SHA256SUMS'), 'utf8').trim().split('\n').map((line) => line.split('  ') as [string, string]);
    const changed = listed.filter(([sum, name]) => createHash('sha256').update(readFileSync(join(FOLDER, name))).digest('hex') !== sum);
    expect(changed).toEqual([]);
    const data = FILES.filter((name) => !name.startsWith('record/') && /\.(?:arrow|json|txt)$/.test(name));
    expect(listed.map(([, name]) => name).toSorted()).toEqual(data);
  });

  test('is smaller than 60 MB', () => {
    expect(FILES.reduce((sum, name) => sum + statSync(join(FOLDER, name)).size, 0)).toBeLessThan(MOST_BYTES);
  });

  test('has a README with conditions in each producer\'s folder', () => {
    const folders = [...new Set(TRACES.map((file) => file.split('/')[0] ?? ''))];
    expect(folders.length).toBeGreaterThan(0);
    expect(folders.filter((name) => !existsSync(join(FOLDER, name, 'README.md')))).toEqual([]);
  });

  test('names no path of the machine it was recorded on', () => {
    expect(FILES.filter((name) => !name.endsWith('.arrow') && /\/(?:home|root|work|Users)\//.test(readFileSync(join(FOLDER, name), 'utf8')))).toEqual([]);
  });
});

describe('every trace', () => {
  const table = readFileSync(join(FOLDER, 'README.md'), 'utf8');

  test.each(TRACES)('%s', (name) => {
    const reader = new TraceReader(join(FOLDER, name));
    try {
      const { metadata } = reader;
      expect(metadata.producer.version).toMatch(/\d/);
      expect(metadata.recorded.command.length).toBeGreaterThan(10);
      expect(metadata.recorded.notes?.length).toBeGreaterThan(100);
      expect(`${metadata.recorded.command} ${metadata.recorded.notes}`).not.toMatch(/\/(?:home|root|work|tmp|Users)\//);
      expect(table).toContain(`| ${name} | ${metadata.kind} | ${metadata.rows} |`);
      let batch = reader.next();
      expect(batch?.t[0]).toBe(metadata.span?.first);
      if ((metadata.rows ?? 0) > WHOLE_ROWS) return;
      let rows = 0;
      let last = 0;
      for (; batch !== null; batch = reader.next()) {
        rows += batch.rows;
        last = batch.t[batch.rows - 1] ?? NaN;
      }
      expect({ rows, last, warnings: reader.warnings }).toEqual({ rows: metadata.rows, last: metadata.span?.last, warnings: [] });
    } finally {
      reader.close();
    }
  });
});

/** Frames into the recorded machine. */
interface Received {
  data: number;
  payload: number;
  longest: number;
  seconds: number;
}

function received(file: string): Received {
  const reader = new TraceReader(file, { kind: 'wire' });
  const sum: Received = { data: 0, payload: 0, longest: 0, seconds: ((reader.metadata.span?.last ?? 0) * reader.metadata.clock.picoseconds.numerator) / reader.metadata.clock.picoseconds.denominator / 1e12 };
  for (let batch = reader.next(); batch !== null; batch = reader.next()) {
    const [direction, payload, bytes] = [batch.integers('direction'), batch.integers('payload'), batch.integers('bytes')];
    for (let row = 0; row < batch.rows; row++) {
      sum.longest = Math.max(sum.longest, bytes[row] ?? NaN);
      if (direction[row] !== DIRECTION_IN || payload[row] === 0) continue;
      sum.data++;
      sum.payload += payload[row] ?? NaN;
    }
  }
  reader.close();
  return sum;
}

describe('iperf3 over a link of 1 Gb/s', () => {
  const ends = z.object({ received: z.object({ bytes: z.int(), seconds: z.number() }), sent: z.object({ bytes: z.int(), retransmits: z.int() }), capture: z.array(z.string()) });

  test('every load of the paper, paced and on/off', () => {
    const loads = ['onoff', 'paced'].flatMap((sender) => [180, 360, 540, 720, 900].map((load) => `netns-iperf3-3.12/${sender}-${load}`));
    expect(ofKind('wire', 'netns-')).toEqual(expect.arrayContaining(loads));
  });

  test.each(ofKind('wire', 'netns-'))('%s: the bytes that iperf3 counted, in frames that fit the wire, at the rate asked for', (folder) => {
    const { received: end, sent, capture } = summaryOf(folder, ends);
    const { payload, longest, seconds } = received(join(FOLDER, folder, 'wire.arrow'));
    expect(longest).toBeLessThanOrEqual(LONGEST_FRAME);
    expect(capture).toContain('0 packets dropped by kernel');
    expect(sent.retransmits).toBeLessThanOrEqual(10);
    // What is still on its way when the test ends, and the few bytes of the control connection, are on the wire but not in iperf3's figures.
    expect(payload).toBeGreaterThanOrEqual(end.bytes);
    expect(payload).toBeLessThan(sent.bytes + 4096 + sent.retransmits * SEGMENT);
    const load = Number(/-(\d+)(?:-wire)?$/.exec(folder)?.[1]) * 1e6;
    expect((payload * 8) / seconds / load).toBeGreaterThan(0.95);
    expect((payload * 8) / seconds / load).toBeLessThan(1.03);
  });
});

describe('seL4 and Rumprun', () => {
  const counts = z.object({
    kernel: z.int(), kernel_by_op: z.record(z.string(), z.object({ n: z.int(), insns: z.int(), loads: z.int(), stores: z.int(), in: z.int(), out: z.int(), cr3: z.int() })),
    device_accesses: z.record(z.string(), z.int()),
  });
  const columns = { insns: 'instructions', loads: 'loads', stores: 'stores', in: 'port_in', out: 'port_out', cr3: 'cr3' } as const;

  test.each(ofKind('kernel', 'sel4-'))('%s: entries by operation as the plugin counted them', (folder) => {
    const { kernel, kernel_by_op: expected } = summaryOf(folder, counts);
    const reader = new TraceReader(join(FOLDER, folder, 'kernel.arrow'), { kind: 'kernel' });
    const found = new Map<string, Record<string, number>>();
    let total = 0;
    for (let batch = reader.next(); batch !== null; batch = reader.next()) {
      const operations = batch.codes('operation');
      const values = Object.entries(columns).map(([key, column]) => ({ key, values: batch.integers(column).slice(0, batch.rows) }));
      for (let row = 0; row < batch.rows; row++) {
        const operation = reader.names('operation')[operations[row] ?? -1] ?? '';
        const sums = found.get(operation) ?? { n: 0 };
        found.set(operation, sums);
        sums.n = (sums.n ?? 0) + 1;
        for (const { key, values: column } of values) sums[key] = (sums[key] ?? 0) + (column[row] ?? NaN);
        total += values[0]?.values[row] ?? NaN;
      }
    }
    reader.close();
    expect(total).toBe(kernel);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(Object.entries(expected).map(([operation, { n, insns, loads, stores, in: reads, out, cr3 }]) => [operation, { n, insns, loads, stores, in: reads, out, cr3 }])));
  });

  test.each(ofKind('hardware', 'sel4-'))('%s: port and register accesses as the plugin counted them', (folder) => {
    const expected = { 'port-read': 0, 'port-write': 0, 'mmio-read': 0, 'mmio-write': 0 };
    const names = { in: 'port-read', out: 'port-write', 'mmio-read': 'mmio-read', 'mmio-write': 'mmio-write' } as const;
    for (const [access, n] of Object.entries(summaryOf(folder, counts).device_accesses)) expected[names[z.enum(['in', 'out', 'mmio-read', 'mmio-write']).parse(access.split(' ')[0])]] += n;
    const reader = new TraceReader(join(FOLDER, folder, 'hardware.arrow'), { kind: 'hardware' });
    const found = { 'port-read': 0, 'port-write': 0, 'mmio-read': 0, 'mmio-write': 0 };
    for (let batch = reader.next(); batch !== null; batch = reader.next()) {
      const kinds = batch.codes('kind');
      for (let row = 0; row < batch.rows; row++) {
        const kind = reader.names('kind')[kinds[row] ?? -1];
        if (kind === 'port-read' || kind === 'port-write' || kind === 'mmio-read' || kind === 'mmio-write') found[kind]++;
      }
    }
    reader.close();
    expect(found).toEqual(expected);
  });

  test.each(ofKind('wire', 'sel4-'))('%s: frames and kernel entries are on one clock', (folder) => {
    const [wire, kernel] = ['wire', 'kernel'].map((name) => new TraceReader(join(FOLDER, folder, `${name}.arrow`)));
    if (wire === undefined || kernel === undefined) throw new Error('unreachable');
    wire.close();
    kernel.close();
    // The capture begins up to a quarter of a second before the window and ends as much after it.
    const start = (Number(kernel.metadata.clock.origin) * kernel.metadata.clock.picoseconds.numerator) / 1000;
    const end = start + ((kernel.metadata.span?.last ?? 0) * kernel.metadata.clock.picoseconds.numerator) / 1000;
    const first = Number(wire.metadata.clock.origin);
    expect(first).toBeGreaterThan(start - 250e6);
    expect(first + (wire.metadata.span?.last ?? 0)).toBeLessThan(end + 250e6);
  });
});

describe('Linux on an emulated 82574L', () => {
  const given = z.object({ trace: z.object({ rx_frames: z.int() }) }).transform(({ trace }) => trace.rx_frames);
  const own = z.object({ window: z.object({ framesIn: z.int() }), replaysIdentical: z.literal(true) }).transform(({ window }) => window.framesIn);

  test.each(ofKind('hardware', 'qemu-'))('%s: a DMA for each frame that QEMU\'s log has, in the microsecond in which the capture has it', (folder) => {
    const hardware = new TraceReader(join(FOLDER, folder, 'hardware.arrow'), { kind: 'hardware' });
    const stored: number[] = [];
    const start = Number(hardware.metadata.clock.origin);
    for (let batch = hardware.next(); batch !== null; batch = hardware.next()) {
      const write = hardware.names('kind').indexOf('dma-write');
      const kinds = batch.codes('kind');
      for (let row = 0; row < batch.rows; row++) if (kinds[row] === write) stored.push(Math.floor((start + (batch.t[row] ?? NaN)) / 1000));
    }
    hardware.close();
    expect(stored.length).toBe(summaryOf(folder, z.union([given, own])));

    const wire = new TraceReader(join(FOLDER, folder, 'wire.arrow'), { kind: 'wire' });
    const captured = new Set<number>();
    for (let batch = wire.next(); batch !== null; batch = wire.next()) {
      const directions = batch.integers('direction');
      for (let row = 0; row < batch.rows; row++) if (directions[row] === DIRECTION_IN) captured.add((Number(wire.metadata.clock.origin) + (batch.t[row] ?? NaN)) / 1000);
    }
    wire.close();
    expect(stored.filter((us) => !captured.has(us))).toEqual([]);
  });
});
