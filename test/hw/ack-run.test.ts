import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Simulator } from '../../src/events/simulator.ts';
import { AckRun } from '../../src/hw/ack-run.ts';
import { Link, type LinkParameters } from '../../src/hw/link.ts';
import { MAIL_WORDS, Mailbox } from '../../src/hw/mailbox.ts';

const PARAMETERS: LinkParameters = { rateMbps: 1000, outputRateMbps: 1000, propagation: 550_000, switchLatency: 2_000_000, switchBuffer: 524_288 };

interface Packet {
  readonly gap: number;
  readonly window: number;
}

/** What has come to the box, frame by frame, and when its owner was told to look. */
function path(parameters: LinkParameters): { link: Link; told: number[]; arrived: () => unknown[] } {
  const told: number[] = [];
  const box = new Mailbox((arrival) => told.push(arrival));
  const link = new Link(new Simulator(), 'link', parameters, box);
  const arrived = (): unknown[] => {
    const frames: unknown[] = [];
    while (!box.empty) {
      const tick = box.oldest;
      const at = box.take();
      frames.push([tick, ...box.words.subarray(at, at + MAIL_WORDS)]);
    }
    return frames;
  };
  return { link, told, arrived };
}

test('ACKs in runs leave and arrive as one by one: ports that are busy, a slow and a small output port included', () => {
  const packet: fc.Arbitrary<Packet> = fc.record({ gap: fc.oneof(fc.nat(500_000), fc.nat(20_000_000)), window: fc.nat(87_380) });
  const parameters = fc.record({ ...Object.fromEntries(Object.entries(PARAMETERS).map(([name, value]) => [name, fc.constant(value)])), outputRateMbps: fc.constantFrom(1000, 100), switchBuffer: fc.constantFrom(524_288, 300) }) as fc.Arbitrary<LinkParameters>;
  fc.assert(
    fc.property(parameters, fc.array(fc.array(packet, { minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 5 }), (link, runs) => {
      const together = path(link);
      const apart = path(link);
      const run = new AckRun();
      const left: number[][] = [[], []];
      let tick = 0;
      let ack = 0;
      for (const packets of runs) {
        run.clear();
        for (const { gap, window } of packets) {
          tick += gap;
          ack += 2896;
          run.add(tick, ack, window);
          left[1]?.push(apart.link.acknowledge(tick + 1_200_000, 66, ack, window, 0, 0));
        }
        together.link.acknowledgeRun(run, 1_200_000, 66);
        left[0]?.push(...run.departures.subarray(0, run.count));
      }
      expect(left[0]).toEqual(left[1]);
      expect(together.told).toEqual(apart.told);
      expect(together.arrived()).toEqual(apart.arrived());
      const counts = ({ frames, bytes, dropped, busy, free }: Link): number[] => [frames, bytes, dropped, busy, free];
      expect(counts(together.link)).toEqual(counts(apart.link));
    }),
    { numRuns: 200 },
  );
});
