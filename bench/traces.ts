import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DIRECTION_IN, DIRECTION_OUT, WireColumn, WireKind } from '../src/trace/format.ts';
import { SIMULATED_CLOCK } from '../src/trace/metadata.ts';
import { TraceReader } from '../src/trace/reader.ts';
import { TraceReplay } from '../src/trace/replay.ts';
import { TraceWriter } from '../src/trace/writer.ts';
import type { Bench } from './bench.ts';

const ROWS = 4_000_000;
const PERIOD = 12_304_000;
const PAYLOAD = 1448;

/** Writes a wire trace as a run at line rate records it: two frames in, one ACK out. It is gone when the program ends. Returns its path. */
function writeWire(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rumpsim-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'wire.arrow');
  const writer = new TraceWriter(file, 'wire', { clock: SIMULATED_CLOCK, loop: 'closed', producer: { name: 'bench', version: '0' }, recorded: { command: 'bench', scenario: {} } });
  const { columns } = writer;
  const frames = { in: 0, out: 0 };
  for (let i = 0; i < ROWS; i++) {
    const inward = i % 3 < 2;
    const row = writer.row(i * PERIOD);
    const set = (column: number, value: number): void => {
      columns[column]![row] = value; // a wire trace has these columns
    };
    set(WireColumn.kind, inward ? WireKind.rxData : WireKind.txAck);
    set(WireColumn.direction, inward ? DIRECTION_IN : DIRECTION_OUT);
    const words = inward ? [1514, frames.in * PAYLOAD, PAYLOAD, 0, 65_535, 0, 0, 0] : [66, 0, 0, frames.in * PAYLOAD, 65_535, 0, 0, 0];
    words.forEach((word, index) => set(WireColumn.bytes + index, word));
    set(WireColumn.flow, 0);
    frames[inward ? 'in' : 'out']++;
  }
  writer.complete({ frames });
  writer.publish();
  return file;
}

function check(problems: string[], what: string, got: number, wanted: number): void {
  if (got !== wanted) problems.push(`${what}: ${got}, not ${wanted}`);
}

/** Reading as a replay does. Rows are the events. */
function replayRead(): Bench {
  let file: string | null = null;
  return {
    name: 'trace/replay-read',
    prepare: () => {
      const path = (file ??= writeWire());
      return () => {
        const replay = new TraceReplay(new TraceReader(path, { kind: 'wire' }));
        let [frames, payload, last] = [0, 0, 0];
        for (let columns = replay.next(); columns !== null; columns = replay.next()) {
          frames += columns.ticks.length;
          last = columns.seq?.at(-1) ?? last;
          payload += (columns.payload?.[0] ?? 0) * columns.ticks.length;
        }
        replay.close();
        const inward = Math.ceil((ROWS * 2) / 3);
        const problems: string[] = [];
        check(problems, 'frames in', frames, inward);
        check(problems, 'payload', payload, inward * PAYLOAD);
        check(problems, 'last sequence number', last, (inward - 1) * PAYLOAD);
        return { events: ROWS, frames, problems };
      };
    },
  };
}

export const traceBenches: readonly Bench[] = [replayRead()];
