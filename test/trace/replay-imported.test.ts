import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FLAGS, NO_SEGMENT, PAYLOAD, SEQ } from '../../src/hw/frame.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { simulate } from '../../src/study/simulate.ts';
import { SYSTEMS } from '../../src/study/system.ts';
import { inboundFlows } from '../../src/trace/flows.ts';
import { DIRECTION_IN, DIRECTION_OUT, WireKind } from '../../src/trace/format.ts';
import { MemorySink, type MemoryTrace } from '../../src/trace/memory-sink.ts';
import type { TraceOrigin } from '../../src/trace/metadata.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { FIRST_ARRIVAL, TraceReplay } from '../../src/trace/replay.ts';
import { COSTS, scenario, systemNamed } from './runs.ts';
import { fill, folder, ORIGIN, refusal, write } from './traces.ts';

const dir = folder();
const HOST: TraceOrigin = {
  ...ORIGIN,
  clock: { domain: 'host', unit: 'ns', picoseconds: { numerator: 1000, denominator: 1 }, origin: '1794000000123456789', originMeaning: '1970-01-01T00:00:00Z' },
  recorded: { command: 'tcpdump', scenario: null },
};
const FIRST = 5_000_000;

interface Frame {
  readonly t: number;
  readonly flow?: number;
  readonly payload?: number;
  readonly seq?: number;
  readonly out?: boolean;
  readonly bytes?: number;
}

function row({ t, flow = 0, payload = 1448, seq = 0, out = false, bytes = 66 + payload }: Frame): number[] {
  const kind = payload > 0 ? WireKind.rxData : WireKind.rxAck;
  return [t, out ? WireKind.txAck : kind, out ? DIRECTION_OUT : DIRECTION_IN, bytes, seq, payload, 0, 65535, 0, 0, 0, flow];
}

function memory(frames: readonly Frame[], origin = HOST): MemoryTrace {
  const sink = new MemorySink('capture', 'wire', origin, 64);
  fill(sink, 'wire', frames.map(row));
  return sink.complete();
}

/** A stream of flow 3, a frame each 20 us, that began before the capture did. */
const stream = (count: number, from = FIRST): Frame[] => Array.from({ length: count }, (_, i) => ({ t: from + i * 20_000, flow: 3, seq: 7_000_000 + i * 1448 }));
/** What else is on a wire: ACKs alone of the same flow, another connection's data, broadcasts. */
const others = (count: number, from = FIRST): Frame[] => Array.from({ length: count }, (_, i) => {
  const t = from + 7000 + i * 60_000;
  if (i % 3 === 0) return { t, flow: 3, payload: 0 };
  return i % 3 === 1 ? { t, flow: 5, payload: 700, seq: i * 700 } : { t, flow: 9, payload: 0, bytes: 90 };
});
const mixed = (count: number): Frame[] => [...stream(count), ...others(Math.floor(count / 3)), { t: FIRST - 900, out: true }].toSorted((a, b) => a.t - b.t);

/** The frames that a replay puts before a NIC: tick, seq, payload, flags. */
function arrivals(trace: MemoryTrace, flow: number): number[][] {
  const simulator = new Simulator();
  const frames: number[][] = [];
  new TraceReplay(trace.open(), { flow }).start(simulator, (tick, words, offset) => frames.push([tick, words[offset + SEQ]!, words[offset + PAYLOAD]!, words[offset + FLAGS]!]), 0);
  simulator.run();
  return frames;
}

function run(name: string, frames: readonly Frame[]): ReturnType<typeof simulate> {
  return simulate(scenario({ system: systemNamed(name), duration: 0.03 }), COSTS, { source: new TraceReplay(memory(frames).open(), { flow: 3 }) });
}

describe('a capture of a real machine, replayed', () => {
  test('begins with its first inbound frame and keeps its distances, in picoseconds', () => {
    const got = arrivals(memory([{ t: 100, out: true }, { t: FIRST }, { t: FIRST + 12_345, seq: 1448 }, { t: FIRST + 1_000_000_012, seq: 2896 }]), 0);
    expect(got.map(([tick]) => tick! - FIRST_ARRIVAL)).toEqual([0, 12_345_000, 1_000_000_012_000]);
    expect(FIRST_ARRIVAL).toBeGreaterThan(0);
  });

  test('converts any clock exactly: a counter of 3.4 GHz', () => {
    const tsc: TraceOrigin = { ...HOST, clock: { ...HOST.clock, domain: 'tsc', unit: 'cycles', picoseconds: { numerator: 5000, denominator: 17 } } };
    const got = arrivals(memory([{ t: 10 }, { t: 10 + 51_000 }, { t: 10 + 3_400_000_000 }], tsc), 0);
    expect(got.map(([tick]) => tick! - FIRST_ARRIVAL)).toEqual([0, 15_000_000, 1e12]);
  });

  test('gives the server the stream of one flow from its first segment on; all else is no segment', () => {
    expect(arrivals(memory(mixed(6)), 3).map(([, seq, payload]) => [seq, payload])).toEqual([
      [0, 1448], [NO_SEGMENT, 0], [1448, 1448], [2896, 1448], [4344, 1448], [NO_SEGMENT, 0], [5792, 1448], [7240, 1448],
    ]);
  });

  test('keeps a segment before the first one, which was sent again, before it', () => {
    const got = arrivals(memory([{ t: 1, seq: 10_000 }, { t: 2, seq: 8552 }]), 0);
    expect(got.map(([, seq]) => seq)).toEqual([0, -1448]);
  });

  test('says how much came in on each flow, most payload first', () => {
    expect(inboundFlows(memory(mixed(6)).open())).toEqual([{ flow: 3, frames: 7, payload: 6 * 1448 }, { flow: 5, frames: 1, payload: 700 }]);
  });

  test.each(SYSTEMS.map(({ name }) => name))('into %s: other frames cost CPU time, and leave the stream and its ACKs as they are', (name) => {
    const alone = run(name, stream(1200));
    const among = run(name, mixed(1200));
    expect(among.counters['frames.in']! - alone.counters['frames.in']!).toBe(400);
    for (const counter of ['bytes.delivered', 'tcp.segments', 'tcp.out-of-order', 'frames.dropped']) expect([counter, among.counters[counter]]).toEqual([counter, alone.counters[counter]]);
    expect(among.counters['bytes.delivered']).toBeGreaterThan(1000 * 1448);
    expect(among.counters['tcp.out-of-order']).toBe(0);
    expect(among.utilisation).toBeGreaterThan(alone.utilisation * 1.01);
    expect(among.warnings.filter((warning) => warning.includes('other flows'))).toEqual(['open loop: 133 data frames are of other flows than 3; they arrive, and nothing reads them']);
    expect(alone.warnings.filter((warning) => warning.includes('other flows'))).toEqual([]);
  });

  test('is the same from a file as from memory', () => {
    const file = join(dir, 'capture.arrow');
    write(file, 'wire', mixed(600).map(row), 50, HOST);
    const result = simulate(scenario({ duration: 0.02 }), COSTS, { source: new TraceReplay(new TraceReader(file), { flow: 3 }) });
    expect(result).toEqual(simulate(scenario({ duration: 0.02 }), COSTS, { source: new TraceReplay(memory(mixed(600)).open(), { flow: 3 }) }));
  });

  test('is refused where a tick would not be exact any more', () => {
    const late = memory([{ t: 1 }, { t: 2 ** 44 }]);
    expect(refusal(() => arrivals(late, 0))).toBe('capture: rows from 0 on: more than 2^53 ps (2.5 hours) after the first frame; replay a part: rumpsim trace cut --to');
  });
});
