import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MS, SECOND, US } from '../../src/events/time.ts';
import { CostTable } from '../../src/hw/cost.ts';
import { clientParameters } from '../../src/load/iperf-client.ts';
import { LOAD_COSTS } from '../../src/load/load-costs.ts';
import { PACING_NAMES } from '../../src/load/pacing/pacing.ts';
import { ClientBench, type ClientBenchOptions } from './client-bench.ts';

describe('an iperf client', () => {
  for (const pacing of PACING_NAMES) {
    test(`repairs random loss under ${pacing}: every byte arrives once and in order`, () => {
      fc.assert(
        fc.property(fc.integer({ min: 20, max: 500 }), fc.nat({ max: 1000 }), (period, offset) => {
          const bench = new ClientBench(540, pacing, { lose: (i) => (i * 7919 + offset) % period === 0 });
          bench.simulator.run(3 * SECOND); // the receiver throws on a byte beyond its window
          const { client, receiver } = bench;
          // What was acknowledged was delivered; what was delivered and not acknowledged is at most the bytes in flight.
          expect(client.sender.una).toBeLessThanOrEqual(receiver.next);
          expect(receiver.next - client.sender.una).toBeLessThanOrEqual(195_480);
          expect(client.counters().retransmissions).toBeGreaterThan(0);
          expect(receiver.next).toBeGreaterThan(1e6);
        }),
        { numRuns: 8 },
      );
    });

    test(`under ${pacing} repeats a run exactly, and differs in another run and under another seed`, () => {
      const ticks = (options: ClientBenchOptions): number[] => {
        const bench = new ClientBench(360, pacing, { ...options, client: { startWindow: 10 * MS }, lose: (i) => i === 500 });
        bench.simulator.run(300 * MS);
        return bench.ticks;
      };
      const first = ticks({});
      expect(first.length).toBeGreaterThan(500);
      expect(ticks({})).toEqual(first);
      expect(ticks({ run: 1 })).not.toEqual(first);
      expect(ticks({ seed: 2 })).not.toEqual(first);
    });
  }

  test('starts at a uniform time inside the start window', () => {
    const phases = Array.from({ length: 200 }, (_, run) => {
      const bench = new ClientBench(900, 'even', { run, client: { startWindow: 10 * MS } });
      bench.simulator.run(20 * MS);
      return (bench.ticks[0] ?? 0) - (2 * (1526 * 8000 + 550_000) + 2_000_000);
    });
    expect(Math.min(...phases)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...phases)).toBeLessThan(10 * MS);
    // Mean and spread of the uniform distribution within five standard errors.
    const mean = phases.reduce((a, b) => a + b) / phases.length;
    expect(Math.abs(mean - 5 * MS)).toBeLessThan((5 * 10 * MS) / Math.sqrt(12 * phases.length));
  });

  test('takes ACKs a fixed and a random time after they arrived, those in between along with the first', () => {
    const ackDelay = 30 * US;
    const ackJitter = 10 * US;
    // One segment in flight: each frame waits for the ACK of the one before.
    const bench = new ClientBench(900, 'even', { client: { socketBufferBytes: 1448, ackDelay, ackJitter, releaseJitter: 0 }, receiver: { every: 1 } });
    bench.simulator.run(SECOND);
    const way = 2 * (1526 * 8000 + 550_000) + 2_000_000;
    const reactions = bench.ticks.slice(1).map((tick, i) => tick - way - (bench.ackTicks[i] ?? 0));
    expect(Math.min(...reactions)).toBeGreaterThanOrEqual(ackDelay);
    expect(Math.max(...reactions)).toBeLessThan(ackDelay + ackJitter);
    expect(Math.max(...reactions) - Math.min(...reactions)).toBeGreaterThan(0.9 * ackJitter);
    expect(bench.client.counters().windowLimited).toBeGreaterThan(0.8 * SECOND);
  });

  test('counts what it did', () => {
    const bench = new ClientBench(900, 'fq', { lose: (i) => i === 2000 });
    bench.simulator.run(SECOND);
    const counters = bench.client.counters();
    expect(counters).toMatchObject({ retransmissions: 1, fastRetransmits: 1, timeouts: 0, probes: 0 });
    expect(counters.segmentsSent + 1).toBeGreaterThanOrEqual(bench.forward.frames);
    expect(counters.acksReceived).toBeLessThanOrEqual(bench.receiver.acks);
    expect(counters.bytesAcknowledged).toBe(bench.client.sender.una);
  });

  test('without timestamps carries 1460 bytes a frame', () => {
    const bench = new ClientBench(900, 'even', { client: { timestamps: false } });
    bench.simulator.run(100 * MS);
    expect(bench.bytes / bench.ticks.length).toBe(1460);
    expect(bench.forward.bytes / bench.forward.frames).toBe(1514);
  });

  test('takes its numbers from the table', () => {
    const parameters = clientParameters(new CostTable(LOAD_COSTS).with('load.ackDelay', '40us'), 720, 'onoff');
    expect(parameters).toMatchObject({ loadMbps: 720, pacing: 'onoff', ackDelay: 40 * US, throttlePeriod: 100 * MS, blockBytes: 131_072, socketBufferBytes: 87_380, startWindow: 10 * MS });
  });
});
