import { describe, expect, test } from 'vitest';
import { MS, SECOND } from '../../src/events/time.ts';
import type { OnOffPacing } from '../../src/load/pacing/on-off.ts';
import { nextRelease, tsoSegments } from '../../src/load/pacing/pacing.ts';
import { ClientBench } from './client-bench.ts';

const LOADS = [180, 360, 540, 720, 900];
const MSS = 1448;
/** Payload rate of back-to-back full frames in Mb/s. */
const LINE = (1448 / 1538) * 1000;

describe('TSO sizing', () => {
  test('is rate / 1024 bytes in whole segments, at most 64 KiB less headers', () => {
    // 22.5 MB/s / 1024 = 21,972 B = 15.17 segments; 45 MB/s: 30.3; from 67.5 MB/s on the cap of 65,215 B: 45.04.
    expect(LOADS.map((load) => tsoSegments(load, MSS))).toEqual([15, 30, 45, 45, 45]);
    // With 1460-byte segments the cap is 44.67.
    expect(LOADS.map((load) => tsoSegments(load, 1460))).toEqual([15, 30, 44, 44, 44]);
  });

  test('is never below two segments', () => {
    expect(tsoSegments(1, MSS)).toBe(2);
  });
});

test('lateness is made good up to half a packet', () => {
  expect(nextRelease(100, 100, 50)).toBe(150);
  expect(nextRelease(110, 100, 50)).toBe(150);
  expect(nextRelease(190, 100, 50)).toBe(215);
});

describe('with a receiver that keeps up', () => {
  for (const load of LOADS) {
    for (const pacing of ['fq', 'even'] as const) {
      test(`${pacing} delivers ${load} Mb/s of payload within 0.5 % over ten seconds`, () => {
        const bench = new ClientBench(load, pacing);
        bench.simulator.run(10 * SECOND);
        expect(Math.abs((bench.bytes * 8) / (10 * load * 1e6) - 1)).toBeLessThan(0.005);
        expect(bench.client.counters()).toMatchObject({ retransmissions: 0, timeouts: 0, probes: 0 });
      });
    }

    test(`onoff at ${load} Mb/s averages the rate whenever it stops, and is one timer period behind at most`, () => {
      const bench = new ClientBench(load, 'onoff');
      const { written } = bench.client.pacing as OnOffPacing;
      expect(written).toBe(0);
      let worst = 0;
      for (let t = 1; t <= 100; t++) {
        bench.simulator.run(t * 100 * MS);
        const asked = (load / 8) * 1e6 * (t / 10);
        const behind = asked - (bench.client.pacing as OnOffPacing).written;
        // The last block before a stop may overshoot; catching up is bounded by the line.
        expect(behind).toBeGreaterThanOrEqual(-131_072);
        worst = Math.max(worst, behind);
      }
      expect(worst).toBeLessThanOrEqual((load / 8) * 1e5);
      expect(Math.abs(bench.bytes / ((load / 8) * 1e7) - 1)).toBeLessThanOrEqual(0.01);
    });
  }
});

describe('fq', () => {
  for (const load of LOADS) {
    test(`sends ${tsoSegments(load, MSS)} frames back to back at ${load} Mb/s, length / rate apart`, () => {
      const bench = new ClientBench(load, 'fq', { client: { releaseJitter: 0 } });
      bench.simulator.run(SECOND);
      const frames = tsoSegments(load, MSS);
      const bursts = bench.bursts(100 * MS).slice(1, -1);
      expect(bursts.length).toBeGreaterThan(500);
      expect(new Set(bursts.map((burst) => burst.frames))).toEqual(new Set([frames]));
      const gaps = bursts.slice(1).map(({ tick }, i) => tick - (bursts[i]?.tick ?? 0));
      expect(new Set(gaps)).toEqual(new Set([Math.round((frames * MSS * 8e6) / load)]));
    });
  }

  test('is no longer than half the receiver\'s window', () => {
    const bench = new ClientBench(900, 'fq', { receiver: { window: 87_380 }, client: { releaseJitter: 0 }, think: 0 });
    bench.simulator.run(SECOND);
    // Half of 87,380 bytes holds 30 segments, where the rate alone would give 45; a third (20) is always worth sending.
    const most = Math.max(...bench.bursts(100 * MS).map(({ frames }) => frames));
    expect(most).toBeLessThanOrEqual(30);
    expect(most).toBeGreaterThanOrEqual(20);
  });

  test('shrinks to a third of the window when the window is what limits it', () => {
    // The client's NIC brings ACKs three or four at a time; TCP answers each of them, so the third is met exactly.
    const bench = new ClientBench(900, 'fq', { receiver: { window: 87_380 }, client: { releaseJitter: 0, socketBufferBytes: 87_380, ackDelay: 80e6, ackJitter: 0 }, think: 400e6 });
    bench.simulator.run(SECOND);
    const frames = bench.bursts(500 * MS).slice(1, -1).map((burst) => burst.frames);
    expect(new Set(frames.map((n) => n % 20))).toEqual(new Set([0]));
  });

  test('keeps two packets in the host at most: one waits while one is sent, else two', () => {
    const bench = new ClientBench(540, 'fq');
    const { client, forward, simulator } = bench;
    const seen = new Set<number>();
    for (let t = 100 * MS; t < 300 * MS; t += 77_777_777) {
      simulator.run(t);
      const waiting = (client.sender.segmentsSent - forward.frames) / 45;
      const sending = forward.free - 12 * 8000 > t ? 1 : 0;
      expect(waiting + sending).toBeLessThanOrEqual(2);
      seen.add(waiting * 10 + sending);
    }
    // 10: sent, and no ACK has come by since to fill the place.
    expect([...seen].toSorted((a, b) => a - b)).toEqual([10, 11, 20]);
  });

  test('delivers less when the qdisc counts headers: 1448 of 1514 bytes', () => {
    const bench = new ClientBench(540, 'fq', { client: { pacedHeaderBytes: 66 } });
    bench.simulator.run(10 * SECOND);
    expect(Math.abs((bench.bytes * 8) / (5400e6 * (1448 / 1514)) - 1)).toBeLessThan(0.001);
  });

  test('releases late by less than the jitter, and the mean rate stays', () => {
    const jitter = 50e6;
    const bench = new ClientBench(540, 'fq', { client: { releaseJitter: jitter } });
    bench.simulator.run(10 * SECOND);
    const period = (45 * MSS * 8e6) / 540;
    const starts = bench.bursts(SECOND).slice(1, -1).map(({ tick }) => tick);
    const origin = starts[0] ?? 0;
    const late = starts.map((tick, i) => tick - origin - i * period);
    const spread = Math.max(...late) - Math.min(...late);
    expect(spread).toBeLessThan(jitter + 1e6);
    expect(spread).toBeGreaterThan(0.9 * jitter);
  });
});

describe('even', () => {
  for (const load of [180, 540, 900]) {
    test(`sends one frame every payload / rate at ${load} Mb/s`, () => {
      const bench = new ClientBench(load, 'even', { client: { releaseJitter: 0 } });
      bench.simulator.run(SECOND);
      const ticks = bench.ticks.filter((tick) => tick > 100 * MS);
      expect(new Set(ticks.slice(1).map((tick, i) => tick - (ticks[i] ?? 0)))).toEqual(new Set([Math.round((MSS * 8e6) / load)]));
    });
  }
});

describe('onoff', () => {
  test('is on and off at 10 Hz, at line rate while on', () => {
    const load = 180;
    const bench = new ClientBench(load, 'onoff', { client: { releaseJitter: 0 } });
    bench.simulator.run(10 * SECOND);
    // Silences of more than 10 ms divide the on phases.
    const starts: number[] = [];
    const lengths: number[] = [];
    let last = -Infinity;
    for (const tick of bench.ticks) {
      if (tick - last > 10 * MS) {
        starts.push(tick);
        lengths.push(0);
      }
      lengths[lengths.length - 1]! += 1;
      last = tick;
    }
    expect(starts.length).toBeGreaterThanOrEqual(99);
    // After the first second every timer finds the average too low.
    const periods = starts.slice(11).map((tick, i) => tick - (starts[i + 10] ?? 0));
    for (const period of periods) expect(Math.abs(period - 100 * MS)).toBeLessThan(MS);
    // A timer period's bytes, and up to the average's catching up: blocks of 128 KiB.
    const perPeriod = (load * 1e6 * 0.1) / 8 / MSS;
    const steady = lengths.slice(10, -1);
    expect(Math.abs(steady.reduce((a, b) => a + b) / steady.length / perPeriod - 1)).toBeLessThan(0.01);
    for (const frames of steady) expect(Math.abs(frames - perPeriod)).toBeLessThanOrEqual(131_072 / MSS + 1);
    // While on: the line is full.
    const from = bench.ticks.findIndex((tick) => tick === starts[50]);
    const to = bench.ticks.findIndex((tick) => tick === starts[51]);
    const bytes = bench.payloads.slice(from + 1, to).reduce((a, b) => a + b);
    const rate = (bytes * 8e6) / ((bench.ticks[to - 1] ?? 0) - (bench.ticks[from] ?? 0));
    expect(rate).toBeGreaterThan(0.98 * LINE);
    expect(rate).toBeLessThanOrEqual(LINE);
    expect((bench.client.pacing as OnOffPacing).resumptions).toBeGreaterThanOrEqual(98);
  });

  test('above what the line carries it never stops', () => {
    const bench = new ClientBench(950, 'onoff');
    bench.simulator.run(2 * SECOND);
    expect((bench.client.pacing as OnOffPacing).resumptions).toBeLessThanOrEqual(1);
    expect((bench.bytes * 8) / 2e6).toBeGreaterThan(0.94 * 0.95 * LINE);
  });
});

test('a rate that is no rate is refused', () => {
  expect(() => new ClientBench(0, 'fq')).toThrow(/0 Mb\/s/);
  expect(() => new ClientBench(Number.NaN, 'even')).toThrow(/NaN Mb\/s/);
  expect(() => new ClientBench(-1, 'onoff')).toThrow(/-1 Mb\/s/);
});
