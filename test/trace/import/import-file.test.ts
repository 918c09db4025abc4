import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { compressionOf, detect, isArrow } from '../../../src/trace/import/detect.ts';
import { IMPORT_FORMATS } from '../../../src/trace/import/formats.ts';
import { type FileImport, importToFile, importToMemory } from '../../../src/trace/import/import-file.ts';
import { TraceReader } from '../../../src/trace/reader.ts';
import { folder, rowsOf, wireRows, write } from '../traces.ts';

const dir = folder();
const at = (name: string): string => join(dir, name);

/** A classic pcap file by hand (libpcap's savefile format): little end first, microseconds, Ethernet; UDP frames 1 ms apart from 10.0.0.1 to 10.0.0.2. */
function pcap(frames: number): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt32LE(0xa1b2c3d4, 0);
  head.writeUInt16LE(2, 4);
  head.writeUInt16LE(4, 6);
  head.writeUInt32LE(65_535, 16);
  head.writeUInt32LE(1, 20);
  const packets = Array.from({ length: frames }, (_, i) => {
    const packet = Buffer.alloc(16 + 60);
    packet.writeUInt32LE(1_794_000_000 + Math.floor(i / 1000), 0);
    packet.writeUInt32LE((i % 1000) * 1000, 4);
    packet.writeUInt32LE(60, 8);
    packet.writeUInt32LE(60, 12);
    Buffer.from('020000000002020000000001080045000020000000004011000000000000', 'hex').copy(packet, 16);
    Buffer.from([10, 0, 0, 1, 10, 0, 0, 2, 0x13, 0x88, 0x13, 0x89, 0, 12, 0, 0]).copy(packet, 16 + 26);
    return packet;
  });
  return Buffer.concat([head, ...packets]);
}

const WHOLE = pcap(3000);

async function importBytes(bytes: Uint8Array, change: Partial<FileImport> = {}): Promise<{ rows: number[][]; warnings: string[] }> {
  const warnings: string[] = [];
  writeFileSync(at('input'), bytes);
  const trace = await importToMemory({ file: at('input'), command: 'test', warn: (text) => warnings.push(text), ...change });
  return { rows: rowsOf(trace.open()).rows, warnings };
}

async function refused(bytes: Uint8Array, change: Partial<FileImport> = {}): Promise<string> {
  return importBytes(bytes, change).then(() => 'imported', (error: Error) => `${error.name}: ${error.message.replace(at('input'), 'FILE')}`);
}

describe('a recording is known by its content', () => {
  test('each format takes its own beginning and no other\'s', () => {
    expect(new Set(IMPORT_FORMATS.map(({ name }) => name)).size).toBe(IMPORT_FORMATS.length);
    expect(detect(WHOLE.subarray(0, 24))?.name).toBe('pcap');
    expect(detect(Buffer.from('no format begins like this\n'))).toBeNull();
    expect(detect(new Uint8Array(0))).toBeNull();
  });

  test('so are compressed files and traces', () => {
    expect([compressionOf(gzipSync(WHOLE)), compressionOf(zstdCompressSync(WHOLE)), compressionOf(WHOLE), compressionOf(new Uint8Array(1))]).toEqual(['gzip', 'zstd', null, null]);
    write(at('trace.arrow'), 'wire', wireRows(1));
    expect([isArrow(readFileSync(at('trace.arrow'))), isArrow(WHOLE)]).toEqual([true, false]);
  });
});

describe('an imported file', () => {
  test('gives the same rows plain, in gzip, in zstd, and in several frames of them', async () => {
    const plain = await importBytes(WHOLE);
    expect(plain.rows).toHaveLength(3000);
    expect(plain.rows[2999]?.[0]).toBe(2_999_000_000);
    const [a, b] = [WHOLE.subarray(0, 70_001), WHOLE.subarray(70_001)];
    for (const bytes of [gzipSync(WHOLE), zstdCompressSync(WHOLE), Buffer.concat([gzipSync(a), gzipSync(b)]), Buffer.concat([zstdCompressSync(a), zstdCompressSync(b)])]) {
      expect(await importBytes(bytes)).toEqual(plain);
    }
  });

  test('becomes a trace file that holds the same', async () => {
    writeFileSync(at('input'), WHOLE);
    const metadata = await importToFile({ file: at('input'), command: 'rumpsim test', warn: () => {} }, at('out.arrow'));
    const reader = new TraceReader(at('out.arrow'));
    expect(reader.metadata).toEqual(metadata);
    expect(metadata).toMatchObject({ kind: 'wire', rows: 3000, clock: { domain: 'host', unit: 'ns' }, recorded: { scenario: null } });
    expect(rowsOf(reader).rows).toEqual((await importBytes(WHOLE)).rows);
  });

  test('that is cut off gives its whole rows with a warning, compressed or not, and is refused when strict', async () => {
    const cut = WHOLE.subarray(0, 24 + 76 * 1000 + 30);
    const whole = (await importBytes(WHOLE)).rows.slice(0, 1000);
    const plain = await importBytes(cut);
    expect([plain.rows, plain.warnings.length]).toEqual([whole, 1]);
    for (const [name, bytes] of [['gzip', gzipSync(WHOLE)], ['zstd', zstdCompressSync(WHOLE)]] as const) {
      const half = bytes.subarray(0, bytes.length - 9);
      const { rows, warnings } = await importBytes(half);
      expect(rows).toEqual((await importBytes(WHOLE)).rows.slice(0, rows.length));
      expect(rows.length).toBeGreaterThan(0);
      expect(warnings[0]).toBe(`${at('input')}: the ${name} file is cut off; what is there is imported`);
      expect(await refused(half, { strict: true })).toBe(`TraceError: FILE: the ${name} file is cut off; copy it again, or leave --strict out to import what is there`);
    }
  });

  test('that cannot be read is refused in one line, and leaves no file', async () => {
    expect(await refused(Buffer.from('hello\n'))).toMatch(/^TraceError: FILE: byte 0: no known format begins like this; give a file of one of the formats pcap, /);
    expect(await refused(new Uint8Array(0))).toBe('TraceError: FILE: byte 0: the file is empty; give the path of a recording');
    expect(await refused(gzipSync(new Uint8Array(0)))).toBe('TraceError: FILE: byte 0: the file is empty; give the path of a recording');
    expect(await refused(WHOLE, { kind: 'kernel' })).toMatch(/^TraceError: FILE: a pcap file gives no kernel trace/);
    const damaged = gzipSync(WHOLE);
    damaged[damaged.length - 5]! ^= 0xff;
    expect(await refused(damaged)).toMatch(/^TraceError: FILE: the gzip file is damaged \(.*\); copy it again$/);
    expect(await refused(WHOLE, { file: at('nowhere') })).toContain('nowhere: cannot be read: there is no such file or directory');
    expect(await refused(WHOLE, { file: dir })).toContain('this is a directory');
    await expect(importToFile({ file: at('input'), command: '', warn: () => {}, kind: 'kernel' }, at('none.arrow'))).rejects.toThrow('gives no kernel trace');
    expect(readdirSync(dir).filter((name) => name.includes('none'))).toEqual([]);
  });

  test('can be given up', async () => {
    const ended = new AbortController();
    ended.abort(new Error('given up'));
    writeFileSync(at('input'), WHOLE);
    await expect(importToFile({ file: at('input'), command: '', warn: () => {}, signal: ended.signal }, at('none.arrow'))).rejects.toThrow('given up');
    expect(readdirSync(dir).filter((name) => name.includes('none'))).toEqual([]);
  });
});
