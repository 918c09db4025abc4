import { describe, expect, test } from 'vitest';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { type InterruptCost, interruptCost } from '../../src/study/interrupt-cost.ts';
import { SYSTEMS } from '../../src/study/system.ts';

function of(name: string): InterruptCost {
  const system = SYSTEMS.find((candidate) => candidate.name === name);
  const cost = system === undefined ? null : interruptCost(system, defaultCosts());
  if (cost === null) throw new Error(`${name} shows no interrupt`);
  return cost;
}

/** The calls of one NIC interrupt while idle and of the idle entry after it (Rumprun's seL4 platform at 582c0b5, seL4 6.0.0). */
const CALLS = { 'kernel.irq-deliver': 1, 'kernel.irq-ack': 1, 'kernel.send': 1, 'kernel.recv': 2, 'timer.programmed': 1, 'mmio.nic.read': 2, 'mmio.nic.write': 1 };

describe('one NIC interrupt with one frame, from idle to idle', () => {
  test('PIC: 1 IN and 3 OUT at entry, 1 IN and 1 OUT at the acknowledgement, 3 OUT through the kernel for the PIT', () => {
    expect(of('sel4-pic').counters).toMatchObject({ ...CALLS, 'kernel.ioport': 3, 'port.read': 2, 'port.write': 7 });
  });

  test('IOAPIC: 2 writes at entry and 2 at the acknowledgement, 6 reads and 2 writes of the HPET, no port', () => {
    const { counters } = of('sel4-ioapic');
    expect(counters).toMatchObject({ ...CALLS, 'mmio.ioapic.write': 4, 'mmio.lapic.write': 1, 'mmio.hpet.read': 6, 'mmio.hpet.write': 2 });
    expect(counters).not.toHaveProperty(['port.write']);
  });

  test('MSI: nothing but the end of interrupt', () => {
    const { counters } = of('sel4-msi');
    expect(counters).toMatchObject({ ...CALLS, 'mmio.lapic.write': 1, 'mmio.hpet.read': 6, 'mmio.hpet.write': 2 });
    expect(counters).not.toHaveProperty(['mmio.ioapic.write']);
  });

  test('bare metal: 2 OUT to the PIC, 2 OUT to the PIT, no kernel', () => {
    const { counters, paths } = of('bmk');
    expect(counters).toMatchObject({ 'port.write': 4, 'timer.programmed': 1, 'mmio.nic.read': 2 });
    expect(paths.filter(({ context }) => context.startsWith('kernel:'))).toEqual([]);
  });

  test.each(SYSTEMS.map(({ name }) => name))('%s: the paths add up', (name) => {
    const { paths, cycles } = of(name);
    expect(paths.reduce((sum, use) => sum + use.cycles, 0)).toBeCloseTo(cycles, 6);
  });

  test.each(['sel4-pic', 'sel4-ioapic', 'sel4-msi'])('%s: a frame executes the instructions of the table', (name) => {
    const { paths } = of(name);
    const rxFrame = paths.find(({ path }) => path === 'wm.rx-frame');
    const costs = defaultCosts();
    const counted = ['driver', 'stack', 'sched'].reduce((sum, group) => sum + costs.value(`insn.wm.rx-frame.${group}`), 0);
    expect(rxFrame).toMatchObject({ times: 1, instructions: counted });
  });
});
