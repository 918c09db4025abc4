import { describe, expect, test } from 'vitest';
import { PIN_LAPIC } from '../../src/hw/core.ts';
import { IoApicRoute, LocalApicEnd, MsiRoute, PicRoute } from '../../src/hw/interrupt-route.ts';
import { IoApic } from '../../src/hw/ioapic.ts';
import { LocalApic } from '../../src/hw/local-apic.ts';
import { PortIo } from '../../src/hw/port-io.ts';
import { Bench } from './bench.ts';

/** Register accesses of costs.md 5d, as `in port`, `out port=value`. */
class PicRouteBench extends Bench {
  readonly log: string[] = [];
  readonly ports = new PortIo(this.core, this.counters);
  readonly masks = new Map([[0x21, 0b0000_0001], [0xa1, 0b1000_0000]]);

  constructor() {
    super();
    this.ports.attach({
      name: 'pic',
      ports: [0x20, 0x21, 0xa0, 0xa1],
      readPort: (port) => {
        this.log.push(`in ${port.toString(16)}`);
        return this.masks.get(port) ?? 0;
      },
      writePort: (port, value) => {
        this.log.push(`out ${port.toString(16)}=${value.toString(2)}`);
        this.masks.set(port, value);
      },
    }, this.paths);
    this.core.powerOn();
  }
}

describe('a PIC input', () => {
  test.each([
    [11, 'a1', '10001000', '10000000', ['out a0=100000', 'out 20=100000']],
    [5, '21', '100001', '1', ['out 20=100000']],
  ])('%i: masks and unmasks by reading and writing its chip, ends every chip it came through', (irq, port, masked, unmasked, ends) => {
    const bench = new PicRouteBench();
    const route = new PicRoute(bench.ports, irq);
    route.mask();
    expect(bench.log.splice(0)).toEqual([`in ${port}`, `out ${port}=${masked}`]);
    route.endOfInterrupt();
    expect(bench.log.splice(0)).toEqual(ends);
    route.unmask();
    expect(bench.log.splice(0)).toEqual([`in ${port}`, `out ${port}=${unmasked}`]);
  });

  test.each([[11, 2, 4], [0, 2, 3]])('%i: %i INs and %i OUTs from entry to acknowledgement', (irq, ins, outs) => {
    const bench = new PicRouteBench();
    const route = new PicRoute(bench.ports, irq);
    route.mask();
    route.endOfInterrupt();
    route.unmask();
    expect([bench.count('port.read'), bench.count('port.write')]).toEqual([ins, outs]);
    expect(bench.core.now).toBe(ins * 11_000 + outs * 12_000);
  });
});

class ApicRouteBench extends Bench {
  readonly context = this.core.defineContext('kernel');
  readonly apic = new LocalApic(this.core, this.simulator);
  readonly ioapic = new IoApic(this.apic);
  readonly end = new LocalApicEnd(this.core, this.apic, this.counters, this.paths);

  get requested(): boolean {
    return (this.core.interruptRequest & PIN_LAPIC) !== 0;
  }
}

test('an I/O APIC input: two writes to mask, two to unmask, one on the die to end; nothing is read', () => {
  const bench = new ApicRouteBench();
  const route = new IoApicRoute(bench.core, bench.ioapic, bench.end, bench.counters, bench.paths, 16);
  bench.core.powerOn();
  bench.ioapic.route(16, 54);
  bench.ioapic.setLine(16, true);
  bench.apic.acknowledge();

  route.mask();
  expect([bench.count('mmio.ioapic.write'), bench.account('kernel', 'mmio/ioapic/write')]).toEqual([2, 82_000]);
  route.endOfInterrupt();
  expect([bench.count('mmio.lapic.write'), bench.account('kernel', 'mmio/lapic/eoi')]).toEqual([1, 51_000]);
  expect(bench.requested).toBe(false);
  route.unmask();
  expect([bench.count('mmio.ioapic.write'), bench.account('kernel', 'mmio/ioapic/write')]).toEqual([4, 164_000]);
  // The line is still high, so the end of its mask is a new message.
  expect(bench.requested).toBe(true);
  expect(bench.core.now).toBe(164_000 + 51_000);
});

test('a message: cannot be masked, ends with one write on the die', () => {
  const bench = new ApicRouteBench();
  const route = new MsiRoute(bench.end);
  bench.core.powerOn();
  bench.apic.accept(54);
  bench.apic.acknowledge();
  route.mask();
  expect(bench.core.now).toBe(0);
  bench.apic.accept(54);
  route.endOfInterrupt();
  expect(bench.requested).toBe(true);
  route.unmask();
  expect(bench.core.now).toBe(51_000);
  expect(bench.count('mmio.lapic.write')).toBe(1);
});

test('the write that ends an interrupt has taken effect when its time has been paid, not before', () => {
  const bench = new ApicRouteBench();
  bench.core.powerOn();
  bench.apic.accept(54);
  bench.apic.acknowledge();
  bench.apic.accept(54);
  bench.at(50_999, () => expect(bench.requested).toBe(false));
  bench.end.write();
  expect(bench.requested).toBe(true);
});
