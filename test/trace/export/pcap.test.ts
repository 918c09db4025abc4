import { describe, expect, test } from 'vitest';
import { pcap } from '../../../src/trace/export/pcap.ts';
import { PCAP } from '../../../src/trace/import/pcap.ts';
import { MemorySink } from '../../../src/trace/memory-sink.ts';
import type { TraceClock, TraceOrigin } from '../../../src/trace/metadata.ts';
import { ORIGIN, refusal } from '../traces.ts';
import { imported } from '../import/imported.ts';

const NS: TraceClock = { domain: 'host', unit: 'ns', picoseconds: { numerator: 1000, denominator: 1 }, origin: '1700000000123456789', originMeaning: '1970-01-01T00:00:00Z' };
const KINDS = ['rx-data', 'rx-ack', 'rx-other', 'tx-data', 'tx-ack', 'tx-other'];
type Row = readonly [t: number, kind: string, bytes: number, seq: number, payload: number, ack: number, window: number, sackLow: number, sackHigh: number, flags: number, flow: number];

/** The file of a trace of these rows. */
function exported(rows: readonly Row[], clock = NS, batchRows = 3): { readonly bytes: Uint8Array; readonly warnings: readonly string[] } {
  const origin: TraceOrigin = { ...ORIGIN, clock };
  const sink = new MemorySink('rows.arrow', 'wire', origin, batchRows);
  for (const [t, kind, ...rest] of rows) {
    const row = sink.row(t);
    [KINDS.indexOf(kind), kind.startsWith('tx') ? 1 : 0, ...rest].forEach((value, i) => (sink.columns[1 + i] ?? new Float64Array(0)).fill(value, row, row + 1));
  }
  const parts: number[] = [];
  const warnings: string[] = [];
  pcap.write([sink.complete().open()], (bytes) => parts.push(...bytes), { file: 'out.pcap', command: 'a test', warn: (text) => warnings.push(text) });
  return { bytes: Uint8Array.from(parts), warnings };
}

/** Rows as they come back, without the handshakes that were put in. */
function back(bytes: Uint8Array): Row[] {
  const { rows } = imported(PCAP, bytes, { local: '10.0.0.1', strict: true });
  const number = (value: number | string | undefined): number => Number(value);
  return rows.map((row) => [
    number(row['t']), String(row['kind']), number(row['bytes']), number(row['seq']), number(row['payload']), number(row['ack']), number(row['window']),
    number(row['sack_low']), number(row['sack_high']), number(row['flags']), number(row['flow']),
  ]);
}

const isSyn = (row: Row): boolean => (row[9] & 2) !== 0;

const TALK: Row[] = [
  [0, 'rx-data', 1514, 0, 1448, 0, 65_535, 0, 0, 0, 0],
  [12_304, 'rx-data', 1514, 1448, 1448, 0, 65_535, 0, 0, 8, 0],
  [12_304, 'tx-ack', 66, 0, 0, 2896, 87_380, 0, 0, 0, 0],
  [20_000, 'rx-other', 60, 0, 0, 0, 0, 0, 0, 0, 0],
  [20_001, 'tx-other', 42, 0, 0, 0, 0, 0, 0, 0, 0],
  [30_000, 'rx-data', 1514, 4344, 1448, 0, 65_535, 0, 0, 0, 0],
  [30_000, 'tx-ack', 78, 0, 0, 2896, 87_380 - 1448, 4344, 5792, 0, 0],
  [40_000, 'rx-data', 61, 0, 7, 0, 512, 0, 0, 0, 1],
  [41_000, 'tx-data', 154, 0, 100, 7, 1_048_560, 0, 0, 1, 1],
  [5_000_000_000, 'tx-ack', 54, 0, 0, 5792, 1000, 0, 0, 4, 0],
];

describe('a wire trace as a capture', () => {
  test('comes back row by row, after a handshake for each connection', () => {
    const { bytes, warnings } = exported(TALK);
    const rows = back(bytes);
    expect(warnings).toEqual([]);
    // The largest window of a batch of three does not see those that come later, but these fit.
    expect(rows.filter((row) => !isSyn(row))).toEqual(TALK);
    expect(rows.filter(isSyn).map((row) => [row[0], row[1], row[10]])).toEqual([[0, 'rx-ack', 0], [0, 'tx-ack', 0], [40_000, 'rx-ack', 1], [40_000, 'tx-ack', 1]]);
    expect(imported(PCAP, bytes).metadata.clock).toEqual(NS);
  });

  test('with its own handshake gets none', () => {
    const rows: Row[] = [
      [0, 'tx-ack', 74, 0, 0, 0, 64_240, 0, 0, 2, 0], [5, 'rx-ack', 74, 0, 0, 0, 65_160, 0, 0, 2, 0], [6, 'tx-ack', 66, 0, 0, 0, 64_256, 0, 0, 0, 0],
      [7, 'tx-data', 166, 0, 100, 0, 64_256, 0, 0, 8, 0], [8, 'rx-ack', 66, 0, 0, 100, 130_944, 0, 0, 0, 0],
    ];
    expect(back(exported(rows, NS, 100).bytes)).toEqual(rows);
  });

  test('beyond 4 GiB comes back', () => {
    const rows = Array.from({ length: 50 }, (_, i): Row => [i, 'rx-data', 1514, i * 2 ** 28, 1448, 0, 1000, 0, 0, 0, 0]);
    expect(back(exported(rows).bytes).filter((row) => !isSyn(row))).toEqual(rows);
  });

  test('that was cut out of a longer one begins at its lowest numbers', () => {
    const rows: Row[] = [[0, 'rx-data', 1514, 2 ** 40, 1448, 77, 1000, 0, 0, 0, 0], [1, 'tx-ack', 54, 0, 0, 2 ** 40 + 1448, 1000, 0, 0, 0, 0]];
    expect(back(exported(rows).bytes).filter((row) => !isSyn(row)).map((row) => [row[3], row[5]])).toEqual([[0, 77], [0, 1448]]);
  });

  test('says what a TCP header does not hold', () => {
    const rows: Row[] = [
      [0, 'rx-data', 1514, 0, 1448, 0, 65_537, 0, 0, 0, 0], [1, 'rx-data', 1513, 0, 1448, 0, 4, 0, 0, 0, 0], [2, 'tx-ack', 54, 0, 0, 0, 4, 5, 9, 0, 0],
    ];
    const { bytes, warnings } = exported(rows);
    expect(back(bytes).filter((row) => !isSyn(row)).map((row) => [row[2], row[6], row[7]])).toEqual([[1514, 65_536, 0], [1510, 4, 0], [54, 4, 0]]);
    expect(warnings).toEqual([
      'out.pcap: windows that a TCP header with its scale does not hold were rounded down (1 rows)',
      'out.pcap: lengths of frames do not fit their payload with whole TCP options; the nearest shorter header was taken (1 rows)',
      'out.pcap: SACK blocks of frames without room for the option were left out (1 rows)',
    ]);
  });

  test('has valid IP headers, and its file the nanosecond magic', () => {
    const { bytes } = exported(TALK);
    const view = new DataView(bytes.buffer);
    expect(view.getUint32(0)).toBe(0xa1b23c4d);
    let segments = 0;
    for (let at = 24; at < bytes.length; at += 16 + view.getUint32(at + 8)) {
      if (view.getUint16(at + 28) !== 0x0800) continue;
      segments++;
      let sum = 0;
      for (let word = 0; word < 20; word += 2) sum += view.getUint16(at + 30 + word);
      // RFC 1071: the sum of all words, checksum included, is all ones.
      while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
      expect(sum).toBe(0xffff);
      expect(view.getUint16(at + 32) + 14).toBe(view.getUint32(at + 12));
      expect(view.getUint32(at + 8)).toBeLessThanOrEqual(94);
    }
    expect(segments).toBe(TALK.length - 2 + 4);
  });

  test.each([
    ['picoseconds', { unit: 'ps', picoseconds: { numerator: 1, denominator: 1 }, origin: '1999' }, 5_001n, 7n],
    ['cycles of 3.4 GHz', { unit: 'cycles', picoseconds: { numerator: 5000, denominator: 17 }, origin: '3400000001' }, 2n ** 52n, ((3_400_000_001n + 2n ** 52n) * 5n) / 17n],
    ['instructions of 4 ns', { unit: 'instructions', picoseconds: { numerator: 4000, denominator: 1 }, origin: '250000000' }, 3n, 1_000_000_012n],
  ] as const)('in %s has times in nanoseconds, rounded down', (_what, clock, t, nanoseconds) => {
    const { bytes } = exported([[Number(t), 'rx-other', 60, 0, 0, 0, 0, 0, 0, 0, 0]], { domain: 'virtual', originMeaning: 'start', ...clock });
    const view = new DataView(bytes.buffer);
    expect(BigInt(view.getUint32(24)) * 1_000_000_000n + BigInt(view.getUint32(28))).toBe(nanoseconds);
  });

  test.each([
    ['a time after 2106', [[0, 'rx-other', 60, 0, 0, 0, 0, 0, 0, 0, 0]], '4294967296000000000', 'row 0: its time is not one that a pcap file holds'],
    ['a time before 1970', [[0, 'rx-other', 60, 0, 0, 0, 0, 0, 0, 0, 0]], '-1', 'row 0: its time is not one'],
    ['a segment above 64 KiB', [[0, 'rx-ack', 54, 0, 0, 0, 0, 0, 0, 0, 0], [1, 'rx-data', 70_054, 0, 70_000, 0, 0, 0, 0, 0, 0]], '0', 'row 1: a frame of 70054 bytes is longer than an IP packet'],
  ] as const)('%s is refused', (_what, rows, origin, message) => {
    expect(refusal(() => exported(rows, { ...NS, origin }))).toContain(`rows.arrow: ${message}`);
  });
});
