import { describe, expect, test } from 'vitest';
import { DEVICE_ACCESS } from '../../../src/trace/import/device-access.ts';
import { refusal } from '../traces.ts';
import { bytes, corpus, corpusText } from './corpus.ts';
import { imported } from './imported.ts';

/** Bases of the devices' blocks in the recorded machine. */
const BASES: Readonly<Record<string, readonly [string, number]>> = { 'e1000e-mmio': ['nic', 0xfeb80000], hpet: ['hpet', 0xfed00000], ioapic: ['ioapic', 0xfec00000], 'apic-msi': ['lapic', 0xfee00000] };
const KINDS: Readonly<Record<string, string>> = { in: 'port-read', out: 'port-write' };

describe('device-access.csv', () => {
  test.each(['pic-pit', 'ioapic-hpet'])('a real one, row by row: %s', (name) => {
    const lines = corpusText(`device-access/${name}.csv`).trimEnd().split('\n').slice(1);
    const { rows, warnings } = imported(DEVICE_ACCESS, corpus(`device-access/${name}.csv`), { strict: true });
    const first = Number(lines[0]?.split(',')[0]);
    expect(rows.filter(({ kind }) => kind !== 'eoi')).toEqual(lines.map((line) => {
      const [stamp, kind = '', address, , , device = '', value] = line.split(',');
      const [named, base] = BASES[device] ?? [device, 0];
      return { t: Number(stamp) - first, kind: KINDS[kind] ?? kind, device: named, address: Number(address) - base, value: Number(value) };
    }));
    expect(rows.filter(({ kind }) => kind === 'eoi')).toHaveLength(lines.filter((line) => /out,0x(?:20|a0),|mmio-write,0xfee000b0/.test(line)).length);
    expect(warnings).toEqual([]);
  });

  test('EOIs of the PIC name the input', () => {
    const { rows } = imported(DEVICE_ACCESS, bytes('t_insn,kind,addr,device,value\n1,out,0xa0,pic,0x63\n2,out,0x20,pic,0x62\n3,out,0x20,pic,0x11\n4,out,0x20,pic,0x0b\n'));
    expect(rows.filter(({ kind }) => kind === 'eoi')).toMatchObject([{ t: 0, device: 'pic', address: 0xa0, value: 11 }, { t: 1, device: 'pic', address: 0x20, value: 2 }]);
  });

  test.each([
    ['a column is missing', 't_insn,kind\n', false, 'line 1: there is no column addr, device'],
    ['strict: a kind', 't_insn,kind,addr,device\n1,dma,0x1,nic\n', true, 'line 2: its kind is not mmio-read, mmio-write, in, out'],
    ['strict: an address', 't_insn,kind,addr,device\n1,in,here,nic\n', true, 'line 2: an address or a value is no hexadecimal number'],
    ['strict: no device', 't_insn,kind,addr,device\n1,in,0x1,\n', true, 'line 2: it names no device'],
    ['no row', 't_insn,kind,addr,device\n', false, 'there is no whole row'],
  ])('refused: %s', (_what, text, strict, message) => {
    expect(refusal(() => imported(DEVICE_ACCESS, bytes(text), { strict }))).toContain(message);
  });
});
