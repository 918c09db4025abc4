import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Simulator } from '../../src/events/simulator.ts';
import { SECOND, type Tick } from '../../src/events/time.ts';
import { CostTable } from '../../src/hw/cost.ts';
import { ACK, BYTES, COUNT, FLAGS, FRAME_WORDS, PAYLOAD, SACK_HIGH, SACK_LOW, SEQ, SPACING, WINDOW, wireBytes } from '../../src/hw/frame.ts';
import { Mailbox } from '../../src/hw/mailbox.ts';
import { LINK_COSTS, Link, linkParameters, type LinkParameters } from '../../src/hw/link.ts';

const PARAMETERS: LinkParameters = { rateMbps: 1000, outputRateMbps: 1000, propagation: 550_000, switchLatency: 2_000_000, switchBuffer: 524_288 };

interface Arrival {
  readonly tick: Tick;
  readonly words: readonly number[];
}

function bench(parameters: Partial<LinkParameters> = {}): { simulator: Simulator; link: Link; arrivals: Arrival[]; send: (tick: Tick, bytes: number, seq?: number) => Tick } {
  const simulator = new Simulator();
  const arrivals: Arrival[] = [];
  const link = new Link(simulator, 'link', { ...PARAMETERS, ...parameters }, (tick, words, offset) => {
    arrivals.push({ tick, words: [...words.subarray(offset, offset + FRAME_WORDS)] });
  });
  const frame = new Float64Array(FRAME_WORDS);
  const send = (tick: Tick, bytes: number, seq = 0): Tick => {
    frame[BYTES] = bytes;
    frame[SEQ] = seq;
    return link.send(tick, frame, 0);
  };
  return { simulator, link, arrivals, send };
}

describe('a link', () => {
  test('stores and forwards: two frame times with preamble and FCS, two cables, one switch, to the tick', () => {
    const { simulator, arrivals, send } = bench();
    // 8 preamble + 1514 + 4 FCS = 1526 bytes of 8 ns each; the gap comes after the last bit.
    expect(send(1000, 1514)).toBe(1000 + 1526 * 8000);
    simulator.run();
    expect(arrivals.map(({ tick }) => tick)).toEqual([1000 + 2 * (1526 * 8000 + 550_000) + 2_000_000]);
  });

  test('pads short frames', () => {
    const { send } = bench();
    expect(send(0, 54)).toBe(72 * 8000);
  });

  test('carries 81,274 full frames a second, one every 12.304 us', () => {
    const { simulator, link, arrivals, send } = bench();
    for (let i = 0; i < 90_000; i++) send(0, 1514);
    simulator.run();
    const first = arrivals[0]?.tick ?? 0;
    expect(arrivals.every(({ tick }, i) => tick === first + i * 12_304_000)).toBe(true);
    expect(Math.floor(SECOND / 12_304_000)).toBe(81_274);
    // The 81,275th frame is the first that is not through the port, gap included, within a second.
    expect(arrivals.filter(({ tick }) => tick - first + 12_304_000 <= SECOND)).toHaveLength(81_274);
    expect(link.busy).toBe(90_000 * 12_304_000);
    expect(link.free).toBe(link.busy);
    expect([link.frames, link.bytes, link.dropped]).toEqual([90_000, 90_000 * 1514, 0]);
  });

  test('delivers the words that were sent, from an offset, and ACKs with theirs', () => {
    const { simulator, link, arrivals } = bench();
    const words = Float64Array.from({ length: 3 * FRAME_WORDS }, (_, i) => 100 + i);
    const sent = [...words.subarray(FRAME_WORDS, FRAME_WORDS + COUNT)];
    link.send(0, words, FRAME_WORDS);
    words.fill(0); // the link has its own copy
    link.acknowledge(0, 66, 3e9, 87_380, 4e9, 5e9);
    simulator.run();
    expect(arrivals[0]?.words.slice(0, COUNT)).toEqual(sent);
    expect(sent).toHaveLength(8);
    expect(arrivals[0]?.words.slice(COUNT)).toEqual([1, 0]); // a run of one
    const ack = arrivals[1]?.words ?? [];
    expect([ack[BYTES], ack[ACK], ack[WINDOW], ack[SACK_LOW], ack[SACK_HIGH], ack[SEQ]]).toEqual([66, 3e9, 87_380, 4e9, 5e9, 0]);
  });

  test('keeps order and is two queues in tandem, whatever is sent when', () => {
    const frames = fc.array(fc.tuple(fc.nat({ max: 30_000_000 }), fc.integer({ min: 42, max: 1514 })), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(frames, fc.constantFrom(1000, 100), fc.constantFrom(1000, 100), fc.nat({ max: 5_000_000 }), (list, rateMbps, outputRateMbps, switchLatency) => {
        const { simulator, link, arrivals, send } = bench({ rateMbps, outputRateMbps, switchLatency, switchBuffer: 1e9 });
        let tick = 0;
        // Lindley's recursion for each port: a frame starts when it is there and the frame before it is through.
        let inFree = 0;
        let outFree = 0;
        const expected = list.map(([gap, bytes], i) => {
          tick += gap;
          const whole = wireBytes(bytes);
          const start = Math.max(tick, inFree);
          inFree = start + (whole * 8e6) / rateMbps;
          expect(send(tick, bytes, i)).toBe(start + ((whole - 12) * 8e6) / rateMbps);
          const forward = Math.max(start + ((whole - 12) * 8e6) / rateMbps + PARAMETERS.propagation + switchLatency, outFree);
          outFree = forward + (whole * 8e6) / outputRateMbps;
          return [i, forward + ((whole - 12) * 8e6) / outputRateMbps + PARAMETERS.propagation];
        });
        simulator.run();
        expect(arrivals.map(({ tick: at, words }) => [words[SEQ], at])).toEqual(expected);
        expect(link.dropped).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test('drops at the tail when the switch\'s output buffer is full, and counts it', () => {
    // Out at a hundredth of the rate in: while one frame arrives, 15.38 bytes leave. Three whole frames fit, the fourth and fifth do not.
    const { simulator, link, arrivals, send } = bench({ outputRateMbps: 10, switchBuffer: 3 * 1538 });
    for (let i = 0; i < 5; i++) send(0, 1514, i);
    simulator.run();
    expect(arrivals.map(({ words }) => words[SEQ])).toEqual([0, 1, 2]);
    expect([link.frames, link.dropped]).toEqual([5, 2]);
    // One frame time later there is room again for one.
    send(simulator.now + 1538 * 800_000, 1514, 5);
    simulator.run();
    expect(arrivals.at(-1)?.words[SEQ]).toBe(5);
  });

  test('refuses a rate without a whole number of ticks a byte, and delays that are no ticks', () => {
    expect(() => bench({ rateMbps: 300 })).toThrow(/300 Mb\/s/);
    expect(() => bench({ outputRateMbps: 0 })).toThrow(/0 Mb\/s/);
    expect(() => bench({ propagation: 0.5 })).toThrow(/propagation 0.5/);
    expect(() => bench({ switchLatency: -1 })).toThrow(/switch latency -1/);
  });

  test('takes its numbers from the table', () => {
    const costs = new CostTable(LINK_COSTS).with('link.switch.latency', '3us');
    expect(linkParameters(costs)).toEqual({ rateMbps: 1000, outputRateMbps: 1000, propagation: 550_000, switchLatency: 3_000_000, switchBuffer: 524_288 });
  });
});

/** A program of sends: after `gap` ticks, `count` frames of one payload; a fresh stream position now and then, as a retransmission would have. */
interface Burst {
  readonly gap: Tick;
  readonly count: number;
  readonly payload: number;
  readonly flags: number;
  readonly jump: boolean;
}

const burst: fc.Arbitrary<Burst> = fc.record({
  gap: fc.oneof(fc.constant(0), fc.constant(12_304_000), fc.nat({ max: 20_000_000 }), fc.nat({ max: 300_000_000 })),
  count: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 45 })),
  payload: fc.constantFrom(1448, 1448, 1448, 700, 0),
  flags: fc.constantFrom(0, 0, 0, 8),
  jump: fc.nat({ max: 7 }).map((n) => n === 0),
});

/** Single frames at a few distances while the first has not arrived: which of them make a run depends on the distances alone. */
const single: fc.Arbitrary<Burst> = fc.constantFrom(12_871_111, 12_871_111, 20_000_000, 5_000_000).map((gap) => ({ gap, count: 1, payload: 1448, flags: 0, jump: false }));

function run(bursts: readonly Burst[], runs: boolean, whole: boolean, parameters: Partial<LinkParameters>): { frames: number[][]; occurrences: number; left: Tick[]; counters: number[] } {
  const simulator = new Simulator();
  const frames: number[][] = [];
  let occurrences = 0;
  const link = new Link(simulator, 'link', { ...PARAMETERS, ...parameters }, (tick, words, offset) => {
    occurrences++;
    for (let i = 0; i < (words[offset + COUNT] ?? 0); i++) {
      const at = tick + i * (words[offset + SPACING] ?? 0);
      frames.push([at, words[offset + BYTES] ?? 0, (words[offset + SEQ] ?? 0) + i * (words[offset + PAYLOAD] ?? 0), words[offset + PAYLOAD] ?? 0, words[offset + FLAGS] ?? 0]);
    }
  }, runs);
  const frame = new Float64Array(FRAME_WORDS);
  const left: Tick[] = [];
  let tick = 0;
  let seq = 0;
  for (const { gap, count, payload, flags, jump } of bursts) {
    tick += gap;
    simulator.run(tick);
    if (jump) seq += 5000;
    frame.fill(0);
    frame[BYTES] = 66 + payload;
    frame[PAYLOAD] = payload;
    frame[FLAGS] = flags;
    frame[SEQ] = seq;
    if (whole) {
      left.push(link.sendRun(tick, frame, 0, count));
    } else {
      let last = 0;
      for (let i = 0; i < count; i++) {
        frame[SEQ] = seq + i * payload;
        last = link.send(tick, frame, 0);
      }
      left.push(last);
    }
    seq += count * payload;
  }
  simulator.run();
  return { frames, occurrences, left, counters: [link.frames, link.bytes, link.busy, link.dropped, link.free] };
}

describe('runs of frames', () => {
  test('hold the frames that single sends would have brought, at the same ticks', () => {
    const parameters = fc.constantFrom<Partial<LinkParameters>>({}, { outputRateMbps: 100 }, { switchBuffer: 20 * 1538 }, { outputRateMbps: 100, switchBuffer: 20 * 1538 }, { switchLatency: 100_000_000 }, { switchBuffer: 1000 });
    fc.assert(
      fc.property(fc.oneof(fc.array(burst, { maxLength: 40 }), fc.array(single, { maxLength: 40 })), parameters, (bursts, changed) => {
        const one = run(bursts, false, false, changed);
        for (const [runs, whole] of [[false, true], [true, false], [true, true]] as const) {
          const other = run(bursts, runs, whole, changed);
          expect(other.frames).toEqual(one.frames);
          expect(other.left).toEqual(one.left);
          expect(other.counters).toEqual(one.counters);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('a burst at line rate is one occurrence', () => {
    const bursts = Array.from({ length: 10 }, () => ({ gap: 1e9, count: 45, payload: 1448, flags: 0, jump: false }));
    expect(run(bursts, true, true, {}).occurrences).toBe(10);
    expect(run(bursts, true, false, {}).occurrences).toBe(10);
    expect(run(bursts, false, true, {}).occurrences).toBe(450);
  });
});

describe('a mailbox at the end of a link', () => {
  test('is told of the first frame when that is sent, and holds all in order with their arrivals', () => {
    const simulator = new Simulator();
    const told: Tick[] = [];
    const box = new Mailbox((arrival) => told.push(arrival));
    const link = new Link(simulator, 'link', PARAMETERS, box);
    expect(box.empty).toBe(true);
    for (let i = 0; i < 200; i++) link.acknowledge(0, 66, i, 1000 + i, 0, 0);
    const first = 2 * (78 * 8000 + 550_000) + 2_000_000; // 8 + 66 + 4 bytes
    expect(told).toEqual([first]);
    for (let i = 0; i < 200; i++) {
      const { oldest } = box;
      expect([oldest.first, oldest.ack, oldest.edge, oldest.unit]).toEqual([first + i * 90 * 8000, i, i + 1000 + i, 1]);
      box.take(1);
    }
    expect(box.empty).toBe(true);
    link.acknowledge(1e9, 66, 5, 6, 0, 0);
    expect(told).toHaveLength(2);
    simulator.run();
    expect(simulator.dispatched).toBe(0);
  });
});
