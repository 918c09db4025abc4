import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { perfetto } from '../../../src/trace/export/perfetto.ts';
import type { MemoryTrace } from '../../../src/trace/memory-sink.ts';
import { SIMULATED_CLOCK, type TraceClock } from '../../../src/trace/metadata.ts';
import { refusal } from '../traces.ts';
import { exported, HOST_CLOCK, memoryTrace, type Row } from './memory.ts';
import { decode } from './perfetto-decoder.ts';

function shown(...traces: readonly MemoryTrace[]): ReturnType<typeof decode> {
  return decode(exported(perfetto, ...traces).bytes);
}

/** An interrupt of a NIC through the I/O APIC and what handles it, with a timer beside it; in ps. */
const HARDWARE: readonly Row[] = [
  { t: 500_000, kind: 'timer-program', device: 'hpet', address: 0x108, value: 9_000_000 },
  { t: 1_000_000, kind: 'dma-write', device: 'nic', address: 3, value: 1514 },
  { t: 2_000_000, kind: 'irq-raise', device: 'nic', value: 129 },
  { t: 2_400_000, kind: 'msi', device: 'lapic', address: 0xfee00000, value: 54 },
  { t: 2_400_500, kind: 'irq-deliver', device: 'lapic', value: 54 },
  { t: 3_000_000, kind: 'eoi', device: 'lapic', address: 0xb0, value: 54 },
  { t: 3_100_000, kind: 'irq-lower', device: 'nic' },
  { t: 4_000_000, kind: 'timer-program', device: 'hpet', address: 0x108, value: 2_000_000 },
];
const LEDGER: readonly Row[] = [
  { t: 0, duration: 2_400_500, context: 'idle', path: 'idle', count: 1 },
  { t: 2_400_500, duration: 300_250, context: 'kernel:irq', path: 'stub/entry', count: 1 },
  { t: 2_700_750, duration: 299_250, context: 'kernel:irq', path: 'lapic/eoi', count: 2 },
  { t: 3_000_000, duration: 1_000_000, context: 'rump:isr', path: 'wm.intr', count: 1 },
];
const KERNEL: readonly Row[] = [
  { t: 2_400_500, operation: 'irq', entry: 'int_36', from_mode: 'idle', user: 2_400_500, duration: 599_500, instructions: 700, loads: 90, to_mode: 'user', from: 'idle', to: 'rump', path: 'a>b' },
  { t: 4_000_000, operation: 'send', entry: 'syscall', from_mode: 'user', user: 1_000_000, duration: 10_000, instructions: 20, to_mode: 'idle', from: 'rump', to: 'idle', path: 'c' },
];
const WIRE: readonly Row[] = [
  { t: 900_000, kind: 'rx-data', direction: 0, bytes: 1514, seq: 1448, payload: 1448 },
  { t: 3_500_000, kind: 'tx-ack', direction: 1, bytes: 66, ack: 2896 },
];

describe('traces of one run', () => {
  const { events, slices } = shown(memoryTrace('ledger', LEDGER), memoryTrace('kernel', KERNEL), memoryTrace('wire', WIRE), memoryTrace('hardware', HARDWARE));
  const on = (track: string): string[] => slices.filter((slice) => slice.track === track).map(({ name, t, duration }) => `${name} ${t}+${duration}`);

  test('each context of a processor is a track of slices; idle time is not drawn', () => {
    expect(on('cpu 0/kernel:irq')).toEqual(['stub/entry 2400+300', 'lapic/eoi 2700+300']);
    expect(on('cpu 0/rump:isr')).toEqual(['wm.intr 3000+1000']);
    expect(events.filter(({ track }) => track.endsWith('/idle'))).toEqual([]);
  });

  test('a slice says its exact length and how often its path ran', () => {
    expect(slices.filter(({ track }) => track === 'cpu 0/kernel:irq').map(({ said }) => said)).toEqual([{ ps: '300250' }, { ps: '299250', count: '2' }]);
  });

  test('kernel entries are slices with what was counted, and between them runs who was given the processor', () => {
    expect(on('kernel entries/kernel')).toEqual(['irq 2400+600', 'send 4000+10']);
    expect(on('kernel entries/outside the kernel')).toEqual(['rump 3000+1000']);
    expect(slices.find(({ name }) => name === 'irq')?.said).toEqual({ ps: '599500', instructions: '700', loads: '90', entry: 'int_36', path: 'a>b', from: 'idle', to: 'rump' });
  });

  test('devices have instants with address and value, timers slices from arming until expiry or the next arming', () => {
    const instants = events.filter(({ type, track }) => type === 'instant' && track.startsWith('devices/'));
    expect(instants.map(({ t, track, name }) => `${t} ${track} ${name}`)).toEqual(HARDWARE.map(({ t, device, kind }) => `${Math.floor(Number(t) / 1000)} devices/${device} ${kind}`));
    expect(instants[1]?.said).toEqual({ address: '0x3', value: '1514' });
    expect(on('devices/hpet timer')).toEqual(['armed 500+3500', 'armed 4000+2000']);
  });

  test('frames are instants on a track for each direction', () => {
    const instants = events.filter(({ type, track }) => type === 'instant' && track.startsWith('wire/'));
    expect(instants.map(({ t, track, name, said }) => [t, track, name, said['bytes'], said['ack']])).toEqual([[900, 'wire/in', 'rx-data', '1514', '0'], [3500, 'wire/out', 'tx-ack', '66', '2896']]);
  });

  test('an interrupt is one flow from its request to its end, through the handler', () => {
    const steps = events.filter(({ flow }) => flow !== '');
    expect(new Set(steps.map(({ flow }) => flow)).size).toBe(1);
    expect(steps.map(({ name }) => name)).toEqual(['irq-raise', 'msi', 'irq-deliver', 'irq', 'stub/entry', 'eoi']);
    expect(steps.map(({ last }) => last)).toEqual([false, false, false, false, false, true]);
  });

  test('counters say what came in a millisecond, and how many interrupts are on their way', () => {
    const counted = events.filter(({ type }) => type === 'counter').map(({ track, t, value }) => `${track} ${t} ${value.toFixed(4)}`).toSorted();
    // 300,250 + 299,250 + 1,000,000 ps of a millisecond are 0.15995 %.
    expect(counted).toEqual([
      'cpu 0/cpu 0 busy per ms 0 0.1600',
      'devices/frames received per ms 0 1.0000',
      'devices/interrupts outstanding 2000 1.0000',
      'devices/interrupts outstanding 3000 0.0000',
      'wire/bytes in per ms 0 1514.0000',
      'wire/bytes out per ms 0 66.0000',
    ]);
  });

  test('everything but the counters is in time order, whatever the order of the traces', () => {
    const drawn = events.filter(({ type }) => type !== 'counter').map(({ t }) => t);
    expect(drawn).toEqual(drawn.toSorted((a, b) => a - b));
    expect(drawn.length).toBeGreaterThan(HARDWARE.length + WIRE.length);
  });
});

describe('the ledger on a timeline', () => {
  test('slices never overlap and are nested only as the stack is, on random ledgers', () => {
    const row = fc.record({ duration: fc.nat(5000), gap: fc.constantFrom(0, 0, 0, 1, 1700), cpu: fc.nat(1), context: fc.nat(3), path: fc.constantFrom('a', 'a;b', 'a;b;c', 'a;d', 'x;b', 'a/b') });
    fc.assert(fc.property(fc.array(row, { maxLength: 40 }), fc.constantFrom(SIMULATED_CLOCK, { ...HOST_CLOCK, unit: 'cycles' as const, picoseconds: { numerator: 5000, denominator: 17 } }), (drawn, clock) => {
      const ends = [0, 0];
      const ratio = clock.picoseconds.numerator / clock.picoseconds.denominator / 1000;
      const rows = drawn.map(({ duration, gap, cpu, context, path }) => {
        const t = (ends[cpu] ?? 0) + gap;
        ends[cpu] = t + duration;
        return { t, duration, cpu, context: ['idle', 'p', 'q', 'r'][context] ?? '', path: context === 0 ? 'idle' : path, count: 1 };
      }).toSorted((a, b) => a.t - b.t);
      const { slices } = shown(memoryTrace('ledger', rows, clock));
      const nanoseconds = (t: number): number => Math.floor(t * ratio + 1e-9);
      const wanted = rows.filter(({ context }) => context !== 'idle').map(({ t, duration, cpu, context, path }) => `cpu ${cpu}/${context} ${path} ${nanoseconds(t)}..${nanoseconds(t + duration)}`);
      // The innermost slices are the rows, and what encloses each is its stack.
      const found: string[] = [];
      for (const leaf of slices.filter(({ said }) => said[clock.unit] !== undefined)) {
        const from = slices.indexOf(leaf);
        const stack = [leaf.name];
        for (let depth = leaf.depth - 1, i = from + 1; depth >= 0; i++) {
          const outer = slices[i];
          if (outer === undefined) throw new Error('an outer slice is missing');
          if (outer.track !== leaf.track || outer.depth !== depth) continue;
          expect(outer.t).toBeLessThanOrEqual(leaf.t);
          expect(outer.t + outer.duration).toBeGreaterThanOrEqual(leaf.t + leaf.duration);
          stack.unshift(outer.name);
          depth--;
        }
        found.push(`${leaf.track} ${stack.join(';')} ${leaf.t}..${leaf.t + leaf.duration}`);
      }
      expect(found.toSorted()).toEqual(wanted.toSorted());
    }));
  });

  test('what two stacks share stays open between them', () => {
    const rows = ['a;b;c', 'a;b;d', 'a;e'].map((path, i) => ({ t: i * 1000, duration: 1000, context: 'p', path, count: 1 }));
    const { slices } = shown(memoryTrace('ledger', rows, HOST_CLOCK));
    expect(slices.map(({ name, t, duration }) => `${name} ${t}+${duration}`)).toEqual(['c 0+1000', 'd 1000+1000', 'b 0+2000', 'e 2000+1000', 'a 0+3000']);
  });

  test('slices that overlap against the format are cut, and the file stays whole', () => {
    const rows = [[0, 5000], [2000, 1000], [2000, 9000]].map(([t = 0, duration = 0]) => ({ t, duration, context: 'p', path: 'a', count: 1 }));
    expect(shown(memoryTrace('ledger', rows, HOST_CLOCK)).slices.map(({ t, duration }) => `${t}+${duration}`)).toEqual(['0+2000', '2000+0', '2000+9000']);
    const entries = rows.map(({ t, duration }) => ({ t, duration, operation: 'send', to_mode: 'user', to: 'p' }));
    expect(shown(memoryTrace('kernel', entries, HOST_CLOCK)).slices.filter(({ name }) => name === 'send').map(({ t, duration }) => `${t}+${duration}`)).toEqual(['0+2000', '2000+0', '2000+9000']);
  });

  test('busy time per millisecond adds up to the busy time, over windows that are full, empty or shared', () => {
    const millisecond = 1e9;
    const rows = [[0.25, 0.5], [0.75, 0.5], [2, 4.5], [9.5, 0.25]].map(([t = 0, duration = 0]) => ({ t: t * millisecond, duration: duration * millisecond, context: 'p', path: 'a', count: 1 }));
    const { events } = shown(memoryTrace('ledger', rows));
    const counted = events.filter(({ type }) => type === 'counter').map(({ t, value }) => [t / 1e6, value]);
    expect(counted).toEqual([[0, 75], [1, 25], [2, 100], [6, 50], [7, 0], [9, 25]]);
  });
});

describe('several traces', () => {
  test('are aligned by their origins', () => {
    const at = (origin: string, t: number): MemoryTrace => memoryTrace('wire', [{ t, kind: 'rx-data', bytes: 60 }], { ...HOST_CLOCK, origin });
    const { events } = shown(at('1700000000000000500', 7), at('1700000000000000100', 9));
    expect(events.filter(({ type }) => type === 'instant').map(({ t, track }) => `${t} ${track}`)).toEqual(['9 wire (wire.arrow)/in', '407 wire (wire.arrow)/in']);
  });

  test('of one emulated machine share an axis, whether they count instructions or nanoseconds', () => {
    const virtual = (unit: 'ns' | 'instructions', length: number, origin: string): TraceClock => ({ domain: 'virtual', unit, picoseconds: { numerator: length, denominator: 1 }, origin, originMeaning: 'power-on' });
    const wire = memoryTrace('wire', [{ t: 1000, kind: 'rx-data', bytes: 60 }], virtual('ns', 1000, '5000'));
    const hardware = memoryTrace('hardware', [{ t: 10, kind: 'timer-program', device: 'hpet', address: 264, value: 25 }, { t: 60, kind: 'irq-raise', device: 'nic' }], virtual('instructions', 4000, '1500'));
    const { events, slices } = shown(wire, hardware);
    expect(events.filter(({ type }) => type === 'instant').map(({ t, track }) => `${t} ${track}`)).toEqual(['1000 wire/in', '1040 devices/hpet', '1240 devices/nic']);
    expect(slices.filter(({ name }) => name === 'armed').map(({ t, duration }) => [t, duration])).toEqual([[1040, 100]]);
  });

  test('of two clocks are refused', () => {
    const message = refusal(() => exported(perfetto, memoryTrace('wire', []), memoryTrace('hardware', [], HOST_CLOCK)));
    expect(message).toBe('hardware.arrow: metadata: its clock is host time in ns, that of wire.arrow simulated time in ps; export traces of one run together, others alone');
  });

  test('none of which has a row give a trace without events', () => {
    expect(shown(memoryTrace('ledger', []), memoryTrace('hardware', [])).events).toEqual([]);
  });
});
