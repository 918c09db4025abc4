import { PbfWriter } from 'pbf';
import { nameOf, toNanoseconds } from './alignment.ts';
import type { ExportFormat } from './exporter.ts';
import { storeGzip } from './gzip.ts';
import { only } from './only.ts';
import { StackTable, type StackTotal, totals } from './stacks.ts';

// Field numbers: google/pprof@00fe71aa6a175d23a828cd7b1627e463ddda8eab:proto/profile.proto
const Profile = { sampleType: 1, sample: 2, location: 4, function: 5, string: 6, duration: 10, comment: 13, defaultSampleType: 14 } as const;
const ValueType = { type: 1, unit: 2 } as const;
const Sample = { location: 1, value: 2, label: 3 } as const;
const Label = { key: 1, number: 3 } as const;
const Location = { id: 1, line: 4 } as const;
const Line = { function: 1 } as const;
const Function = { id: 1, name: 2 } as const;

/** The table of strings of a profile. */
class Strings {
  readonly texts: string[] = [''];
  private readonly codes = new Map<string, number>([['', 0]]);

  code(text: string): number {
    let code = this.codes.get(text);
    if (code === undefined) {
      code = this.texts.push(text) - 1;
      this.codes.set(text, code);
    }
    return code;
  }
}

/**
 * A pprof profile: how often each stack ran, and its time, in nanoseconds (each sum rounded down) or where the clock has another unit than time in that. The processor is
 * a label. Function and location of a frame carry its number, from 1.
 */
export const pprof: ExportFormat = {
  name: 'pprof',
  title: 'pprof profile',
  extension: '.pb.gz',
  kinds: ['ledger', 'kernel'],
  write(sources, out, { command }) {
    const source = only(sources);
    const { clock, producer } = source.metadata;
    const timed = clock.unit === 'ps' || clock.unit === 'ns';
    const scale = timed ? toNanoseconds(clock) : (value: number): number => value;
    const table = new StackTable();
    const sums = totals(source, table);
    const strings = new Strings();
    const pbf = new PbfWriter(new Uint8Array(1 << 16));
    writeValueType(pbf, strings, 'runs', 'count');
    writeValueType(pbf, strings, timed ? 'time' : clock.unit, timed ? 'nanoseconds' : clock.unit);
    const cpu = strings.code('cpu');
    for (const total of sums) pbf.writeMessage(Profile.sample, (_, sample) => writeSample(sample, total, table, cpu, scale), null);
    for (const [frame, name] of table.frames.entries()) {
      const id = frame + 1;
      const code = strings.code(name);
      pbf.writeMessage(Profile.location, (_, location) => {
        location.writeVarintField(Location.id, id);
        location.writeMessage(Location.line, (_, line) => line.writeVarintField(Line.function, id), null);
      }, null);
      pbf.writeMessage(Profile.function, (_, message) => {
        message.writeVarintField(Function.id, id);
        message.writeVarintField(Function.name, code);
      }, null);
    }
    if (timed) pbf.writeVarintField(Profile.duration, scale(longest(sums)));
    for (const text of [`rumpsim: ${command}`, `recorded by ${producer.name} ${producer.version}, ${nameOf(clock)}`]) pbf.writeVarintField(Profile.comment, strings.code(text));
    pbf.writeVarintField(Profile.defaultSampleType, strings.code(timed ? 'time' : clock.unit));
    for (const text of strings.texts) pbf.writeStringField(Profile.string, text);
    storeGzip(pbf.finish(), out);
  },
};

/** The time that the profile covers: idle time is part of it, so any processor's sum would do if all were recorded for as long. */
function longest(sums: readonly StackTotal[]): number {
  const covered: number[] = [];
  for (const { group, value } of sums) covered[group] = (covered[group] ?? 0) + value;
  return covered.reduce((most, value) => Math.max(most, value), 0);
}

function writeValueType(pbf: PbfWriter, strings: Strings, type: string, unit: string): void {
  pbf.writeMessage(Profile.sampleType, (_, message) => {
    message.writeVarintField(ValueType.type, strings.code(type));
    message.writeVarintField(ValueType.unit, strings.code(unit));
  }, null);
}

function writeSample(pbf: PbfWriter, { group, stack, value, count }: StackTotal, table: StackTable, cpu: number, scale: (value: number) => number): void {
  // The innermost frame comes first.
  pbf.writePackedVarint(Sample.location, (table.stacks[stack] ?? []).map((frame) => frame + 1).toReversed());
  pbf.writePackedVarint(Sample.value, [count, scale(value)]);
  pbf.writeMessage(Sample.label, (_, label) => {
    label.writeVarintField(Label.key, cpu);
    label.writeVarintField(Label.number, group);
  }, null);
}
