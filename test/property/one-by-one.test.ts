import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CostTable } from '../../src/hw/cost.ts';
import type { PacingName } from '../../src/load/pacing/pacing.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { withValues } from '../../src/study/cost-values.ts';
import { type Scenario, simulate } from '../../src/study/simulate.ts';
import { SYSTEMS, type System } from '../../src/study/system.ts';
import { system as mix } from './scenario.ts';

/*
 * Where nobody can look in between, frames, ACKs, segments and bus accesses are worked on in one go. Here every run is made a second time with each of them by itself, an event for every frame:
 * slow and obvious. Accounts, counters, latencies, the kernel's log and the fingerprint, which holds every interrupt, every idle span and every account in ticks, must be the same to the digit; only
 * the number of events may differ.
 */

const table = defaultCosts();

/** The systems of Fig 4 as they are, the same with other rings, timers and sockets, and any mix of Rumprun's parts. */
const system: fc.Arbitrary<System> = fc.oneof(
  fc.constantFrom(...SYSTEMS),
  fc.tuple(fc.constantFrom(...SYSTEMS), mix).map(([base, { nic, socket }]): System => Object.assign({}, base, { nic, socket })),
  mix,
);

interface Case {
  readonly scenario: Scenario;
  readonly costs: CostTable;
}

const run: fc.Arbitrary<Case> = fc
  .record({
    system,
    // More than the link carries, too.
    loadMbps: fc.oneof(fc.integer({ min: 10, max: 950 }), fc.constantFrom(180, 900, 2000)),
    pacing: fc.constantFrom<PacingName>('fq', 'even', 'onoff'),
    duration: fc.integer({ min: 20, max: 120 }).map((ms) => ms / 1000),
    warmup: fc.constantFrom(0, 0.003, 0.011),
    seed: fc.nat(1000),
    run: fc.nat(10),
    // Code so dear that the machine is overloaded; switches that drop; windows of a few segments; a client without jitter, whose events fall on one tick more often.
    stack: fc.constantFrom(1, 1, 6),
    buffer: fc.constantFrom(524_288, 524_288, 20_000),
    window: fc.constantFrom(87_380, 87_380, 8000, 400_000),
    jitter: fc.constantFrom(0, 1000),
    // How far ahead of the client's reactions the core may go hangs on its latency.
    ackDelay: fc.constantFrom(25_000, 25_000, 2000, 80_000),
    ackJitter: fc.constantFrom(5000, 0),
  })
  .map(({ stack, buffer, window, jitter, ackDelay, ackJitter, ...scenario }) => ({
    scenario,
    costs: withValues(table, { 'cpi.stack': stack, 'link.switch.buffer': buffer, 'load.sendWindow': window, 'load.releaseJitter': jitter, 'load.ackDelay': ackDelay, 'load.ackJitter': ackJitter }),
  }));

/** All of a run's result but the number of its events. How software unwinds after the end is no part of it. */
function play({ scenario, costs }: Case, oneByOne: boolean): { result: object; events: number; counters: Readonly<Record<string, number>> } {
  const { events, ...result } = simulate(scenario, costs, { oneByOne });
  return { result, events, counters: result.counters };
}

describe('in one go and one by one', () => {
  test('any system under any load gives the same ledger, counters and fingerprint, drops and retransmissions included', () => {
    fc.assert(
      fc.property(run, (made) => {
        expect(play(made, false).result).toEqual(play(made, true).result);
      }),
      { numRuns: 80 },
    );
  });

  for (const preset of SYSTEMS) {
    test(`${preset.name} at 900 Mb/s: the same with a fraction of the events`, () => {
      const made = { scenario: { system: preset, loadMbps: 900, pacing: 'fq' as const, duration: 0.2, warmup: 0.1, seed: 1, run: 0 }, costs: table };
      const fast = play(made, false);
      const slow = play(made, true);
      expect(fast.result).toEqual(slow.result);
      expect(fast.events).toBeLessThan(slow.events * 0.6);
    });
  }

  test('a reader that is never done ends with the run', () => {
    const tiny = { ...SYSTEMS.find(({ name }) => name === 'netbsd')!, socket: { bufferBytes: 16_384, autosize: true, windowScale: 0, blockBytes: 1024 } }; // it is one of them
    const nic = { rxDescriptors: 256, itr: 500, rdtr: 375, radv: 375, tidv: 0, tadv: 375, rxBufferBytes: 0 };
    const made = { scenario: { system: { ...tiny, nic }, loadMbps: 900, pacing: 'fq' as const, duration: 0.114, warmup: 0.011, seed: 449, run: 1 }, costs: withValues(table, { 'cpi.stack': 6 }) };
    expect(play(made, false).result).toEqual(play(made, true).result);
  });

  test('the cases reach what they are for: frames dropped and segments out of order', () => {
    const tight = { ...SYSTEMS[0]!, nic: { ...SYSTEMS[0]!.nic, rxDescriptors: 8, rxBufferBytes: 3000 } }; // there are systems
    const made = { scenario: { system: tight, loadMbps: 900, pacing: 'onoff' as const, duration: 0.1, warmup: 0, seed: 1, run: 0 }, costs: table };
    const { counters } = play(made, false);
    expect(Math.min(counters['frames.dropped'] ?? 0, counters['tcp.out-of-order'] ?? 0)).toBeGreaterThan(0);
  });
});
