import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MS, NEVER, SECOND, US } from '../../src/events/time.ts';
import { StackBench, type StackSettings } from './stack-bench.ts';

const MSS = 1448;

/** A receiver fed by hand: `segments` in order from `from` on. */
class TcpBench extends StackBench {
  constructor(settings: Partial<StackSettings> = {}) {
    super(settings);
    this.input.readerSleeps = false;
  }

  feed(segments: number, from = this.tcp.expected, bytes = MSS): void {
    for (let i = 0; i < segments; i++) this.tcp.input(from + i * bytes, bytes, this.core.now);
  }

  /** The application reads `bytes`, all there is by default. */
  read(bytes = this.buffer.bytes): void {
    this.buffer.take(bytes, this.core.now, this.latency);
    this.tcp.afterRead();
  }

  /** ACK numbers and windows sent since the last call. */
  sent(): (readonly [ack: number, window: number])[] {
    return this.acks.splice(0).map(({ ack, window }) => [ack, window] as const);
  }
}

/** The window in units of 8 bytes. */
function floor8(bytes: number): number {
  return Math.floor(bytes / 8) * 8;
}

describe('the delayed ACK', () => {
  test('every second segment is ACKed at once', () => {
    const bench = new TcpBench();
    bench.feed(7);
    expect(bench.sent().map(([ack]) => ack)).toEqual([2 * MSS, 4 * MSS, 6 * MSS]);
    bench.feed(1);
    expect(bench.sent().map(([ack]) => ack)).toEqual([8 * MSS]);
    expect([bench.count('tcp.segments'), bench.count('tcp.acks'), bench.count('tcp.out-of-order')]).toEqual([8, 4, 0]);
  });

  test('the other one waits 20 hardclocks for it', () => {
    const bench = new TcpBench();
    bench.hardclocks = 100;
    bench.feed(1);
    expect(bench.tcp.delayedAckDue).toBe(120);
    expect(bench.sent()).toEqual([]);
    bench.tcp.delayedAck();
    expect(bench.sent().map(([ack]) => ack)).toEqual([MSS]);
    expect(bench.tcp.delayedAckDue).toBe(Infinity);
    bench.tcp.delayedAck();
    expect(bench.sent()).toEqual([]);
  });

  test('the callout is set by the first segment after an ACK, whoever sent that', () => {
    const bench = new TcpBench();
    bench.feed(3);
    bench.hardclocks = 7;
    bench.read();
    expect(bench.sent().map(([ack]) => ack)).toEqual([2 * MSS, 3 * MSS]);
    expect(bench.tcp.delayedAckDue).toBe(Infinity);
    bench.feed(1);
    expect(bench.tcp.delayedAckDue).toBe(27);
    expect(bench.sent()).toEqual([]);
  });
});

describe('the window', () => {
  test('is the room in the buffer, in units of 8 bytes', () => {
    const bench = new TcpBench({ socketBytes: 87_380 });
    bench.feed(4);
    expect(bench.sent()).toEqual([[2 * MSS, floor8(87_380 - 2 * MSS)], [4 * MSS, floor8(87_380 - 4 * MSS)]]);
  });

  test('has 16 bits and a scale', () => {
    const bench = new TcpBench({ socketBytes: 87_380, windowScale: 0 });
    bench.feed(2);
    expect(bench.sent()).toEqual([[2 * MSS, 65_535]]);
    const coarse = new TcpBench({ socketBytes: 87_380, windowScale: 10 });
    coarse.feed(2);
    // 84,484 bytes, 82.5 units.
    expect(coarse.sent()).toEqual([[2 * MSS, 82 * 1024]]);
  });

  test('never moves its right edge back, even when small frames fill the storage before the mark', () => {
    const bench = new TcpBench({ socketBytes: 20_000 });
    let edge = 0;
    for (let i = 0; i < 40; i++) {
      bench.feed(1, bench.tcp.expected, 100);
      for (const [ack, window] of bench.sent()) {
        expect(ack + window).toBeGreaterThanOrEqual(edge);
        edge = ack + window;
      }
    }
    expect(bench.buffer.space).toBe(0);
  });

  test('takes nothing that does not fit: the segment is answered at once and sent again later', () => {
    const bench = new TcpBench({ socketBytes: 3 * MSS });
    bench.feed(3);
    bench.sent();
    bench.feed(1);
    expect(bench.tcp.expected).toBe(3 * MSS);
    expect(bench.sent()).toEqual([[3 * MSS, 0]]);
    bench.read();
    bench.feed(1);
    expect(bench.tcp.expected).toBe(4 * MSS);
  });
});

describe('the window update after a read', () => {
  test('is sent when the window has opened by two segments since the last ACK', () => {
    const bench = new TcpBench();
    bench.feed(2);
    bench.sent();
    bench.read(2 * MSS - 1);
    expect(bench.sent()).toEqual([]);
    bench.read();
    expect(bench.sent()).toEqual([[2 * MSS, floor8(87_380)]]);
    expect(bench.count('tcp.window-updates')).toBe(1);
  });

  test('is not sent for one segment; three single ones make two ACKs (0.67 an arrival, as recorded)', () => {
    const bench = new TcpBench();
    const acks: number[] = [];
    for (let i = 0; i < 9; i++) {
      bench.feed(1);
      bench.read();
      acks.push(bench.sent().length);
    }
    expect(acks).toEqual([0, 1, 1, 0, 1, 1, 0, 1, 1]);
  });

  test('is sent when half of a small buffer has opened', () => {
    const bench = new TcpBench({ socketBytes: 4000 });
    bench.feed(2, 0, 1000);
    bench.sent();
    bench.read(1999);
    expect(bench.sent()).toHaveLength(0);
    bench.read(1);
    expect(bench.sent()).toHaveLength(1);
  });

  test('every read decides, and only one that sends pays for a packet', () => {
    const bench = new TcpBench();
    bench.feed(2);
    for (let i = 0; i < 4; i++) bench.read(MSS / 2);
    expect(bench.account('tcp.output-nothing')).toBe(4 * bench.price('tcp.output-nothing'));
    expect(bench.account('tcp.window-update')).toBe(bench.price('tcp.window-update'));
    expect(bench.account('tcp.ack')).toBe(bench.price('tcp.ack'));
  });
});

describe('out of order', () => {
  test('each segment behind a hole is answered at once with the hole and the newest block', () => {
    const bench = new TcpBench();
    bench.feed(2);
    bench.acks.splice(0);
    bench.tcp.input(3 * MSS, MSS, 0);
    bench.tcp.input(4 * MSS, MSS, 0);
    bench.tcp.input(7 * MSS, MSS, 0);
    expect(bench.acks.splice(0).map(({ ack, sack }) => [ack / MSS, sack[0] / MSS, sack[1] / MSS])).toEqual([[2, 3, 4], [2, 3, 5], [2, 7, 8]]);
    expect(bench.buffer.bytes).toBe(2 * MSS);
  });

  test('the segment that fills the hole brings what waits behind it, and is answered at once', () => {
    const bench = new TcpBench();
    bench.tcp.input(MSS, MSS, 0);
    bench.tcp.input(2 * MSS, MSS, 0);
    bench.tcp.input(4 * MSS, MSS, 0);
    bench.acks.splice(0);
    expect(bench.tcp.input(0, MSS, 0)).toBe(true);
    expect(bench.acks.splice(0).map(({ ack, sack }) => [ack / MSS, sack[0] / MSS])).toEqual([[3, 4]]);
    expect(bench.buffer.bytes).toBe(3 * MSS);
    // In order, but the queue is not empty: at once, too.
    expect(bench.tcp.input(3 * MSS, MSS, 0)).toBe(true);
    expect(bench.acks.splice(0).map(({ ack, sack }) => [ack / MSS, sack[1]])).toEqual([[5, 0]]);
    bench.feed(1);
    expect(bench.acks).toEqual([]);
  });

  test('what has been received before, and a probe below the window, are answered at once and change nothing', () => {
    const bench = new TcpBench();
    bench.feed(4);
    bench.acks.splice(0);
    expect(bench.tcp.input(MSS, MSS, 0)).toBe(false);
    expect(bench.tcp.input(4 * MSS - 1, 0, 0)).toBe(false);
    expect(bench.acks.map(({ ack }) => ack)).toEqual([4 * MSS, 4 * MSS]);
    expect([bench.buffer.bytes, bench.count('tcp.out-of-order')]).toEqual([4 * MSS, 2]);
  });

  test('whatever comes in whatever order, the stream is put together and every ACK names its end', () => {
    const segments = fc.integer({ min: 1, max: 25 }).chain((n) => fc.tuple(fc.constant(n), fc.array(fc.nat(n - 1), { maxLength: 60 }), fc.shuffledSubarray(Array.from({ length: n }, (_, i) => i), { minLength: n })));
    fc.assert(
      fc.property(segments, ([n, first, rest]) => {
        const bench = new TcpBench();
        const there = new Set<number>();
        for (const index of [...first, ...rest]) {
          bench.acks.splice(0);
          const before = bench.tcp.expected;
          const added = bench.tcp.input(index * MSS, MSS, 0);
          there.add(index);
          let end = 0;
          while (there.has(end)) end++;
          expect([bench.tcp.expected + 0, bench.buffer.bytes + 0, added]).toEqual([end * MSS, end * MSS, end * MSS > before]);
          for (const { ack, sack } of bench.acks) {
            expect(ack + 0).toBe(end * MSS);
            // The block holds this segment, is all there, and nothing next to it is missing from it.
            const [low, high] = [sack[0] / MSS, sack[1] / MSS];
            if (high === 0) continue;
            for (let i = low; i < high; i++) expect(there.has(i)).toBe(true);
            expect(there.has(low - 1) || there.has(high)).toBe(false);
            expect(index < end || (index >= low && index < high)).toBe(true);
          }
        }
        expect(bench.tcp.expected).toBe(n * MSS);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the buffer grows by itself', () => {
  /** Full load: two segments and a read every `gap`. Returns the marks the buffer went through and when. */
  function grow(gap: number, seconds: number, autosize = true): { marks: number[]; times: number[] } {
    const bench = new TcpBench({ autosize });
    const marks = [bench.buffer.hiwat];
    const times: number[] = [];
    for (let tick = gap; tick < seconds * SECOND; tick += gap) {
      bench.core.now = Math.max(bench.core.now, tick);
      bench.simulator.dispatchThrough(bench.core.now);
      bench.feed(2);
      bench.read();
      bench.driver.reclaim();
      if (bench.buffer.hiwat === marks.at(-1)) continue;
      marks.push(bench.buffer.hiwat);
      times.push(bench.core.now / SECOND);
    }
    return { marks, times };
  }

  test('by 16 KB each time the 500 ms timestamp clock has moved, up to 218,452 bytes: one more step would pass SB_MAX', () => {
    const { marks, times } = grow(2 * MS, 8);
    expect(marks).toEqual(Array.from({ length: 9 }, (_, i) => 87_380 + i * 16_384));
    expect(marks.at(-1)).toBe(218_452);
    for (const [i, time] of times.entries()) expect(time).toBeCloseTo(0.5 * (i + 1), 1);
  });

  test('only while 7/8 of a buffer come in 500 ms', () => {
    // Two segments every 25 ms: 57,920 bytes in 500 ms, less than 76,454; every 15 ms: 96,533, enough for one step to 103,764 and, with 90,790 asked, another.
    expect(grow(25 * MS, 4).marks).toEqual([87_380]);
    expect(grow(15 * MS, 4).marks).toEqual([87_380, 103_764, 120_148]);
  });

  test('not when it is off', () => {
    expect(grow(2 * MS, 4, false).marks).toEqual([87_380]);
  });
});

describe('a packet to send', () => {
  test('finds a short queue: what has left is reclaimed first, by whoever sends', () => {
    const bench = new TcpBench();
    const pair = (): void => {
      bench.feed(2);
      bench.buffer.take(2 * MSS, bench.core.now, bench.latency);
    };
    for (let i = 0; i < 57; i++) pair();
    expect([bench.nic.transmitsPending, bench.account('wm.tx-done')]).toEqual([57, 0]);
    // Fewer than 8 of 64 jobs are left.
    pair();
    expect(bench.account('wm.tx-done')).toBe(57 * bench.price('wm.tx-done'));
    expect(bench.nic.transmitsPending).toBe(1);
  });

  test('is one tail write', () => {
    const bench = new TcpBench();
    bench.feed(6);
    bench.read();
    expect([bench.count('tcp.acks'), bench.count('frames.out'), bench.count('mmio.nic.write')]).toEqual([4, 4, 4]);
  });
});

describe('segments are summed in software', () => {
  test('payload and TCP header with timestamps, byte by byte', () => {
    const bench = new TcpBench();
    bench.feed(3, 0, 700);
    const perByte = bench.paths.ticksPerByte('checksum.cold');
    expect(bench.account('tcp.checksum')).toBe(3 * Math.round((700 + 32) * perByte));
    expect(bench.account('tcp.frame')).toBe(3 * bench.price('tcp.frame'));
  });

  test('a full segment has its price in one', () => {
    const bench = new TcpBench();
    bench.feed(3);
    const whole = bench.price('tcp.frame') + (1448 + 32) * bench.paths.ticksPerByte('checksum.cold');
    expect(Math.abs(bench.price('tcp.segment') - whole)).toBeLessThanOrEqual(1);
    expect(bench.account('tcp.segment')).toBe(3 * bench.price('tcp.segment'));
  });
});

test('segments in runs are the same as segments one by one: every ACK at its tick, every account', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('run' as const), count: fc.integer({ min: 1, max: 40 }), skip: fc.constant(0), bytes: fc.constantFrom(MSS, MSS, MSS, 700) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('run' as const), count: fc.integer({ min: 1, max: 4 }), skip: fc.integer({ min: -3, max: 3 }), bytes: fc.constant(MSS) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), count: fc.constant(0), skip: fc.constant(0), bytes: fc.oneof(fc.constant(1e9), fc.nat(9000)) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('delack' as const), count: fc.constant(0), skip: fc.constant(0), bytes: fc.constant(0) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), count: fc.constant(0), skip: fc.constant(0), bytes: fc.nat(400 * MS) }) },
  );
  let longest = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.constantFrom(20_000, 87_380, 218_452), fc.boolean(), fc.constantFrom(0, 30 * US, NEVER), (steps, socketBytes, autosize, silence) => {
      const [runs, singles] = [true, false].map((asRuns) => {
        const bench = new TcpBench({ socketBytes, autosize });
        const { acks, core, tcp, buffer, simulator } = bench;
        if (asRuns) {
          bench.nic.ackPort = {
            silence,
            acknowledgeRun: (run, delay, _bytes, departures) => {
              longest = Math.max(longest, run.count);
              for (let i = 0; i < run.count; i++) {
                const tick = run.first + i * run.spacing + delay;
                acks.push({ tick, ack: run.ackOf(i), window: run.windowOf(i), sack: [0, 0] });
                departures.add(tick + 1, 0, 1);
              }
            },
          };
        }
        for (const { kind, count, skip, bytes } of steps) {
          if (kind === 'wait') {
            core.now += bytes;
            simulator.dispatchThrough(core.now);
            bench.hardclocks = Math.floor(core.now / (10 * MS));
          } else if (kind === 'read') {
            if (buffer.bytes > 0) bench.read(Math.min(bytes, buffer.bytes));
          } else if (kind === 'delack') {
            tcp.delayedAck();
          } else {
            const seq = Math.max(0, tcp.expected + skip * bytes);
            if (asRuns) {
              // In one queue or two.
              if (count > 1) tcp.queue(seq, bytes, core.now, 12_304_000, count >> 1);
              tcp.queue(seq + (count >> 1) * bytes, bytes, core.now, 12_304_000, count - (count >> 1));
              tcp.inputAll();
            }
            else for (let i = 0; i < count; i++) tcp.input(seq + i * bytes, bytes, core.now);
          }
        }
        const { expected, delayedAckDue } = tcp;
        return { acks: bench.acks, now: core.now, accounts: [...core.ledger.ticks], counters: [...bench.counters.values], bytes: buffer.bytes, frames: buffer.frames, hiwat: buffer.hiwat, expected, delayedAckDue };
      });
      expect(runs).toEqual(singles);
    }),
    { numRuns: 300 },
  );
  expect(longest).toBeGreaterThan(10);
});
