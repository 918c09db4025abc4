import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NS, US } from '../../../src/events/time.ts';
import { SLEEP_CHOICES } from '../../../src/kernel/linux/sleep-states.ts';
import { LinuxBench, LINE_SPACING } from './linux-bench.ts';

/*
 * Where nothing happens in between, an interrupt up to its first poll and the ways between idle and the reader are booked as a whole. Every run is made a second time with all paths by themselves.
 */

const burst = fc.record({
  after: fc.oneof(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 100_000, max: 3_000_000 })),
  count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 90 })),
  spacing: fc.constantFrom(LINE_SPACING, LINE_SPACING, 20 * US),
});

const scenario = fc.record({
  throttle: fc.constantFrom<'adaptive' | number>('adaptive', 0, 4000, 70_000),
  sleep: fc.constantFrom(...SLEEP_CHOICES),
  tidv: fc.constantFrom(0, 8),
  bursts: fc.array(burst, { minLength: 1, maxLength: 25 }),
});

type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

function play({ throttle, sleep, tidv, bursts }: Scenario, atOnce: boolean): object {
  const bench = new LinuxBench({ throttle, sleep }, { tidv });
  const { core, counters } = bench.board;
  if (!atOnce) core.runSequence = () => false;
  let tick = 1 * US;
  for (const { after, count, spacing } of bursts) {
    tick += after * NS;
    bench.burst(tick, count, spacing);
    tick += count * spacing;
  }
  bench.run(tick + 500 * US);
  return { now: core.now, idle: core.ledger.idle, accounts: core.ledger.ticks.slice(), counts: counters.values.slice(), acks: bench.acks, fingerprint: core.fingerprint.digest() };
}

describe('paths in one go', () => {
  test('are the same as one by one: accounts, counters, ACKs, fingerprint', () => {
    fc.assert(
      fc.property(scenario, (made) => {
        expect(play(made, true)).toEqual(play(made, false));
      }),
      { numRuns: 200 },
    );
  });
});
