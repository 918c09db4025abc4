import { describe, expect, test } from 'vitest';
import type { ControllerKind } from '../../src/hw/interrupt-route.ts';
import { interruptCost } from '../../src/study/interrupt-cost.ts';
import { Bill } from '../../src/study/price/bill.ts';
import { SEL4_ACCESSES, TIMER_ACCESSES } from '../../src/study/price/controllers.ts';
import { priceRecorded } from '../../src/study/price/priced-trace.ts';
import { readRecorded } from '../../src/study/price/read-recorded.ts';
import { substitute } from '../../src/study/price/substitute.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { SYSTEMS } from '../../src/study/system.ts';
import { UserError } from '../../src/study/user-error.ts';
import { TRACE_FORMATS, type TraceKind } from '../../src/trace/format.ts';
import { MemorySink } from '../../src/trace/memory-sink.ts';
import type { TraceOrigin } from '../../src/trace/metadata.ts';
import type { TraceSource } from '../../src/trace/source.ts';

const ICOUNT: TraceOrigin = {
  clock: { domain: 'virtual', unit: 'instructions', picoseconds: { numerator: 4000, denominator: 1 }, origin: '0', originMeaning: 'power-on' },
  loop: 'open', producer: { name: 'test', version: '1' }, recorded: { command: 'test', scenario: null },
};

/** A trace from rows as objects; what a row leaves out is 0, or the empty name. */
function trace(kind: TraceKind, rows: readonly Readonly<Record<string, number | string | undefined>>[]): TraceSource {
  const sink = new MemorySink('test.arrow', kind, ICOUNT);
  const { columns } = TRACE_FORMATS[kind];
  for (const values of rows) {
    const row = sink.row(Number(values['t'] ?? 0));
    columns.forEach(({ name, type }, place) => {
      if (name === 't') return;
      sink.columns[place]![row] = type === 'dictionary' ? sink.code(name, String(values[name] ?? '')) : Number(values[name] ?? 0);
    });
  }
  return sink.complete().open();
}

/** n interrupts through the I/O APIC, each acknowledged, with 1,000 instructions of Rumprun before each. */
function interrupts(n: number): TraceSource {
  return trace('kernel', Array.from({ length: n }, (_, i) => [
    { t: 10_000 * i + 1000, operation: 'irq_3b', from_mode: 'idle', user: 1000, duration: 464, instructions: 464, mmio: 3, cr3: 1, from: 'root:count_idle' },
    { t: 10_000 * i + 3000, operation: 'IRQHandlerAck', from_mode: 'user', user: 1536, duration: 542, instructions: 542, mmio: 2, from: 'rump:doisr' },
  ]).flat());
}

const costs = defaultCosts();
const nanoseconds = (cycles: number): number => (cycles * 1e3) / costs.value('cpu.frequency');

describe('a bill', () => {
  test('prices instructions, cycles and nanoseconds, and keeps the ends of their ranges', () => {
    const bill = new Bill();
    bill.enter('a', 2);
    bill.execute('a', 'kernel', 1000);
    bill.spend('a', 'cr3.write', 2);
    bill.spend('a', 'pic.in', 3);
    const [line] = bill.price(costs);
    const expected = nanoseconds(1000 * costs.value('cpi.kernel') + 2 * costs.value('cr3.write')) + 3 * costs.value('pic.in');
    expect(line?.value).toBeCloseTo(expected / 1e6, 12);
    const low = ((1000 * costs.row('cpi.kernel').low + 2 * costs.row('cr3.write').low) * 1e3) / costs.row('cpu.frequency').high + 3 * costs.row('pic.in').low;
    expect(line?.low).toBeCloseTo(low / 1e6, 12);
    expect(line!.high).toBeGreaterThan(line!.value);
  });

  test('adding and taking out the same is nothing', () => {
    const bill = new Bill();
    bill.execute('a', 'stack', 12_345);
    bill.execute('a', 'stack', -12_345);
    expect(bill.price(costs)[0]?.value).toBe(0);
  });
});

describe('a recorded kernel trace', () => {
  test('is an account an operation, and the user code between them', () => {
    const run = readRecorded([interrupts(50)]);
    expect(run).toMatchObject({ controller: 'ioapic', nicOperation: 'irq_3b', nicInterrupts: 50 });
    const { lines } = priceRecorded(run, costs);
    const irq = lines.find(({ account }) => account === 'irq_3b');
    expect(irq?.count).toBe(50);
    const stub = costs.value('insn.sel4.stub');
    const cycles = (464 - stub) * costs.value('cpi.kernel') + costs.value('cr3.write') + costs.value('sel4.interrupt.entry') + costs.value('sel4.interrupt.exit') + costs.value('lapic.eoi');
    expect(irq?.value).toBeCloseTo((50 * (nanoseconds(cycles) + 2 * costs.value('ioapic.write'))) / 1e6, 9);
    expect(lines.find(({ account }) => account === 'user code: rump')?.instructions).toBeCloseTo(50 * 1536, 6);
  });

  test('through messages needs no acknowledgement and no I/O APIC', () => {
    const run = readRecorded([interrupts(50)]);
    const changed = substitute(run, { controller: 'msi' }, costs);
    // Nothing of the calls is left, whatever their recorded instructions were.
    expect(priceRecorded(changed, costs).lines.map(({ account }) => account)).not.toContain('IRQHandlerAck');
    expect(changed.bill.amount('irq_3b', 'ioapic.write')).toBe(0);
    expect(changed.bill.amount('irq_3b', 'lapic.eoi')).toBe(50);
    expect(priceRecorded(changed, costs).total.value).toBeLessThan(priceRecorded(run, costs).total.value);
    expect(run.bill.amount('irq_3b', 'ioapic.write')).toBe(100);
  });

  test('through the PIC costs its port accesses', () => {
    const run = readRecorded([interrupts(50)]);
    const changed = substitute(run, { controller: 'pic' }, costs);
    expect(changed.bill.amount('irq_3b', 'pic.out')).toBe(150);
    expect(changed.bill.amount('IRQHandlerAck', 'pic.out')).toBe(50);
    expect(changed.bill.amount('IRQHandlerAck', 'ioapic.write')).toBe(0);
  });

  test('other interrupts keep their acknowledgements', () => {
    const more = readRecorded([trace('kernel', [
      { t: 0, operation: 'irq_3b', from_mode: 'idle', duration: 464, instructions: 464, mmio: 3 },
      { t: 1000, operation: 'IRQHandlerAck', from_mode: 'user', duration: 542, instructions: 542, mmio: 2 },
      { t: 2000, operation: 'IRQHandlerAck', from_mode: 'user', duration: 542, instructions: 542, mmio: 2 },
    ])]);
    const before = priceRecorded(more, costs).lines.find(({ account }) => account === 'IRQHandlerAck');
    const after = priceRecorded(substitute(more, { controller: 'msi' }, costs), costs).lines.find(({ account }) => account === 'IRQHandlerAck');
    expect(after?.count).toBe(1);
    expect(after?.value).toBeCloseTo(before!.value / 2, 12);
  });

  test('the controller it has changes nothing', () => {
    const run = readRecorded([interrupts(5)]);
    expect(substitute(run, { controller: 'ioapic' }, costs)).toBe(run);
  });

  test('another timer cannot be priced when no programming is seen', () => {
    expect(() => substitute(readRecorded([interrupts(5)]), { timer: 'pit' }, costs)).toThrow(UserError);
  });
});

describe('a kernel and a hardware trace', () => {
  const kernel = (): TraceSource => trace('kernel', [0, 1, 2].map((i) => ({ t: 1_000_000 * i + 500, operation: 'irq_3b', from_mode: 'user', user: 500, duration: 500, instructions: 500, from: 'rump:doisr' })));
  const hardware = (length: number): TraceSource => trace('hardware', [{ t: 0, kind: 'mmio-read', device: 'nic', address: 0xc0 }, { t: length, kind: 'mmio-read', device: 'nic', address: 0xc0 }]);

  test('of one run add up; of different lengths they are told apart', () => {
    const run = readRecorded([kernel(), hardware(2_000_000)]);
    expect(run.bill.count('device: nic')).toBe(2);
    expect(run.notes.join()).not.toContain('s long');
    expect(readRecorded([hardware(3_000_000), kernel()]).notes.join()).toContain('the kernel trace is 0.008 s long, the hardware trace 0.012 s');
  });
});

describe('a recorded hardware trace', () => {
  test('counts a programming once, however many writes it takes', () => {
    const write = (t: number): Record<string, number | string> => ({ t, kind: 'mmio-write', device: 'hpet', address: 0x108 });
    const program = (t: number): Record<string, number | string> => ({ t, kind: 'timer-program', device: 'hpet', address: 0x108 });
    expect(readRecorded([trace('hardware', [write(1), program(1), write(2), write(5), program(5), write(6)])]).programmings).toBe(2);
    expect(readRecorded([trace('hardware', [write(1), { ...write(1), address: 0x10c }, write(5), { ...write(5), address: 0x10c }])]).programmings).toBe(2);
    const byte = (t: number): Record<string, number | string> => ({ t, kind: 'port-write', device: 'pit', address: 0x40 });
    expect(readRecorded([trace('hardware', [byte(1), byte(2), byte(3), byte(4), byte(5)])]).programmings).toBe(2);
  });

  const accesses = (): TraceSource => trace('hardware', [
    { t: 0, kind: 'irq-deliver', device: 'lapic', value: 59 },
    { t: 10, kind: 'mmio-write', device: 'ioapic', address: 0 },
    { t: 20, kind: 'mmio-write', device: 'ioapic', address: 16 },
    { t: 30, kind: 'mmio-write', device: 'lapic', address: 0xb0 },
    { t: 40, kind: 'mmio-read', device: 'nic', address: 0xc0 },
    { t: 50, kind: 'mmio-write', device: 'hpet', address: 0x108 },
    { t: 60, kind: 'mmio-read', device: 'serial', address: 5 },
  ]);

  test('is an account a device; what has no cost is told', () => {
    const run = readRecorded([accesses()]);
    expect(run.bill.amount('device: nic', 'nic.mmio.read')).toBe(1);
    expect(run.notes.join('\n')).toContain('serial mmio-read (1)');
    expect(run).toMatchObject({ controller: 'ioapic', timer: 'hpet', programmings: 1 });
  });

  test('with ports instead of the HPET', () => {
    const changed = substitute(readRecorded([accesses()]), { timer: 'pit' }, costs);
    expect(changed.bill.names).not.toContain('device: hpet');
    expect(changed.bill.amount('device: pit', 'pit.out')).toBe(3);
  });

  test('beside the kernel trace of its run gives the accesses of user code only', () => {
    const run = readRecorded([interrupts(1), accesses()]);
    expect(run.bill.names).toContain('device: nic');
    expect(run.bill.names).not.toContain('device: ioapic');
  });
});

test.each([
  ['a wire trace', () => [trace('wire', [])]],
  ['two kernel traces', () => [interrupts(1), interrupts(1)]],
  ['nothing', () => []],
])('%s cannot be priced', (_what, traces) => {
  expect(() => readRecorded(traces())).toThrow(UserError);
});

/** The register accesses that a substitution charges are those that the model's own devices are given. */
describe('an interrupt and the idle entry after it', () => {
  const counters = (name: string): Readonly<Record<string, number>> => interruptCost(SYSTEMS.find((system) => system.name === name)!, costs)!.counters;
  const accesses = (controller: ControllerKind, cost: string): number => (SEL4_ACCESSES[controller].deliver[cost] ?? 0) + (SEL4_ACCESSES[controller].acknowledge[cost] ?? 0);

  test('PIC and PIT', () => {
    const { 'port.read': reads, 'port.write': writes } = counters('sel4-pic');
    expect(reads).toBe(accesses('pic', 'pic.in'));
    expect(writes).toBe(accesses('pic', 'pic.out') + TIMER_ACCESSES.pit['pit.out']);
  });

  test.each(['ioapic', 'msi'] as const)('%s and HPET', (controller) => {
    const found = counters(`sel4-${controller}`);
    expect(found['mmio.ioapic.write'] ?? 0).toBe(accesses(controller, 'ioapic.write'));
    expect(found['mmio.lapic.write']).toBe(accesses(controller, 'lapic.eoi'));
    expect(found['mmio.hpet.read']).toBe(TIMER_ACCESSES.hpet['hpet.read']);
    expect(found['mmio.hpet.write']).toBe(TIMER_ACCESSES.hpet['hpet.write']);
  });
});
