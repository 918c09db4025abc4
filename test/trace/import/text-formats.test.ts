import { describe, expect, test } from 'vitest';
import { DEVICE_ACCESS } from '../../../src/trace/import/device-access.ts';
import { FTRACE } from '../../../src/trace/import/ftrace.ts';
import { KERNEL_ENTRIES } from '../../../src/trace/import/kernel-entries.ts';
import { PERF_SCRIPT } from '../../../src/trace/import/perf-script.ts';
import { QEMU_LOG } from '../../../src/trace/import/qemu-log.ts';
import { refusal } from '../traces.ts';
import { bytes, corpus } from './corpus.ts';
import { imported } from './imported.ts';

const FORMATS = [QEMU_LOG, FTRACE, PERF_SCRIPT, KERNEL_ENTRIES, DEVICE_ACCESS];
const FILES = [
  'qemu-log/pic-pit.log', 'qemu-log/ioapic-hpet.log', 'qemu-log/msix-hpet.log', 'qemu-log/host-time.log', 'ftrace/ftrace-tsc.txt', 'ftrace/trace-cmd.txt', 'perf-script/call-chains.txt', 'perf-script/flat.txt',
  'kernel-entries/pic-pit.csv', 'device-access/pic-pit.csv', 'device-access/ioapic-hpet.csv',
];

describe('text formats', () => {
  test.each(FILES)('%s is taken for its format by its content, and for no other', (file) => {
    const names = (head: Uint8Array): string[] => FORMATS.filter((format) => format.detect(head)).map(({ name }) => name);
    const head = corpus(file);
    expect(names(head)).toEqual([file.split('/')[0]]);
    expect(names(head.subarray(0, 1500))).toEqual([file.split('/')[0]]);
  });

  test.each([
    ['nothing', ''], ['prose', 'It was 10.5: a dark night.\n'], ['JSON', '{"t_insn": 1, "kind": "in"}\n'], ['another CSV', 'time,kind,value\n1,in,2\n'], ['numbers', '1.5\n2.5\n'],
    ['a log with dates', '2026-11-21 10:00:00.123456: started\n1795310143.712641: started\n'], ['pcap', '\xd4\xc3\xb2\xa1\x00\x00'],
  ])('%s is none of them', (_what, text) => {
    expect(FORMATS.filter((format) => format.detect(bytes(text))).map(({ name }) => name)).toEqual([]);
  });

  test.each(FORMATS.map((format) => [format.name, format] as const))('%s: a line without end is refused before memory is', (_name, format) => {
    expect(refusal(() => imported(format, new Uint8Array(3 << 20).fill(65)))).toMatch(/^test\.file: line 1: a line of more than 1048576 bytes; /);
    expect(refusal(() => imported(format, bytes(`${'B'.repeat(1 << 21)}\n`), {}, 1 << 22))).toContain('line 1: a line of more than');
  });

  test.each(FORMATS.map((format) => [format.name, format] as const))('%s: a line of brackets, blanks or digits takes no time', (_name, format) => {
    for (const piece of [' [', ')[ ', '-1 [', ' ', '9', '(', '1.', ' 1 ', ',', ':']) {
      expect(() => imported(format, bytes(`${piece.repeat(300_000)}\n`.repeat(2)))).toThrow('test.file');
    }
  });
});
