import { describe, expect, test } from 'vitest';
import { Streams } from '../../src/events/random.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { Server, feedByEvent, feedByLane } from './server.ts';
import { constant, exponential, meanWait, twoPoint, uniform, type Variate } from './variates.ts';

const REPLICATIONS = 30;
const CUSTOMERS = 40_000;
const WARM_UP = 4_000;
const SERVICE = 1_000_000;

/** Student's t for 29 degrees of freedom, two-sided 99.9 %: eight intervals here, and an honest engine should miss none. */
const T_999 = 3.659;

interface Interval {
  readonly mean: number;
  readonly halfWidth: number;
}

function interval(values: readonly number[]): Interval {
  const n = values.length;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  const variance = values.reduce((sum, x) => sum + (x - mean) * (x - mean), 0) / (n - 1);
  return { mean, halfWidth: T_999 * Math.sqrt(variance / n) };
}

/** Mean wait in ticks of the customers after the warm-up, in one replication. */
function simulate(service: Variate, load: number, run: number, feed: typeof feedByEvent): number {
  const simulator = new Simulator();
  const streams = new Streams(1, run);
  const services = streams.stream('service');
  const arrivals = streams.stream('arrivals');
  const gaps = exponential(service.mean / load);
  const server = new Server(simulator, () => service.draw(services));
  feed(simulator, server, CUSTOMERS, () => gaps.draw(arrivals));
  while (server.begun < WARM_UP) simulator.dispatchThrough(simulator.nextTick);
  server.reset();
  simulator.run();
  return server.waited / server.begun;
}

const cases = [
  { queue: 'M/D/1', service: constant(SERVICE), load: 0.3, feed: feedByLane },
  { queue: 'M/D/1', service: constant(SERVICE), load: 0.6, feed: feedByEvent },
  { queue: 'M/D/1', service: constant(SERVICE), load: 0.8, feed: feedByLane },
  { queue: 'M/M/1', service: exponential(SERVICE), load: 0.5, feed: feedByEvent },
  { queue: 'M/M/1', service: exponential(SERVICE), load: 0.7, feed: feedByLane },
  { queue: 'M/G/1', service: uniform(SERVICE), load: 0.7, feed: feedByEvent },
  { queue: 'M/G/1', service: twoPoint(SERVICE), load: 0.3, feed: feedByEvent },
  { queue: 'M/G/1', service: twoPoint(SERVICE), load: 0.6, feed: feedByLane },
];

describe('the mean wait is that of Pollaczek and Khinchine', () => {
  test.each(cases)('$queue with $service.name service at load $load', ({ service, load, feed }) => {
    const waits = Array.from({ length: REPLICATIONS }, (_, run) => simulate(service, load, run, feed));
    const theory = meanWait(service, load);
    const { mean, halfWidth } = interval(waits);
    // An interval that is too wide would hold anything: it has to tell 4 % apart.
    expect(halfWidth / theory).toBeLessThan(0.04);
    expect(Math.abs(mean - theory)).toBeLessThanOrEqual(halfWidth);
  });
});
