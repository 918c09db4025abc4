import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Streams } from '../../src/events/random.ts';
import { MS, US } from '../../src/events/time.ts';
import { FrameRuns } from '../../src/hw/frame-runs.ts';
import type { System } from '../../src/study/system.ts';
import { MachineBench } from '../golden/machine-bench.ts';
import { system } from './scenario.ts';

/*
 * Bursts travel as runs and are worked on in batches where nobody can see the difference. Here the same frames go through the same machine one by one, an event each, and nothing is ever
 * joined: slow and obvious. Both must give the same ledger, to the tick.
 */

interface Burst {
  /** Before its first frame, in units of 100 ns. */
  readonly gap: number;
  readonly count: number;
  readonly spacing: number;
  readonly payload: number;
}

const burst: fc.Arbitrary<Burst> = fc.record({
  gap: fc.oneof(fc.nat(100), fc.nat(20_000)),
  count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 120 })),
  // Line rate, half of it, and frames closer than the core can take them.
  spacing: fc.constantFrom(12_304_000, 12_304_000, 24_608_000, 700_000),
  payload: fc.constantFrom(1448, 1448, 1448, 300),
});

/** Runs are for NICs with a receive delay timer only: without one every frame is an interrupt. */
const delayed = system.map((s): System => Object.assign(s, { nic: { ...s.nic, rdtr: Math.max(1, s.nic.rdtr) } }));

afterEach(() => {
  vi.restoreAllMocks();
});

/** Everything that the run has left behind. */
function play(parts: System, bursts: readonly Burst[], asRuns: boolean): object {
  const append = FrameRuns.prototype.append;
  const spy = vi.spyOn(FrameRuns.prototype, 'extend');
  if (asRuns) {
    spy.mockRestore();
  } else {
    // Nothing joins the frames again on their way to TCP.
    spy.mockImplementation(function apart(this: FrameRuns, first, spacing, seq, payload, bytes, count) {
      for (let i = 0; i < count; i++) append.call(this, first + i * spacing, 0, seq + i * payload, payload, bytes, 1);
    });
  }
  const bench = new MachineBench(parts, new Streams(1, 0));
  let tick = MS;
  for (const { gap, count, spacing, payload } of bursts) {
    // An odd tick: no timer of the machine expires on one that frames have.
    tick += gap * 100_000 + 1;
    bench.frames(tick, count, spacing, asRuns, payload);
    tick += (count - 1) * spacing + 700_000;
  }
  bench.run(tick + 5 * MS + 13);
  spy.mockRestore();
  const { machine } = bench;
  const { core, counters, latency, log } = machine;
  const { ledger, paths } = core;
  const accounts: Record<string, number> = {};
  for (const [context, name] of ledger.contexts.entries()) {
    for (let path = 0; path < ledger.width; path++) {
      const ticks = ledger.ticks[context * ledger.width + path] ?? 0;
      if (ticks > 0) accounts[`${name}/${paths.path(path).name}`] = ticks;
    }
  }
  const counts = Object.fromEntries(counters.names.map((name, index) => [name, counters.values[index]]));
  return { accounts, idle: ledger.idle, now: core.now, counts, acks: bench.acks, latency: [latency.samples, latency.mean()], entries: log === null ? null : [log.total, ...log.logged] };
}

describe('frames in runs and frames one by one', () => {
  test('give the same ledger, counters and packets, to the tick', () => {
    fc.assert(
      fc.property(delayed, fc.array(burst, { minLength: 1, maxLength: 15 }), (parts, bursts) => {
        expect(play(parts, bursts, true)).toEqual(play(parts, bursts, false));
      }),
      { numRuns: 100 },
    );
  });

  test('a long burst is a handful of events, not one a frame', () => {
    const events = (asRuns: boolean): number => {
      const bench = new MachineBench({ name: 'm', title: 'm', kernel: 'bare-metal', controller: 'pic', timer: 'pit', hpetDelivery: 'msi', nic: { rxDescriptors: 256, itr: 1500, rdtr: 375, radv: 375, tidv: 375, tadv: 375, rxBufferBytes: 20_480 }, socket: { bufferBytes: 87_380, autosize: false, windowScale: 3, blockBytes: 131_072 } });
      bench.frames(MS, 60, 12_304_000, asRuns);
      bench.run(2 * MS + 100 * US);
      return bench.simulator.dispatched;
    };
    expect(events(false) - events(true)).toBeGreaterThanOrEqual(50);
  });
});
