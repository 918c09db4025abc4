import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Simulator } from '../../src/events/simulator.ts';
import { AckRun } from '../../src/hw/ack-run.ts';
import { Departures } from '../../src/hw/departures.ts';
import { ACK, FRAME_WORDS, SACK_HIGH, WINDOW } from '../../src/hw/frame.ts';
import { Link, type LinkParameters } from '../../src/hw/link.ts';
import { Mailbox } from '../../src/hw/mailbox.ts';

const PARAMETERS: LinkParameters = { rateMbps: 1000, outputRateMbps: 1000, propagation: 550_000, switchLatency: 2_000_000, switchBuffer: 524_288 };

interface Run {
  readonly gap: number;
  readonly spacing: number;
  readonly count: number;
  readonly step: number;
  readonly room: number;
  readonly unit: number;
}

/** What has come to the box, frame by frame, and when its owner was told to look. */
function path(parameters: LinkParameters): { link: Link; departures: Departures; told: number[]; arrived: () => unknown[] } {
  const told: number[] = [];
  const box = new Mailbox((arrival) => told.push(arrival));
  const link = new Link(new Simulator(), 'link', parameters, box);
  const arrived = (): unknown[] => {
    const frames: unknown[] = [];
    while (!box.empty) {
      const { oldest } = box;
      frames.push([oldest.first, oldest.ack, oldest.windowOf(0), oldest.sackLow, oldest.sackHigh]);
      box.take(1);
    }
    return frames;
  };
  return { link, departures: new Departures(), told, arrived };
}

/** All departures, one by one. */
function left(departures: Departures): number[] {
  const ticks: number[] = [];
  for (let run = 0; run < departures.tail; run++) {
    for (let i = 0; i < departures.countOf(run); i++) ticks.push(departures.firstOf(run) + i * departures.spacingOf(run));
  }
  return ticks;
}

test('ACKs in runs leave and arrive as one by one: ports that are busy, a slow and a small output port included', () => {
  const run: fc.Arbitrary<Run> = fc.record({
    gap: fc.oneof(fc.nat(500_000), fc.nat(20_000_000)), spacing: fc.oneof(fc.nat(1_000_000), fc.nat(20_000_000)), count: fc.integer({ min: 1, max: 60 }),
    step: fc.constantFrom(1448, 2896), room: fc.nat(87_380), unit: fc.constantFrom(1, 8, 128),
  });
  const parameters = fc.record({ ...Object.fromEntries(Object.entries(PARAMETERS).map(([name, value]) => [name, fc.constant(value)])), outputRateMbps: fc.constantFrom(1000, 100), switchBuffer: fc.constantFrom(524_288, 300) }) as fc.Arbitrary<LinkParameters>;
  fc.assert(
    fc.property(parameters, fc.array(run, { minLength: 1, maxLength: 8 }), (link, runs) => {
      const together = path(link);
      const apart = path(link);
      const acks = new AckRun();
      let tick = 0;
      let ack = 0;
      for (const { gap, spacing, count, step, room, unit } of runs) {
        const first = tick + gap;
        const edge = ack + count * step + room;
        acks.set(count, first, spacing, ack + step, step, edge, unit);
        together.link.acknowledgeRun(acks, 1_200_000, 66, together.departures);
        for (let i = 0; i < count; i++) {
          tick = first + i * spacing;
          ack += step;
          apart.departures.add(apart.link.acknowledge(tick + 1_200_000, 66, ack, Math.floor((edge - ack) / unit) * unit, 0, 0), 0, 1);
        }
      }
      expect(left(together.departures)).toEqual(left(apart.departures));
      expect(together.told).toEqual(apart.told);
      expect(together.arrived()).toEqual(apart.arrived());
      const counts = ({ frames, bytes, dropped, busy, free }: Link): number[] => [frames, bytes, dropped, busy, free];
      expect(counts(together.link)).toEqual(counts(apart.link));
    }),
    { numRuns: 300 },
  );
});

test('a box gives out of a run what has arrived, and keeps the rest', () => {
  const box = new Mailbox(() => {});
  const run = new AckRun();
  run.set(5, 0, 100, 1000, 10, 5000, 8);
  box.putRun(700, run);
  expect([699, 700, 799, 800, 1099, 1100, 9999].map((tick) => box.arrived(tick))).toEqual([0, 1, 1, 2, 4, 5, 5]);
  box.take(2);
  expect([box.oldest.first, box.oldest.ack]).toEqual([900, 1020]);
  expect(box.arrived(1000)).toBe(2);
  box.take(3);
  expect(box.empty).toBe(true);
});

test('a run that goes on as the last one does joins it, and all else stays as it was put', () => {
  const put = fc.record({
    count: fc.integer({ min: 1, max: 5 }), spacing: fc.constantFrom(0, 100, 200), gap: fc.constantFrom(100, 100, 200), step: fc.constantFrom(10, 10, 20), jump: fc.constantFrom(10, 10, 20), edge: fc.constantFrom(5000, 5000, 6000),
    alone: fc.constantFrom<'run' | 'single' | 'sack'>('run', 'run', 'run', 'single', 'sack'), taken: fc.nat(3),
  });
  fc.assert(
    fc.property(fc.array(put, { maxLength: 200 }), (puts) => {
      const box = new Mailbox(() => {});
      const frames: [tick: number, ack: number, window: number, sackHigh: number][] = [];
      const run = new AckRun();
      const frame = new Float64Array(FRAME_WORDS);
      let runs = 0;
      let tick = 0;
      let ack = 0;
      const check = (count: number): void => {
        for (let rest = Math.min(count, frames.length); rest > 0; ) {
          const { oldest } = box;
          const some = Math.min(rest, oldest.count);
          for (let i = 0; i < some; i++) expect([oldest.first + i * oldest.spacing, oldest.ackOf(i), oldest.windowOf(i), oldest.sackHigh]).toEqual(frames.shift());
          box.take(some);
          runs++;
          rest -= some;
        }
      };
      for (const { count, spacing, gap, step, jump, edge, alone, taken } of puts) {
        tick += gap;
        ack += jump;
        if (alone === 'run') {
          run.set(count, 0, spacing, ack, step, edge, 8);
          box.putRun(tick, run);
          for (let i = 0; i < count; i++) frames.push([tick + i * spacing, ack + i * step, Math.floor((edge - ack - i * step) / 8) * 8, 0]);
          tick += (count - 1) * spacing;
          ack += (count - 1) * step;
        } else {
          frame[ACK] = ack;
          frame[WINDOW] = edge - ack;
          frame[SACK_HIGH] = alone === 'sack' ? ack + 100 : 0;
          box.put(tick, frame, 0);
          frames.push([tick, ack, edge - ack, frame[SACK_HIGH]]);
        }
        check(taken);
      }
      check(Infinity);
      expect(box.empty).toBe(true);
    }),
  );
  const box = new Mailbox(() => {});
  const run = new AckRun();
  for (let i = 0; i < 5; i++) {
    run.set(1 + i, 0, 100, 10 * ((i * (i + 1)) / 2), 10, 5000, 8);
    box.putRun(100 * ((i * (i + 1)) / 2), run);
  }
  expect(box.arrived(1e9)).toBe(15);
});
