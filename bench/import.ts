import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MTU_BYTES } from '../src/hw/frame.ts';
import { TRACE_FORMATS, WireColumn } from '../src/trace/format.ts';
import { PCAP } from '../src/trace/import/pcap.ts';
import type { OpenSink, TraceSink, TraceSummary } from '../src/trace/sink.ts';
import { TraceWriter } from '../src/trace/writer.ts';
import type { Bench, Outcome } from './bench.ts';

const PACKETS = 2_000_000;
const SNAP = 96;
const RECORD = 16;
const HEADERS = 66;
const PAYLOAD = MTU_BYTES - 52;
/** Wire time of a full frame at 1 Gb/s, ns. */
const SPACING = 12_304;
/** Data segments for each acknowledgement. */
const BURST = 2;
/** As a file is read. */
const CHUNK = 1 << 18;

interface Capture {
  readonly chunks: readonly Uint8Array[];
  readonly data: number;
}

/** A bulk transfer of full segments, an ACK for two of them, timestamps on, handshake in front, of which 96 bytes a frame are kept; in chunks that cut records. */
function capture(): Capture {
  const bytes = new Uint8Array(24 + PACKETS * (RECORD + SNAP));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xa1b23c4d, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, SNAP, true);
  view.setUint32(20, 1, true);
  let at = 24;
  let nanoseconds = 0;
  const frame = (fromClient: boolean, payload: number, seq: number, ack: number, flags: number): void => {
    const length = HEADERS + payload;
    const captured = Math.min(SNAP, length);
    view.setUint32(at, 1_700_000_000 + Math.floor(nanoseconds / 1e9), true);
    view.setUint32(at + 4, nanoseconds % 1e9, true);
    view.setUint32(at + 8, captured, true);
    view.setUint32(at + 12, length, true);
    const start = at + RECORD;
    view.setUint32(start + 2, fromClient ? 1 : 2);
    view.setUint32(start + 8, fromClient ? 2 : 1);
    view.setUint16(start + 12, 0x0800);
    view.setUint32(start + 14, 0x45000000 | (length - 14));
    view.setUint16(start + 22, (64 << 8) | 6);
    view.setUint32(start + 26, fromClient ? 0x0a000002 : 0x0a000001);
    view.setUint32(start + 30, fromClient ? 0x0a000001 : 0x0a000002);
    view.setUint16(start + 34, fromClient ? 40_000 : 5201);
    view.setUint16(start + 36, fromClient ? 5201 : 40_000);
    view.setUint32(start + 38, seq);
    view.setUint32(start + 42, ack);
    view.setUint16(start + 46, 0x8000 | flags);
    view.setUint16(start + 48, 1000);
    view.setUint32(start + 54, (flags & 2) === 0 ? 0x0101080a : 0x01030307);
    if ((flags & 2) !== 0) view.setUint32(start + 58, 0x020405b4);
    at += RECORD + captured;
    nanoseconds += payload === 0 ? 700 : SPACING;
  };
  const client = 0xf0000000;
  frame(true, 0, client, 0, 2);
  frame(false, 0, 1, client + 1, 18);
  let data = 0;
  for (let i = 2; i < PACKETS; i++) {
    const acknowledge = i % (BURST + 1) === 1;
    if (acknowledge) frame(false, 0, 2, client + 1 + data * PAYLOAD, 16);
    else frame(true, PAYLOAD, client + 1 + data++ * PAYLOAD, 2, 16);
  }
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < at; from += CHUNK) chunks.push(bytes.subarray(from, Math.min(at, from + CHUNK)));
  return { chunks, data };
}

/** Counts rows and adds up what they say. */
class CountingSink implements TraceSink {
  readonly columns = TRACE_FORMATS.wire.columns.map(() => new Float64Array(1024));
  rows = 0;
  payload = 0;
  lastTime = 0;
  lastAck = 0;

  row(t: number): number {
    this.rows++;
    this.lastTime = t;
    const before = this.rows & 1023;
    this.payload += this.columns[WireColumn.bytes + 2]![before]!; // a column of the format; the row before is whole
    return (this.rows + 1) & 1023;
  }

  code(): number {
    return 0;
  }

  end(): void {
    const last = (this.rows + 1) & 1023;
    this.payload += this.columns[WireColumn.bytes + 2]![last]!;
    this.lastAck = this.columns[WireColumn.bytes + 3]![last]!;
  }
}

function importAll(chunks: readonly Uint8Array[], open: OpenSink): TraceSummary {
  const importer = PCAP.create({ file: 'bench.pcap', strict: true, command: 'bench', open, warn: () => {} });
  for (const chunk of chunks) importer.push(chunk);
  return importer.end();
}

function check(data: number, rows: number, { frames, flows }: TraceSummary): string[] {
  const problems: string[] = [];
  const expect = (what: string, value: number | undefined, right: number): void => {
    if (value !== right) problems.push(`${what}: ${value} instead of ${right}`);
  };
  expect('rows', rows, PACKETS);
  expect('frames in', frames?.in, data + 1);
  expect('frames out', frames?.out, PACKETS - data - 1);
  expect('connections', flows?.length, 1);
  return problems;
}

let made: Capture | null = null;

export const importBenches: readonly Bench[] = [
  {
    name: `pcap, ${PACKETS / 1e6} M headers, decoded`,
    prepare: () => {
      const { chunks, data } = (made ??= capture());
      return (): Outcome => {
        const sink = new CountingSink();
        const summary = importAll(chunks, () => sink);
        sink.end();
        const problems = check(data, sink.rows, summary);
        if (sink.payload !== data * PAYLOAD) problems.push(`payload: ${sink.payload} bytes instead of ${data * PAYLOAD}`);
        const time = 2 * 700 + data * SPACING + (PACKETS - 2 - data - ((PACKETS - 1) % (BURST + 1) === 1 ? 1 : 0)) * 700 - ((PACKETS - 1) % (BURST + 1) === 1 ? 0 : SPACING);
        if (sink.lastTime !== time) problems.push(`the last time is ${sink.lastTime} instead of ${time}`);
        return { events: sink.rows, frames: sink.rows, problems };
      };
    },
  },
  {
    name: `pcap, ${PACKETS / 1e6} M headers, to a trace`,
    prepare: () => {
      const { chunks, data } = (made ??= capture());
      return (): Outcome => {
        const folder = mkdtempSync(join(tmpdir(), 'rumpsim-bench-'));
        try {
          const writers: TraceWriter[] = [];
          const summary = importAll(chunks, (kind, origin) => {
            const writer = new TraceWriter(join(folder, 'bench.arrow'), kind, origin);
            writers.push(writer);
            return writer;
          });
          const rows = writers[0]?.complete(summary).rows ?? 0;
          writers[0]?.publish();
          return { events: rows, frames: rows, problems: check(data, rows, summary) };
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      };
    },
  },
];
