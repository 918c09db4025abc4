import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { secondsToTicks } from '../../src/events/time.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { Core } from '../../src/hw/core.ts';
import { Fingerprint } from '../../src/events/fingerprint.ts';
import { COUNT, FRAME_WORDS, PAYLOAD, SEQ, SPACING, BYTES } from '../../src/hw/frame.ts';
import { PathTable } from '../../src/hw/path.ts';
import { SYSTEMS } from '../../src/study/system.ts';
import { DIRECTION_IN, DIRECTION_OUT, WireColumn, WireKind } from '../../src/trace/format.ts';
import { Recorder } from '../../src/trace/recorder.ts';
import { WireRecorder } from '../../src/trace/wire-recorder.ts';
import { TraceWriter } from '../../src/trace/writer.ts';
import { COSTS, recorded, scenario, systemNamed } from './runs.ts';
import { folder, ORIGIN, read, refusal } from './traces.ts';

const dir = folder();
const wire = join(dir, 'wire.arrow');
const T = 0;
const SEQ_COLUMN = WireColumn.bytes + SEQ;

describe('the wire trace of a run', () => {
  test.each(SYSTEMS.map(({ name }) => name))('of %s holds every frame that was at the port before the end, in time order', (name) => {
    const run = scenario({ system: systemNamed(name), duration: 0.1 });
    const { result, traces } = recorded(run, { wire });
    const { rows } = read(wire, { kind: 'wire' });
    const end = secondsToTicks(run.duration);
    const dma = new PathTable(COSTS).ticks('nic.dma');
    const arrived = rows.filter((row) => row[WireColumn.direction] === DIRECTION_IN);
    const left = rows.filter((row) => row[WireColumn.direction] === DIRECTION_OUT);

    expect(traces).toHaveLength(1);
    expect(traces[0]).toMatchObject({ kind: 'wire', loop: 'closed', rows: rows.length, frames: { in: arrived.length, out: left.length }, span: { first: rows[0]?.[T], last: rows.at(-1)?.[T] } });
    expect(arrived.filter((row) => row[T]! + dma < end)).toHaveLength(result.counters['frames.in']! + result.counters['frames.dropped']!);
    // A frame is counted when it is handed over, and is in the trace when it has left.
    expect(result.counters['frames.out']! - left.length).toBeGreaterThanOrEqual(0);
    expect(result.counters['frames.out']! - left.length).toBeLessThan(5);
    expect(rows.every((row) => row[T]! < end)).toBe(true);
    expect(new Set(arrived.map((row) => row[WireColumn.kind]))).toEqual(new Set([WireKind.rxData]));
    expect(new Set(left.map((row) => row[WireColumn.kind]))).toEqual(new Set([WireKind.txAck]));
    // Nothing is lost in this run, so the stream comes in order and without a gap.
    arrived.forEach((row, index) => expect(row[SEQ_COLUMN]).toBe(index * 1448));
  });

  test('keeps the gigabit port\'s distance between frames', () => {
    recorded(scenario({ loadMbps: 950, duration: 0.05 }), { wire });
    const ticks = read(wire).rows.filter((row) => row[WireColumn.direction] === DIRECTION_IN).map((row) => row[T]!);
    const gaps = ticks.slice(1).map((tick, index) => tick - ticks[index]!);
    // 1514 bytes and 24 of FCS, preamble and gap, 8 ns each.
    expect(Math.min(...gaps)).toBe((1514 + 24) * 8000);
  });
});

describe('a wire recorder', () => {
  function recordedRows(act: (tap: WireRecorder) => void, end = 1000): (number | undefined)[][] {
    const writer = new TraceWriter(wire, 'wire', ORIGIN);
    const tap = new WireRecorder(writer, end);
    act(tap);
    tap.finish();
    writer.complete();
    writer.publish();
    return read(wire).rows.map((row) => [row[T], row[WireColumn.direction], row[SEQ_COLUMN]]);
  }

  function run(seq: number, count: number, spacing: number): Float64Array {
    const words = new Float64Array(FRAME_WORDS);
    words[BYTES] = 70;
    words[SEQ] = seq;
    words[PAYLOAD] = 4;
    words[COUNT] = count;
    words[SPACING] = spacing;
    return words;
  }

  test('puts what leaves among the frames of a run, and what comes in first at equal times', () => {
    expect(recordedRows((tap) => {
      tap.received(10, run(0, 3, 10), 0);
      tap.sent(20, 66, 0, 0, 0, 0);
      tap.sent(25, 66, 0, 0, 0, 0);
      tap.received(100, run(12, 0, 0), 0);
    })).toEqual([[10, 0, 0], [20, 0, 4], [20, 1, 0], [25, 1, 0], [30, 0, 8], [100, 0, 12]]);
  });

  test('leaves out what is at the port at the end or later', () => {
    expect(recordedRows((tap) => {
      tap.received(10, run(0, 3, 10), 0);
      tap.sent(40, 66, 0, 0, 0, 0);
    }, 30)).toEqual([[10, 0, 0], [20, 0, 4]]);
  });

  test('waits with many rows when nothing comes in', () => {
    expect(recordedRows((tap) => {
      for (let i = 0; i < 500; i++) tap.sent(i, 66, 0, 0, 0, 0);
      tap.received(250, run(0, 1, 0), 0);
    })).toHaveLength(501);
  });
});

describe('a recorder', () => {
  test('leaves no file when one of its two cannot be made, and none when the run fails', () => {
    const files = (): string[] => readdirSync(dir).filter((name) => name.startsWith('.') || name.startsWith('two'));
    mkdirSync(join(dir, 'taken'));
    expect(refusal(() => new Recorder({ wire: join(dir, 'two.arrow'), hardware: join(dir, 'taken') }, ORIGIN))).toContain('taken: cannot be written: this is a directory');
    expect(files()).toEqual([]);
    const recorder = new Recorder({ wire: join(dir, 'two.arrow'), hardware: join(dir, 'two-hardware.arrow') }, ORIGIN);
    recorder.abort();
    expect(files()).toEqual([]);
  });

  test('is of one run', () => {
    const recorder = new Recorder({ wire: join(dir, 'once.arrow') }, ORIGIN);
    const simulator = new Simulator();
    const machine = { simulator, core: new Core(simulator, new PathTable(COSTS), new Fingerprint()), nic: { tap: null } } as never;
    recorder.attach(machine, 1);
    expect(() => recorder.attach(machine, 1)).toThrow('a recorder records one run');
    recorder.finish();
    recorder.abort();
    expect(existsSync(join(dir, 'once.arrow'))).toBe(true);
  });
});
