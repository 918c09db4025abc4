import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { findRecordings } from '../../../src/study/validate/places.ts';
import { disagreements, quantity, recordedQuantities } from '../../../src/study/validate/quantities.ts';
import { readSel4Recording } from '../../../src/study/validate/sel4-recording.ts';
import { modelInput } from '../../../src/study/validate/model-input.ts';

const folder = fileURLToPath(new URL('recordings', import.meta.url));
const places = findRecordings([folder]);

/** The rows of a packed CSV file, read another way than the program does. */
function rows(path: string, name: string): Record<string, string>[] {
  const [header = '', ...lines] = zstdDecompressSync(readFileSync(join(path, `${name}.csv.zst`))).toString().trim().split('\n');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [header.split(',')[i] ?? '', cell])));
}

test('recordings are found below a folder and named by their place in it', () => {
  expect(places.map(({ name, shape }) => [name, shape])).toEqual([['ioapic-hpet/p040', 'sel4-rumprun'], ['msi-hpet-itr1500/p040', 'sel4-rumprun'], ['pic-pit/p040', 'sel4-rumprun']]);
});

describe.each(places)('$name', (place) => {
  const entries = rows(place.folder, 'kernel-entries');
  const accesses = rows(place.folder, 'device-access');
  const count = (test: (row: Record<string, string>) => boolean): number => accesses.filter(test).length;

  test('counts are those of its traces and of its summary', async () => {
    const recording = await readSel4Recording(place);
    expect(disagreements(recording)).toEqual([]);
    const found = recordedQuantities(recording);
    expect(found.get('ICR reads')).toBe(count(({ kind, addr }) => kind === 'mmio-read' && addr === '0xfeb800c0'));
    expect(found.get('RDT writes')).toBe(count(({ addr }) => addr === '0xfeb82818'));
    expect(found.get('TDT writes')).toBe(count(({ kind, addr }) => kind === 'mmio-write' && addr === '0xfeb83818'));
    expect(found.get('local APIC EOIs')).toBe(count(({ addr }) => addr === '0xfee000b0'));
    expect(found.get('HPET reads') ?? 0).toBe(count(({ kind, device }) => kind === 'mmio-read' && device === 'hpet'));
    expect(found.get('port writes') ?? 0).toBe(count(({ kind }) => kind === 'out'));
    expect(found.get('PIC EOIs') ?? 0).toBe(count(({ kind, addr, value }) => kind === 'out' && value === '0x20' && (addr === '0x20' || addr === '0xa0')));
    expect(found.get(quantity.entries('SetTLSBase'))).toBe(entries.filter(({ op }) => op === 'SetTLSBase').length);
    expect(found.get('kernel instructions')).toBe(entries.reduce((sum, { k_insn: k }) => sum + Number(k), 0));
  });

  test('every instruction of the window is in the kernel, in one image, or idle', async () => {
    const recording = await readSel4Recording(place);
    const found = recordedQuantities(recording);
    const { from, to } = recording.setup.window;
    const busy = (found.get('kernel instructions') ?? 0) + (found.get('user instructions: rump') ?? 0) + (found.get('user instructions: root') ?? 0);
    expect(found.get('busy share')).toBeCloseTo(busy / (to - from), 12);
  });

  test('frames are placed where their interrupts are', async () => {
    // No frame can be read from the ring before it has come: the n-th frame given back (two descriptors a frame) is not before the n-th that arrived since the window began.
    const recording = await readSel4Recording(place);
    const { frames, window } = modelInput(recording);
    const first = recording.setup.window.from;
    const returned = (recording.accesses ?? []).filter(({ register }) => register === 'nic.rdt').map(({ t }) => (t - first) * 4 + window.from);
    const data = [...frames.t].filter((_, i) => (frames.payload[i] ?? 0) > 0);
    const arrived = (ns: number): number => data.filter((t) => t <= ns).length;
    const before = arrived(returned[1] ?? 0) - 1;
    for (let i = 1; i < returned.length; i += 2) expect(arrived((returned[i] ?? 0) + 1000) - before).toBeGreaterThanOrEqual((i + 1) / 2);
  });
});
