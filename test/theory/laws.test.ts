import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Streams } from '../../src/events/random.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { Server, feedByEvent, feedByLane } from './server.ts';
import { exponential, twoPoint } from './variates.ts';

const SERVICE = 1_000_003;

interface Scenario {
  readonly load: number;
  readonly seed: number;
  readonly customers: number;
  readonly lane: boolean;
}

const scenario: fc.Arbitrary<Scenario> = fc.record({
  load: fc.double({ min: 0.05, max: 1.5, noNaN: true }),
  seed: fc.nat(),
  customers: fc.integer({ min: 1, max: 500 }),
  lane: fc.boolean(),
});

/** A server with its arrivals pending: Poisson, with constant service or with services of very different lengths. */
function prepare({ load, seed, customers, lane }: Scenario, constantService: boolean): { simulator: Simulator; server: Server } {
  const simulator = new Simulator();
  const streams = new Streams(seed, 0);
  const services = streams.stream('service');
  const arrivals = streams.stream('arrivals');
  const gaps = exponential(SERVICE / load);
  const varied = twoPoint(2 * SERVICE);
  const server = new Server(simulator, () => (constantService ? SERVICE : varied.draw(services)));
  (lane ? feedByLane : feedByEvent)(simulator, server, customers, () => gaps.draw(arrivals));
  return { simulator, server };
}

describe('utilisation law, U = X S, to the tick', () => {
  test('over an emptied system', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const { simulator, server } = prepare(s, true);
        simulator.run();
        expect([server.departures, server.present]).toEqual([s.customers, 0]);
        expect(server.busy).toBe(server.departures * SERVICE);
      }),
    );
  });

  test('at every instant, with the part of a service that is done', () => {
    fc.assert(
      fc.property(scenario, fc.integer({ min: 0, max: 300 * SERVICE }), (s, until) => {
        const { simulator, server } = prepare(s, true);
        simulator.run(until);
        server.account(simulator.now);
        const done = server.busy - server.departures * SERVICE;
        expect(simulator.now).toBe(until);
        expect(done).toBeGreaterThanOrEqual(0);
        expect(done).toBeLessThanOrEqual(server.present === 0 ? 0 : SERVICE - 1);
      }),
    );
  });

  test('a saturated server is never idle', () => {
    const simulator = new Simulator();
    const server = new Server(simulator, () => SERVICE);
    feedByEvent(simulator, server, 2000, () => SERVICE / 2 + 0.5);
    simulator.run(500 * SERVICE);
    server.account(simulator.now);
    expect(server.busy).toBe(simulator.now - (SERVICE / 2 + 0.5));
  });
});

describe("Little's law, L = lambda W, to the tick", () => {
  test('over an emptied system the area under the number present is the sum of the sojourns', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const { simulator, server } = prepare(s, false);
        simulator.run();
        expect(server.present).toBe(0);
        expect(server.area).toBe(server.sojourn);
      }),
    );
  });

  test('of the queue alone: the area less the busy time is the sum of the waits', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const { simulator, server } = prepare(s, false);
        simulator.run();
        expect(server.begun).toBe(s.customers);
        expect(server.area - server.busy).toBe(server.waited);
      }),
    );
  });
});

test('arrivals from a lane and from events are the same system', () => {
  fc.assert(
    fc.property(scenario, (s) => {
      const [a, b] = [true, false].map((lane) => {
        const { simulator, server } = prepare({ ...s, lane }, false);
        simulator.run();
        return [server.area, server.busy, server.waited, simulator.now, simulator.dispatched];
      });
      expect(a).toEqual(b);
    }),
  );
});
