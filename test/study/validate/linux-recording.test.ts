import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readLinuxRecording } from '../../../src/study/validate/linux-recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'rumpsim-linux-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const read = (text: string): ReturnType<typeof readLinuxRecording> => {
  writeFileSync(join(folder, 'window.trace'), text);
  return readLinuxRecording({ shape: 'linux-e1000e', folder, name: 'x' });
};
const region = (kind: 'read' | 'write', addr: string, value: string, name: string): string => `memory_region_ops_${kind} cpu 0 mr - addr ${addr} value ${value} size 4 name '${name}'`;

test('counts what a window holds; an instruction takes the least time between two stamps', async () => {
  // 1,000 instructions of 4 ns, then 6,000 ns asleep.
  const { quantities, seconds } = await read([
    `1000.1000004000:${region('write', '0x80', '0xa1', 'ioport80')}`,
    '1100.1000004400:pic_interrupt irq 10 intno 58',
    `1200.1000004800:${region('read', '0xfeb800c0', '0x80', 'e1000e-mmio')}`,
    '1300.1000005200:pic_interrupt irq 0 intno 48',
    `1400.1000005600:${region('write', '0xa0', '0x62', 'pic')}`,
    `1500.1000006000:${region('write', '0xa1', '0x20', 'pic')}`,
    `1500.1000012000:${region('write', '0xfeb83818', '0x1', 'e1000e-mmio')}`,
    `2000.1000014000:${region('write', '0x80', '0xa2', 'ioport80')}`,
    '',
  ].join('\n'));
  expect(seconds).toBeCloseTo(1e-5, 12);
  expect(quantities.get('busy share')).toBeCloseTo(0.4, 12);
  expect(quantities.get('NIC interrupts/s')).toBeCloseTo(1e5, 6);
  expect(quantities.get('timer interrupts/s')).toBeCloseTo(1e5, 6);
  expect(quantities.get('ICR reads')).toBe(1);
  expect(quantities.get('TDT writes')).toBe(1);
  expect(quantities.get('PIC EOIs')).toBe(1);
  expect(quantities.get('port writes')).toBe(4);
});

test.each([['no window', 'hello\n', /window\.trace/], ['nothing', '', /window\.trace/]])('%s is refused', async (_what, text, message) => {
  await expect(read(text)).rejects.toThrow(message);
});
