import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ENTRY_NAMES } from '../../src/kernel/sel4/tally.ts';
import { type RecordedInput, simulateRecording } from '../../src/study/icount.ts';

const FULL = 1460;
const MS = 1e6;

function input(times: readonly number[], settings: Partial<RecordedInput> = {}): RecordedInput {
  const column = (value: (index: number) => number): Float64Array => Float64Array.from(times, (_, index) => value(index));
  return {
    controller: 'ioapic', timer: 'hpet', nsPerInstruction: 4, itr: 0, descriptors: 4096, receiveBuffer: 32768,
    window: { from: 0, to: (times.at(-1) ?? 0) + 4 * MS },
    frames: { t: column((i) => times[i] ?? 0), bytes: column(() => FULL + 54), payload: column(() => FULL), offset: column((i) => i * FULL) },
    ...settings,
  };
}

/** Kernel entries in order, with the time in ns at which each began. */
function entriesOf(from: RecordedInput): readonly { readonly at: number; readonly name: string; readonly instructions: number }[] {
  const found: { at: number; name: string; instructions: number }[] = [];
  simulateRecording(from, ({ core, tally }) => {
    if (tally === undefined) throw new Error('no tally');
    const add = tally.add.bind(tally);
    tally.add = (name, ticks) => {
      found.push({ at: (core.now - ticks) / 1e3, name: ENTRY_NAMES[name] ?? '', instructions: ticks / 4000 });
      add(name, ticks);
    };
  });
  return found;
}

/** Frames `gap` ns apart in bursts of `size`. */
function bursts(count: number, size: number, gap: number): number[] {
  return Array.from({ length: count * size }, (_, index) => MS + Math.floor(index / size) * gap);
}

describe('single frames at 40 Mb/s against a recording', () => {
  const golden = z.object({ framesNs: z.array(z.number()), entries: z.array(z.tuple([z.number(), z.string(), z.number()])) })
    .parse(JSON.parse(readFileSync(new URL('../golden/sel4-2023-ioapic.json', import.meta.url), 'utf8')));
  const LEAD = 5 * MS;
  /** The first three frames bring the system to where the recorded one was. */
  const FROM = (golden.framesNs[3] ?? 0) - 5000;
  const recorded = golden.entries.filter(([at]) => at >= FROM);
  /** A phase of the clocks that puts no timer interrupt between the frames. */
  const found = [1, 2, 3, 4, 5, 6, 7, 8]
    .map((seed) => entriesOf(input(golden.framesNs.map((ns) => ns + LEAD), { seed })).filter(({ at, name }) => at >= LEAD + FROM && name !== 'tick'))
    .find((entries) => entries.slice(0, recorded.length).every(({ name }) => name !== 'irq_timer' && name !== 'nested_rest'));
  const compared = (found ?? []).slice(0, recorded.length);

  test('the kernel is entered for the same operations in the same order: interrupt, idle entry, timer call', () => {
    expect(compared.map(({ name }) => name)).toEqual(recorded.map(([, name]) => name));
  });

  test('at the same times, to 1.5 us over 3.5 ms', () => {
    expect(Math.max(...compared.map(({ at }, index) => Math.abs(at - LEAD - (recorded[index]?.[0] ?? 0))))).toBeLessThan(1500);
  });

  test('and executes as many instructions in each, to 1 %', () => {
    for (const [index, { instructions }] of compared.entries()) expect(instructions / (recorded[index]?.[2] ?? 0)).toBeCloseTo(1, 2);
  });
});

describe('the emulated NIC', () => {
  test('interrupts at most every 128 us, although the driver asks for no throttle', () => {
    const at = entriesOf(input(bursts(100, 1, 90_000))).filter(({ name }) => name === 'irq_nic').map(({ at }) => at);
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(at.length).toBeGreaterThan(20);
    expect(Math.min(...gaps)).toBeGreaterThan(120_000);
  });

  test('with a line: one interrupt for a burst\'s frames, two for what is sent for it; the line stays masked while they are processed', () => {
    const { entries } = simulateRecording(input(bursts(10, 30, 5 * MS), { itr: 1500, descriptors: 256, receiveBuffer: 65536 }));
    expect(entries.irq_nic.entries).toBe(30);
    expect(entries.IRQHandlerAck.entries).toBe(30 + entries.irq_timer.entries);
  });

  test('with messages: one comes again every 384 us until ICR is read, and nothing is acknowledged', () => {
    const from = input(bursts(10, 30, 5 * MS), { itr: 1500, descriptors: 256, receiveBuffer: 65536, controller: 'msi' });
    const { entries, counters } = simulateRecording(from);
    // 43,800 bytes take 1.9 ms: three or four messages more a burst than a line gives.
    expect(entries.irq_nic.entries).toBeGreaterThanOrEqual(55);
    expect(entries.irq_nic.entries).toBeLessThanOrEqual(70);
    expect(entries.IRQHandlerAck.entries).toBe(entries.irq_timer.entries);
    expect(counters['mmio.nic.read']).toBe(60);
  });
});

describe('every instruction of the window', () => {
  test.each([['ioapic', 'hpet'], ['pic', 'pit'], ['msi', 'hpet']] as const)('is the kernel\'s, rump\'s, the root task\'s or idle: %s, %s', (controller, timer) => {
    const { busyShare, kernelInstructions, rumpInstructions, rootInstructions, seconds, entries, counters } = simulateRecording(input(bursts(40, 3, MS), { controller, timer }));
    expect((kernelInstructions + rumpInstructions + rootInstructions) / (seconds / 4e-9)).toBeCloseTo(busyShare, 9);
    const named = Object.values(entries).reduce((sum, { instructions }) => sum + instructions, 0);
    expect(named / kernelInstructions).toBeCloseTo(1, 9);
    expect(counters['frames.in']).toBe(120);
  });

  test('with the PIT, each port write of the root task costs a capability made and one deleted', () => {
    const { entries, counters } = simulateRecording(input(bursts(40, 3, MS), { controller: 'pic', timer: 'pit' }));
    expect(entries.IOPort.entries).toBeGreaterThan(0);
    expect(entries.IOPortControl_Issue.entries).toBe(entries.IOPort.entries);
    expect(entries.CNode_Delete.entries).toBe(entries.IOPort.entries);
    // Mask, two ends of interrupt and unmask for the NIC; mask, one end and unmask for the timer; the kernel's own tick ends at the local APIC.
    const nic = entries.irq_nic.entries;
    const rest = entries.irq_timer.entries;
    expect(counters['port.write']).toBe(4 * nic + 3 * rest + entries.IOPort.entries);
  });
});

test('a piece given replaces the published one', () => {
  const plain = simulateRecording(input(bursts(10, 1, MS)));
  const dear = simulateRecording(input(bursts(10, 1, MS), { pieces: { 'kernel.Signal.ready': 1754 } }));
  expect(dear.kernelInstructions - plain.kernelInstructions).toBeCloseTo(1000 * plain.entries.Signal.entries, -3);
});
