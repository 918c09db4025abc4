/**
 * Converts recordings to traces:
 *
 *   node traces/record/convert.ts FOLDER TO [ABOUT]
 *
 * FOLDER is a recording, or holds recordings at any depth; TO gets the same folders. A recording is what netns-iperf3.sh (command.txt), qemu-e1000e.sh (window.trace.zst) or the
 * instruction-counting plugin (kernel-entries.csv.zst) has made. What the recorded files do not say, such as versions, comes from conditions.txt in the recording or a folder above it; or
 * from ABOUT, a JSON file with a producer, a command and notes.
 */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { z } from 'zod';
import type { TraceKind } from '../../src/trace/format.ts';
import { DEVICE_ACCESS } from '../../src/trace/import/device-access.ts';
import { FTRACE } from '../../src/trace/import/ftrace.ts';
import { importToFile } from '../../src/trace/import/import-file.ts';
import type { ImportFormat } from '../../src/trace/import/importer.ts';
import { kernelEntries, readPaths } from '../../src/trace/import/kernel-entries.ts';
import { PCAP } from '../../src/trace/import/pcap.ts';
import { QEMU_LOG } from '../../src/trace/import/qemu-log.ts';
import type { TraceOrigin } from '../../src/trace/metadata.ts';
import { pack } from './pack.ts';
import { spacingOf } from './spacing.ts';

const about = z.object({ producer: z.object({ name: z.string(), version: z.string() }), command: z.string(), notes: z.string() });
type About = z.infer<typeof about>;

/** Time zero of the emulated Linux machine's pcap stamps (-rtc base=2024-01-01T00:00:00), ns since 1970. */
const LINUX_RTC_BASE = 1_704_067_200_000_000_000n;
const POWER_ON = 'start of the emulated machine';

const [from = '', to = '', aboutFile] = process.argv.slice(2);
if (to === '') throw new Error('give FOLDER TO [ABOUT]');
const scratch = mkdtempSync(join(tmpdir(), 'convert-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));

for (const folder of recordings(resolve(from))) {
  const target = join(resolve(to), relative(resolve(from), folder));
  mkdirSync(target, { recursive: true });
  const has = (name: string): boolean => existsSync(join(folder, name));
  if (has('kernel-entries.csv.zst')) await convertCounted(folder, target);
  else if (has('window.trace.zst')) await convertQemu(folder, target);
  else await convertNetns(folder, target);
}

/** The folders below that hold a recording. */
function recordings(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  if (entries.some(({ name }) => ['kernel-entries.csv.zst', 'window.trace.zst', 'command.txt'].includes(name))) return [folder];
  return entries.filter((entry) => entry.isDirectory()).flatMap(({ name }) => recordings(join(folder, name)));
}

async function convertNetns(folder: string, target: string): Promise<void> {
  const { notes } = aboutOf(folder);
  const version = /tcpdump version (\S+)/.exec(notes)?.[1] ?? '';
  const said = { producer: { name: 'tcpdump', version }, command: read(folder, 'command.txt').trim(), notes };
  await convert(join(folder, 'wire.pcap'), join(target, 'wire.arrow'), PCAP, 'wire', (trace) => described(trace, said));
  const client = JSON.parse(read(folder, 'client.json')) as { end: { sum_sent: unknown; sum_received: unknown; cpu_utilization_percent: unknown } }; // iperf3 wrote it
  writeJson(join(target, 'summary.json'), {
    command: said.command, sent: client.end.sum_sent, received: client.end.sum_received, cpu: client.end.cpu_utilization_percent,
    capture: read(folder, 'capture.txt').trim().split('\n').slice(-3), shaper: read(folder, 'qdisc.txt').trim().split('\n'),
    spacing: spacingOf(join(target, 'wire.arrow')),
  });
}

async function convertQemu(folder: string, target: string): Promise<void> {
  const said = aboutOf(folder);
  const command = existsSync(join(folder, 'replay.txt')) ? 'replay.txt' : 'cmd.replay.txt';
  const told = { ...said, command: read(folder, command).trim() };
  await convert(join(folder, 'window.trace.zst'), join(target, 'hardware.arrow'), QEMU_LOG, 'hardware', (trace) => described(trace, told));
  const wire = ['wire.pcap.zst', 'net.pcap.zst'].find((name) => existsSync(join(folder, name))) ?? '';
  await convert(join(folder, wire), join(target, 'wire.arrow'), PCAP, 'wire', (trace) => described(rebased(trace, LINUX_RTC_BASE, POWER_ON), told));
  const ftrace = join(folder, 'guest', 'ftrace.txt.zst');
  if (existsSync(ftrace)) {
    await convert(ftrace, join(target, 'ledger.arrow'), FTRACE, 'ledger', (trace) => described(virtual(trace), { ...told, producer: { name: 'Linux ftrace', version: '6.1' } }));
  }
  copyFileSync(join(folder, existsSync(join(folder, 'summary.json')) ? 'summary.json' : 'info.json'), join(target, 'summary.json'));
}

async function convertCounted(folder: string, target: string): Promise<void> {
  const said = aboutOf(folder);
  const paths = join(folder, 'paths.csv.zst');
  const entries = kernelEntries(readPaths(paths, zstdDecompressSync(readFileSync(paths)).toString()));
  await convert(join(folder, 'kernel-entries.csv.zst'), join(target, 'kernel.arrow'), entries, 'kernel', (trace) => described(trace, said));
  await convert(join(folder, 'device-access.csv.zst'), join(target, 'hardware.arrow'), DEVICE_ACCESS, 'hardware', (trace) => described(trace, said));
  const summary = read(folder, 'summary.json');
  writeFileSync(join(target, 'summary.json'), summary);
  // Beyond what a double holds exactly.
  const offset = /"offset_ns":\s*(-?\d+)/.exec(summary)?.[1];
  const wire = join(folder, 'wire.pcap.zst');
  // A run without a frame has an empty capture, and no offset.
  if (offset === undefined || !hasFrames(wire)) return;
  await convert(wire, join(target, 'wire.arrow'), PCAP, 'wire', (trace) => described(rebased(trace, BigInt(offset), `${POWER_ON}; 4 ns are one instruction`), said));
}

async function convert(source: string, target: string, format: ImportFormat, kind: TraceKind, change: (origin: TraceOrigin) => TraceOrigin): Promise<void> {
  const plain = join(scratch, 'trace.arrow');
  const warnings: string[] = [];
  await importToFile({ file: source, format, kind, strict: true, command: 'traces/record/convert.ts', warn: (text) => warnings.push(text.replaceAll(`${dirname(source)}/`, '')) }, plain);
  const { rows, span } = pack(plain, target, change);
  process.stdout.write(`${target}: ${rows} rows, ${span === null ? 0 : span.last - span.first}\n${warnings.map((text) => `  warning: ${text}\n`).join('')}`);
}

/** The trace with what the recorded files do not say of themselves. */
function described(trace: TraceOrigin, { producer, command, notes }: About): TraceOrigin {
  return { ...trace, producer, recorded: { command, scenario: null, notes: [trace.recorded.notes, notes].filter(Boolean).join('\n') } };
}

/** A wire trace whose stamps are an emulated machine's time plus `base` ns. */
function rebased(trace: TraceOrigin, base: bigint, originMeaning: string): TraceOrigin {
  return { ...trace, clock: { ...trace.clock, domain: 'virtual', origin: String(BigInt(trace.clock.origin) - base), originMeaning } };
}

/** A trace in the guest's TSC, which counts virtual nanoseconds where instructions are counted. */
function virtual(trace: TraceOrigin): TraceOrigin {
  return { ...trace, clock: { ...trace.clock, domain: 'virtual', originMeaning: POWER_ON } };
}

function aboutOf(folder: string): About {
  if (aboutFile !== undefined) return about.parse(JSON.parse(readFileSync(aboutFile, 'utf8')));
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    if (!existsSync(join(at, 'conditions.txt'))) continue;
    const notes = read(at, 'conditions.txt').trim();
    return { producer: { name: 'QEMU', version: /QEMU emulator version (.*)/.exec(notes)?.[1] ?? '' }, command: '', notes };
  }
  throw new Error(`${folder}: there is no conditions.txt in it or above it; give ABOUT`);
}

function hasFrames(pcap: string): boolean {
  const PCAP_HEADER_BYTES = 24;
  return zstdDecompressSync(readFileSync(pcap)).length > PCAP_HEADER_BYTES;
}

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
