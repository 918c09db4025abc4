import { DEVICE_ACCESS } from '../../src/trace/import/device-access.ts';
import { FTRACE } from '../../src/trace/import/ftrace.ts';
import type { ImportFormat } from '../../src/trace/import/importer.ts';
import { KERNEL_ENTRIES } from '../../src/trace/import/kernel-entries.ts';
import { PCAP } from '../../src/trace/import/pcap.ts';
import { PCAPNG } from '../../src/trace/import/pcapng.ts';
import { PERF_SCRIPT } from '../../src/trace/import/perf-script.ts';
import { QEMU_LOG } from '../../src/trace/import/qemu-log.ts';

/** An importer to be fuzzed; its corpus is the folder of its name in test/fuzz/corpus. */
export interface Target {
  readonly format: ImportFormat;
  readonly text: boolean;
  /** Where a whole file can end: before its first record, and after each. Ascending. */
  readonly ends: (bytes: Uint8Array) => number[];
}

/** Of a text: after each line. */
function lineEnds(bytes: Uint8Array): number[] {
  return [0, ...[...bytes.keys()].filter((at) => bytes[at] === 10).map((at) => at + 1)];
}

function text(format: ImportFormat, ends = lineEnds): Target {
  return { format, text: true, ends };
}

/** Of perf script: after the empty line that ends a sample with its calls; samples without calls are lines. */
function sampleEnds(bytes: Uint8Array): number[] {
  const lines = lineEnds(bytes);
  const empty = lines.filter((end) => end > 1 && bytes[end - 2] === 10);
  return empty.length === 0 ? lines : [0, ...empty];
}

/** By the captured lengths. */
function pcapEnds(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const little = bytes[0] !== 0xa1;
  const header = view.getUint32(0, little) === 0xa1b2cd34 ? 24 : 16;
  const ends = [24];
  for (let at = 24; at + header <= bytes.length;) {
    at += header + view.getUint32(at + 8, little);
    ends.push(at);
  }
  return ends;
}

/** By the lengths of blocks. */
function pcapngEnds(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const ends: number[] = [];
  let little = true;
  for (let at = 0; at < bytes.length;) {
    if (view.getUint32(at) === 0x0a0d0d0a) little = view.getUint32(at + 8, true) === 0x1a2b3c4d;
    at += view.getUint32(at + 4, little);
    ends.push(at);
  }
  return ends;
}

export const TARGETS: readonly Target[] = [
  { format: PCAP, text: false, ends: pcapEnds },
  { format: PCAPNG, text: false, ends: pcapngEnds },
  text(QEMU_LOG),
  text(FTRACE),
  text(PERF_SCRIPT, sampleEnds),
  text(KERNEL_ENTRIES),
  text(DEVICE_ACCESS),
];
