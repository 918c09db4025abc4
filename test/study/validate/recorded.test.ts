import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { bundledStatistics } from '../../../src/study/validate/bundled.ts';
import { modelInput } from '../../../src/study/validate/model-input.ts';
import { findRecordings } from '../../../src/study/validate/places.ts';
import { disagreements, quantity, recordedQuantities } from '../../../src/study/validate/quantities.ts';
import { readAny } from '../../../src/study/validate/read.ts';
import { readSel4Recording } from '../../../src/study/validate/sel4-recording.ts';
import { importToFile } from '../../../src/trace/import/import-file.ts';

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

describe('a recording converted to traces', () => {
  test('is read as the same recording', async () => {
    const [place] = places;
    if (place === undefined) throw new Error('there is no recording');
    const converted = mkdtempSync(join(tmpdir(), 'rumpsim-recorded-'));
    try {
      for (const [name, file] of [['kernel', 'kernel-entries.csv.zst'], ['hardware', 'device-access.csv.zst'], ['wire', 'wire.pcap.zst']] as const) {
        await importToFile({ file: join(place.folder, file), command: 'test', warn: () => {} }, join(converted, `${name}.arrow`));
      }
      copyFileSync(join(place.folder, 'summary.json'), join(converted, 'summary.json'));
      expect(findRecordings([converted])).toMatchObject([{ shape: 'sel4-rumprun' }]);
      const [one, other] = await Promise.all([readSel4Recording(place), readSel4Recording({ ...place, folder: converted })]);
      expect(other.hash).toBe(one.hash);
      expect(recordedQuantities(other)).toEqual(recordedQuantities(one));
      expect(modelInput(other)).toEqual(modelInput(one));
    } finally {
      rmSync(converted, { recursive: true, force: true });
    }
  });

  test('in traces/ is one that the bundled statistics know', async () => {
    const [idle] = findRecordings([fileURLToPath(new URL('../../../traces/sel4-rumprun-0be59c6/ioapic-hpet/idle', import.meta.url))]);
    if (idle === undefined) throw new Error('there is no recording');
    const recording = await readSel4Recording(idle);
    expect(bundledStatistics().map(({ hash }) => hash)).toContain(recording.hash);
    expect(disagreements(recording)).toEqual([]);
  });
});

test('without a capture, a recording with traffic is read but not predicted; one that was idle is', async () => {
  const [place] = places;
  if (place === undefined) throw new Error('there is no recording');
  const cut = mkdtempSync(join(tmpdir(), 'rumpsim-recorded-'));
  try {
    for (const file of ['kernel-entries.csv.zst', 'device-access.csv.zst', 'summary.json']) copyFileSync(join(place.folder, file), join(cut, file));
    const read = await readAny({ ...place, folder: cut });
    expect(read.unpredicted).toContain('no capture');
    expect(read.recorded.get('ICR reads')).toBeGreaterThan(0);
  } finally {
    rmSync(cut, { recursive: true, force: true });
  }
});
