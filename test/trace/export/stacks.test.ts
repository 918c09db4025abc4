import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Profile } from 'pprof-format';
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import type { ExportFormat } from '../../../src/trace/export/exporter.ts';
import { folded } from '../../../src/trace/export/folded.ts';
import { pprof } from '../../../src/trace/export/pprof.ts';
import { MOST_PIECES, speedscope } from '../../../src/trace/export/speedscope.ts';
import { ledgerFrames } from '../../../src/trace/export/stacks.ts';
import type { MemoryTrace } from '../../../src/trace/memory-sink.ts';
import { SIMULATED_CLOCK, type TraceClock } from '../../../src/trace/metadata.ts';
import { exported, HOST_CLOCK, memoryTrace, type Row } from './memory.ts';

const CYCLES: TraceClock = { ...HOST_CLOCK, unit: 'cycles', picoseconds: { numerator: 5000, denominator: 17 } };

/** Rows without gaps that go round through contexts and paths. */
const LEDGER: readonly Row[] = Array.from({ length: 100 }, (_, i) => ({
  t: i * 10_500, duration: 10_500, cpu: 0, context: ['idle', 'kernel:send', 'rump:isr'][i % 3] ?? '', path: i % 3 === 0 ? 'idle' : (['port/pic/in', 'wm.intr'][i % 2] ?? ''), count: 1 + (i % 2),
}));
const KERNEL: readonly Row[] = [
  { t: 100, operation: 'send', from_mode: 'user', from: 'rump:main', user: 100, duration: 20, to_mode: 'idle', path: 'a>b' },
  { t: 170, operation: 'irq', from_mode: 'idle', from: 'idle', user: 50, duration: 30, to_mode: 'user', path: 'c' },
  { t: 200, operation: 'send', from_mode: 'kernel', from: 'rump:main', user: 0, duration: 7, to_mode: 'user', path: 'a>b' },
];

interface Weighed {
  readonly unit: string;
  /** Value by stack, its frames joined by semicolons, outermost first. */
  readonly stacks: ReadonlyMap<string, number>;
}

function readFolded(trace: MemoryTrace): Weighed {
  const lines = new TextDecoder().decode(exported(folded, trace).bytes).split('\n').slice(0, -1);
  return { unit: trace.metadata.clock.unit, stacks: new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))])) };
}

interface SpeedscopeFile {
  readonly shared: { readonly frames: readonly { readonly name: string }[] };
  readonly profiles: readonly { readonly name: string; readonly unit: string; readonly endValue: number; readonly samples: readonly (readonly number[])[]; readonly weights: readonly number[] }[];
}

function readSpeedscopeFile(trace: MemoryTrace): SpeedscopeFile {
  return JSON.parse(new TextDecoder().decode(exported(speedscope, trace).bytes)) as SpeedscopeFile;
}

function readSpeedscope(trace: MemoryTrace): Weighed {
  const { shared: { frames }, profiles } = readSpeedscopeFile(trace);
  const stacks = new Map<string, number>();
  for (const { name, samples, weights } of profiles) {
    if (name.includes('busy')) continue;
    for (const [i, sample] of samples.entries()) {
      const stack = sample.map((frame) => frames[frame]?.name).join(';');
      stacks.set(stack, (stacks.get(stack) ?? 0) + (weights[i] ?? NaN));
    }
  }
  return { unit: profiles[0]?.unit ?? '', stacks };
}

/** With the decoder of another project, after zlib has unpacked it. */
function readPprof(trace: MemoryTrace): Weighed & { readonly runs: number; readonly duration: number } {
  const profile = Profile.decode(gunzipSync(exported(pprof, trace).bytes));
  const text = (code: number | bigint): string => profile.stringTable.strings[Number(code)] ?? '';
  const functions = new Map(profile.function.map(({ id, name }) => [Number(id), text(name)]));
  const locations = new Map(profile.location.map(({ id, line }) => [Number(id), functions.get(Number(line[0]?.functionId))]));
  const stacks = new Map<string, number>();
  let runs = 0;
  for (const { locationId, value } of profile.sample) {
    const stack = locationId.map((id) => locations.get(Number(id))).toReversed().join(';');
    stacks.set(stack, (stacks.get(stack) ?? 0) + Number(value[1]));
    runs += Number(value[0]);
  }
  expect(profile.sampleType.map(({ type }) => text(type))).toEqual(['runs', text(profile.defaultSampleType)]);
  return { unit: text(profile.sampleType[1]?.unit ?? 0), stacks, runs, duration: Number(profile.durationNanos) };
}

function sorted({ stacks }: Weighed, scale = 1): [string, number][] {
  return [...stacks].map(([stack, value]): [string, number] => [stack, value / scale]).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

describe('the frames of a slice', () => {
  test.each([
    ['of a simulated run: groups and prefixes by whole names', 'kernel:irq-ack', 'port/pic/in', true, ['kernel', 'kernel:irq-ack', 'port', 'port/pic', 'port/pic/in']],
    ['of a context without group', 'main', 'tcp.segment', true, ['main', 'tcp.segment']],
    ['of a real machine: functions; a slash is part of a name', 'iperf3:77', '/usr/bin/iperf3;do_syscall;tcp_v4_rcv', false, ['iperf3:77', '/usr/bin/iperf3', 'do_syscall', 'tcp_v4_rcv']],
    ['of a real machine where nothing is known but who ran', 'init-1', 'init-1', false, ['init-1']],
    ['of idle time', 'idle', 'idle', true, ['idle']],
    ['of a real machine\'s idle time', 'idle', 'idle', false, ['idle']],
  ])('%s', (_, context, path, simulated, frames) => {
    expect(ledgerFrames(context, path, simulated)).toEqual(frames);
  });
});

describe.each([['ledger', LEDGER, SIMULATED_CLOCK], ['ledger', LEDGER, HOST_CLOCK], ['ledger', LEDGER, CYCLES], ['kernel', KERNEL, HOST_CLOCK], ['kernel', KERNEL, CYCLES]] as const)('the attribution of a %s trace', (kind, rows, clock) => {
  const trace = memoryTrace(kind, rows, clock);
  const lines = readFolded(trace);
  const total = rows.reduce((sum, row) => sum + Number(row['duration'] ?? 0) + Number(row['user'] ?? 0), 0);

  test(`in ${clock.unit} of ${clock.domain} time adds up to the time that the trace covers`, () => {
    expect([...lines.stacks.values()].reduce((sum, value) => sum + value, 0)).toBe(total);
  });

  test('is the same in every format', () => {
    const inSpeedscope = readSpeedscope(trace);
    const inPprof = readPprof(trace);
    const timed = clock.unit !== 'cycles';
    expect(inSpeedscope.unit).toBe(timed ? 'nanoseconds' : 'none');
    expect(inPprof.unit).toBe(timed ? 'nanoseconds' : 'cycles');
    const scale = clock.unit === 'ps' ? 1000 : 1;
    const wanted = sorted(lines, scale);
    const weighed = sorted(inSpeedscope);
    expect(weighed.map(([stack]) => stack)).toEqual(wanted.map(([stack]) => stack));
    for (const [i, [, value]] of weighed.entries()) expect(value).toBeCloseTo(wanted[i]?.[1] ?? NaN, 6);
    expect(sorted(inPprof)).toEqual(wanted.map(([stack, value]) => [stack, Math.floor(value)]));
    expect(inPprof.runs).toBe(kind === 'kernel' ? rows.length : rows.reduce((sum, row) => sum + Number(row['count']), 0));
    expect(inPprof.duration).toBe(timed ? Math.floor(total / scale) : 0);
  });
});

describe('speedscope', () => {
  test('a profile is in time order, a processor each, what follows itself joined', () => {
    const row = (t: number, cpu: number, path: string): Row => ({ t, cpu, duration: 10, context: 'p', path, count: 1 });
    const { shared: { frames }, profiles } = readSpeedscopeFile(memoryTrace('ledger', [row(0, 1, 'a'), row(0, 0, 'b'), row(10, 1, 'a'), row(20, 1, 'b'), row(30, 1, 'a')], HOST_CLOCK));
    expect(profiles.map(({ name, samples, weights, endValue }) => [name, samples.map((sample) => frames[sample.at(-1) ?? -1]?.name).join(''), weights, endValue])).toEqual([
      ['cpu 0', 'b', [10], 10], ['cpu 0, busy time summed by stack', 'b', [10], 10], ['cpu 1', 'aba', [20, 10, 10], 40], ['cpu 1, busy time summed by stack', 'ab', [30, 10], 40],
    ]);
  });

  test('a second profile of each processor leaves idle time out', () => {
    const { shared: { frames }, profiles } = readSpeedscopeFile(memoryTrace('ledger', LEDGER));
    const busy = profiles[1];
    expect(busy?.samples.flat().map((frame) => frames[frame]?.name)).not.toContain('idle');
    expect(busy?.endValue).toBe(LEDGER.filter(({ context }) => context !== 'idle').length * 10.5);
  });

  test('more pieces than a browser can show are summed by stack, with a warning', () => {
    const rows = Array.from({ length: MOST_PIECES + 10 }, (_, i) => ({ t: i, duration: 1, cpu: i % 2, context: 'p', path: `f${(i >> 1) % 5}`, count: 1 }));
    const trace = memoryTrace('ledger', rows, HOST_CLOCK, 65_536);
    const { bytes, warnings } = exported(speedscope, trace);
    expect(warnings).toHaveLength(1);
    const { profiles } = JSON.parse(new TextDecoder().decode(bytes)) as SpeedscopeFile;
    expect(profiles.map(({ samples, endValue }) => [samples.length, endValue])).toEqual(Array.from({ length: 4 }, () => [5, rows.length / 2]));
    const both = readFolded(trace).stacks;
    expect(both.get('cpu 1;p;f3')).toBe(profiles[2]?.weights[3]);
  });

  test('the file has what the published schema of speedscope asks for', () => {
    const schema = JSON.parse(readFileSync(fileURLToPath(new URL('../../../node_modules/speedscope/dist/release/file-format-schema.json', import.meta.url)), 'utf8')) as {
      readonly definitions: Readonly<Record<string, { readonly required?: readonly string[]; readonly enum?: readonly string[] }>>;
    };
    const file = readSpeedscopeFile(memoryTrace('ledger', LEDGER));
    expect(Object.keys(file)).toEqual(expect.arrayContaining([...(schema.definitions['FileFormat.File']?.required ?? ['?'])]));
    for (const profile of file.profiles) expect(Object.keys(profile)).toEqual(expect.arrayContaining([...(schema.definitions['FileFormat.SampledProfile']?.required ?? ['?'])]));
    expect(schema.definitions['FileFormat.ValueUnit']?.enum).toContain(file.profiles[0]?.unit);
  });
});

describe('collapsed stacks', () => {
  test('of several processors begin with the processor', () => {
    const rows = [0, 1].map((cpu) => ({ t: 0, duration: 5 + cpu, cpu, context: 'p', path: 'a;b', count: 1 }));
    expect(sorted(readFolded(memoryTrace('ledger', rows, HOST_CLOCK)))).toEqual([['cpu 0;p;a;b', 5], ['cpu 1;p;a;b', 6]]);
  });

  test('a name cannot make two frames or lines of one', () => {
    const rows = [{ t: 0, duration: 5, context: 'a;b\nc', path: 'd e', count: 1 }];
    expect(new TextDecoder().decode(exported(folded, memoryTrace('ledger', rows, HOST_CLOCK)).bytes)).toBe('a b c;d e 5\n');
  });
});

test.each([folded, speedscope, pprof].map((format): [string, ExportFormat] => [format.name, format]))('%s takes a trace without rows', (_, format) => {
  expect(exported(format, memoryTrace('ledger', [])).warnings).toEqual([]);
});

test('gzip holds profiles of any size', () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 9000 }), (count) => {
    const rows = Array.from({ length: count }, (_, i) => ({ t: i, duration: 1, context: 'p', path: `function ${i}`, count: 1 }));
    expect(readPprof(memoryTrace('ledger', rows, HOST_CLOCK, 65_536)).stacks.size).toBe(count);
  }), { numRuns: 5, seed: 1, examples: [[1], [9000]] });
});
