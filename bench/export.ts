import { PbfReader } from 'pbf';
import { perfetto } from '../src/trace/export/perfetto.ts';
import { MemorySink } from '../src/trace/memory-sink.ts';
import { LedgerColumn } from '../src/trace/format.ts';
import { SIMULATED_CLOCK } from '../src/trace/metadata.ts';
import type { MemoryTrace } from '../src/trace/memory-sink.ts';
import type { Bench, Outcome } from './bench.ts';

const SLICES = 2_000_000;
const CONTEXTS = 12;
const PATHS = 60;
/** Slices of 0.1 to 1 us, without gaps. */
const DURATIONS = Float64Array.from({ length: 1009 }, (_, i) => 100_000 + ((i * 7919) % 900_001));

function ledger(slices: number): MemoryTrace {
  const sink = new MemorySink('ledger', 'ledger', { clock: SIMULATED_CLOCK, loop: 'closed', producer: { name: 'bench', version: '0' }, recorded: { command: 'none', scenario: null } });
  const contexts = Array.from({ length: CONTEXTS }, (_, i) => sink.code('context', `context ${i}`));
  const paths = Array.from({ length: PATHS }, (_, i) => sink.code('path', `group/path ${i}`));
  const set = (column: number, row: number, value = 0): void => {
    sink.columns[column]?.fill(value, row, row + 1);
  };
  let t = 0;
  for (let i = 0; i < slices; i++) {
    const row = sink.row(t);
    const duration = DURATIONS[i % DURATIONS.length];
    set(LedgerColumn.duration, row, duration);
    set(LedgerColumn.cpu, row, 0);
    set(LedgerColumn.context, row, contexts[i % CONTEXTS]);
    set(LedgerColumn.path, row, paths[(i * 31) % PATHS]);
    set(LedgerColumn.count, row, 1);
    t += duration ?? 0;
  }
  return sink.complete();
}

interface Event {
  time: number;
  sequence: number;
  type: number;
}

/** Reads whole packets and calls back for those that have a time. Tags: field and wire type of google/perfetto's TracePacket and TrackEvent. */
function readPackets(bytes: Uint8Array, visit: (event: Event) => void): void {
  const pbf = new PbfReader(bytes);
  const event: Event = { time: 0, sequence: 0, type: 0 };
  while (pbf.pos < pbf.length) {
    pbf.readVarint();
    const end = pbf.readVarint() + pbf.pos;
    event.time = -1;
    while (pbf.pos < end) {
      const tag = pbf.readVarint();
      if (tag === 8 << 3) event.time = pbf.readVarint();
      else if (tag === 10 << 3) event.sequence = pbf.readVarint();
      else if (tag === ((11 << 3) | 2)) {
        const inner = pbf.readVarint() + pbf.pos;
        // The type is the first field that is written.
        pbf.readVarint();
        event.type = pbf.readVarint();
        pbf.pos = inner;
      } else {
        pbf.skip(tag);
      }
    }
    if (event.time >= 0) visit(event);
  }
}

/** Decodes the first piece: slices begin and end in turns, at the times of the rows rounded down to nanoseconds. */
function check(piece: Uint8Array): string[] {
  const problems: string[] = [];
  let row = 0;
  let t = 0;
  let open = false;
  readPackets(piece, ({ time, sequence, type }) => {
    if (sequence !== 1) return;
    if (type !== (open ? 2 : 1)) problems.push(`slice ${row}: an event of type ${type}`);
    if (open) t += DURATIONS[row++ % DURATIONS.length] ?? 0;
    if (time !== Math.floor(t / 1000)) problems.push(`slice ${row}: at ${time} ns instead of ${t} ps`);
    open = !open;
  });
  if (row < 1000) problems.push(`only ${row} slices in the first piece`);
  return problems.slice(0, 3);
}

/** All events of the file by what they are, for a small trace. */
function countAll(slices: number): string[] {
  const counts = new Map<number, number>();
  perfetto.write([ledger(slices).open()], (bytes) => readPackets(bytes, ({ type }) => counts.set(type, (counts.get(type) ?? 0) + 1)), { file: '', command: '', warn: () => {} });
  return counts.get(1) === slices && counts.get(2) === slices ? [] : [`${counts.get(1)} slices begin and ${counts.get(2)} end instead of ${slices}`];
}

export const exportBenches: readonly Bench[] = [{
  name: `Perfetto export, ${SLICES} slices`,
  prepare: () => {
    const trace = ledger(SLICES);
    const problems = countAll(20_000);
    return (): Outcome => {
      let first: Uint8Array | null = null;
      let bytes = 0;
      perfetto.write([trace.open()], (piece) => {
        first ??= piece.slice();
        bytes += piece.length;
      }, { file: '', command: '', warn: () => {} });
      if (first !== null) problems.push(...check(first));
      // A slice is two packets with time, track and name.
      if (bytes < 20 * SLICES) problems.push(`${bytes} bytes cannot hold ${SLICES} slices`);
      return { events: SLICES, problems };
    };
  },
}];
