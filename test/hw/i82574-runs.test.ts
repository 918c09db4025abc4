import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NicSettings } from '../../src/hw/i82574.ts';
import { DELAY_UNIT, NicBench } from './nic-bench.ts';
import { type Observed, SlowNic, type Stimulus } from './slow-nic.ts';

/** A burst of frames, the gap before it, and what the driver does meanwhile. */
interface Piece {
  readonly gap: number;
  readonly frames: number;
  readonly spacing: number;
  /** How long before the first one they are announced, where they are. */
  readonly lead: number;
  readonly accesses: readonly { readonly at: number; readonly kind: 'cause' | 'take' | 'transmit'; readonly number: number }[];
}

interface Program {
  readonly settings: NicSettings;
  readonly pieces: readonly Piece[];
}

const delay = fc.oneof(fc.constant(0), fc.constant(1), fc.constant(375), fc.integer({ min: 2, max: 60 }));

/** A transmit timer whose absolute part is not the longer one: the device learns of a packet before it leaves, which only a longer one would show. */
const settings: fc.Arbitrary<NicSettings> = fc
  .record({
    rxDescriptors: fc.constantFrom(8, 16, 32, 256),
    itr: fc.constantFrom(0, 0, 40, 1500),
    rdtr: delay,
    radv: delay,
    transmit: delay,
    rxBufferBytes: fc.constantFrom(0, 4000, 20_480),
  })
  .map(({ transmit, rxDescriptors, itr, rdtr, radv, rxBufferBytes }) => ({ rxDescriptors, itr, rdtr, radv, tidv: transmit, tadv: transmit, rxBufferBytes }));

const piece: fc.Arbitrary<Piece> = fc.record({
  gap: fc.oneof(fc.nat(2_000), fc.nat(100_000), fc.nat(1_000_000)),
  frames: fc.integer({ min: 1, max: 60 }),
  spacing: fc.constantFrom(700, 12_304, 12_304, 40_000),
  lead: fc.oneof(fc.nat(30_000), fc.nat(1_000_000)),
  accesses: fc.array(
    fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), kind: fc.constantFrom('cause' as const, 'take' as const, 'take' as const, 'transmit' as const), number: fc.oneof(fc.constant(1000), fc.nat(20)) }),
    { maxLength: 8 },
  ),
});

const program: fc.Arbitrary<Program> = fc.record({ settings, pieces: fc.array(piece, { minLength: 1, maxLength: 12 }) });

interface Burst {
  readonly first: number;
  readonly frames: number;
  readonly spacing: number;
  readonly announced: number;
}

/** A link makes runs only for a NIC with a receive delay timer: without one, each frame has to interrupt by itself. */
const delayed = program.map(({ settings, pieces }) => ({ pieces, settings: { ...settings, rdtr: Math.max(1, settings.rdtr) } }));

/** Ticks are kept apart by their residue, so that what falls on one tick is left to the unit tests: frames 1, software 2 and more, modulo 1,000. */
function lay(pieces: readonly Piece[]): { readonly bursts: Burst[]; readonly software: Stimulus[]; readonly end: number } {
  const bursts: Burst[] = [];
  const software: Stimulus[] = [];
  const used = new Set<number>();
  let now = 0;
  for (const { gap, frames, spacing, lead, accesses } of pieces) {
    const begin = now;
    const first = now + (gap + 1) * 1000 + 1;
    bursts.push({ first, frames, spacing: spacing * 1000, announced: Math.max(bursts.at(-1)?.announced ?? 0, first - 1 - lead * 1000) });
    now = first - 1 + (frames - 1) * spacing * 1000;
    for (const { at, kind, number } of accesses) {
      let tick = Math.floor((begin + (now - begin) * at) / 1000) * 1000 + 2;
      while (used.has(tick)) tick++;
      used.add(tick);
      software.push({ tick, kind, number });
    }
  }
  return { bursts, software: software.toSorted((a, b) => a.tick - b.tick), end: now + 2000 * DELAY_UNIT };
}

function bySlowNic({ settings, pieces }: Program): Observed {
  const { bursts, software, end } = lay(pieces);
  const frames = bursts.flatMap(({ first, frames: count, spacing }) => Array.from({ length: count }, (_, i): Stimulus => ({ tick: first + i * spacing, kind: 'frame', number: 1514 })));
  return new SlowNic(settings).observe([...frames, ...software].toSorted((a, b) => a.tick - b.tick), end);
}

function byI82574({ settings, pieces }: Program, how: 'singly' | 'as runs' | 'ahead'): Observed {
  const { bursts, software, end } = lay(pieces);
  const bench = new NicBench(settings);
  for (const { first, frames, spacing, announced } of bursts) {
    if (how === 'ahead') bench.announce(announced, first, frames, spacing);
    else if (how === 'as runs') bench.burst(first, frames, spacing);
    else bench.frames(...Array.from({ length: frames }, (_, i) => first + i * spacing));
  }
  const found: number[] = [];
  for (const { tick, kind, number } of software) {
    if (kind === 'take') found.push(bench.take(tick, number));
    else if (kind === 'cause') found.push(bench.readCause(tick));
    else bench.transmit(tick);
  }
  bench.software(end, () => {});
  return { raised: bench.raised, found, received: bench.nic.received, dropped: bench.count('frames.dropped') };
}

test('frame by frame, the device does what the slow one does', () => {
  fc.assert(fc.property(program, (p) => {
    expect(byI82574(p, 'singly')).toEqual(bySlowNic(p));
  }), { numRuns: 300 });
});

test('with bursts as runs, counted when somebody looks, it does the same', () => {
  fc.assert(fc.property(delayed, (p) => {
    expect(byI82574(p, 'as runs')).toEqual(bySlowNic(p));
  }), { numRuns: 300 });
});

test('with bursts that are announced before they come, it does the same', () => {
  fc.assert(fc.property(delayed, (p) => {
    expect(byI82574(p, 'ahead')).toEqual(bySlowNic(p));
  }), { numRuns: 600 });
});
