import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Simulator } from '../../src/events/simulator.ts';
import { AckRun } from '../../src/hw/ack-run.ts';
import type { NicSettings } from '../../src/hw/i82574.ts';
import { Link } from '../../src/hw/link.ts';
import { Mailbox } from '../../src/hw/mailbox.ts';
import { NicBench } from './nic-bench.ts';

/** Packets handed over at even distances, the gap before them, and what the driver does after them. */
interface Step {
  readonly gap: number;
  readonly count: number;
  readonly spacing: number;
  readonly after: 'nothing' | 'cause' | 'reclaim';
}

const settings = fc.record({ itr: fc.constantFrom(0, 400, 1500), tidv: fc.constantFrom(8, 20, 40, 375), tadv: fc.constantFrom(0, 32, 40, 375, 375) });
const step: fc.Arbitrary<Step> = fc.record({
  gap: fc.oneof(fc.nat(3_000), fc.nat(20_000), fc.nat(200_000)),
  count: fc.integer({ min: 1, max: 20 }),
  spacing: fc.integer({ min: 700, max: 6_000 }),
  after: fc.constantFrom('nothing' as const, 'cause' as const, 'cause' as const, 'reclaim' as const),
});

/** All that driver and interrupt line see. Packets are handed over as runs where nothing happens in between. */
function play(given: Partial<NicSettings>, steps: readonly Step[], asRuns: boolean): { seen: object; together: number } {
  const link = new Link(new Simulator(), 'link', { rateMbps: 1000, outputRateMbps: 1000, propagation: 550_000, switchLatency: 2_000_000, switchBuffer: 524_288 }, new Mailbox(() => {}));
  const bench = new NicBench(given, (tick) => link.acknowledge(tick, 66, 0, 0, 0, 0));
  const { core, nic, simulator } = bench;
  nic.ackPort = link;
  const run = new AckRun();
  const found: number[] = [];
  let together = 0;
  let now = 0;
  for (const { gap, count, spacing, after } of steps) {
    const first = now + gap * 1000 + 1;
    const last = first + (count - 1) * spacing * 1000;
    simulator.run(first);
    if (asRuns && last - first < nic.ackSpan && simulator.nextTick > last) {
      simulator.run(last);
      core.now = last;
      run.set(count, first, spacing * 1000, 0, 0, 0, 1);
      nic.writeTransmitTails(run, 66);
      together += count;
    } else {
      for (let i = 0; i < count; i++) bench.transmit(first + i * spacing * 1000);
    }
    now = last + 1000;
    if (after === 'cause') found.push(bench.readCause(now));
    if (after === 'reclaim') {
      bench.software(now, () => {
        const done = nic.transmitsDone();
        nic.reclaim(done);
        found.push(done, nic.transmitsPending);
      });
    }
  }
  bench.software(now + 2_000_000_000, () => {});
  return { seen: { raised: bench.raised, found, sent: bench.count('frames.out') }, together };
}

test('packets in runs are to driver and interrupt line what they are one by one', () => {
  let together = 0;
  fc.assert(
    fc.property(settings, fc.array(step, { minLength: 1, maxLength: 25 }), (given, steps) => {
      const runs = play(given, steps, true);
      expect(runs.seen).toEqual(play(given, steps, false).seen);
      together += runs.together;
    }),
    { numRuns: 500 },
  );
  // Enough did go in runs.
  expect(together).toBeGreaterThan(2_000);
});
