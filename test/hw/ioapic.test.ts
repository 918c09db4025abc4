import { describe, expect, test } from 'vitest';
import { PIN_LAPIC } from '../../src/hw/core.ts';
import { IoApic } from '../../src/hw/ioapic.ts';
import { LocalApic } from '../../src/hw/local-apic.ts';
import { Bench } from './bench.ts';

const PIN = 16;
const VECTOR = 54;

class IoApicBench extends Bench {
  readonly apic = new LocalApic(this.core, this.simulator);
  readonly ioapic = new IoApic(this.apic);
  /** Messages sent to the local APIC. */
  readonly messages: number[] = [];

  constructor() {
    super();
    const accept = this.apic.accept.bind(this.apic);
    this.apic.accept = (vector) => {
      this.messages.push(vector);
      accept(vector);
    };
    this.ioapic.route(PIN, VECTOR);
  }

  serve(): void {
    if ((this.core.interruptRequest & PIN_LAPIC) === 0) throw new Error('nothing is requested');
    this.apic.acknowledge();
  }
}

describe('a level input', () => {
  test('is one message an assertion', () => {
    const bench = new IoApicBench();
    bench.ioapic.setLine(PIN, true);
    bench.ioapic.setLine(PIN, true);
    expect(bench.messages).toEqual([VECTOR]);
  });

  test('is held back by the remote IRR until its end of interrupt, and is sent again if it is still high then', () => {
    const bench = new IoApicBench();
    bench.ioapic.setLine(PIN, true);
    bench.serve();
    bench.ioapic.setLine(PIN, false);
    bench.ioapic.setLine(PIN, true);
    expect(bench.messages).toHaveLength(1);
    bench.apic.endOfInterrupt();
    expect(bench.messages).toHaveLength(2);
    bench.serve();
    bench.ioapic.setLine(PIN, false);
    bench.apic.endOfInterrupt();
    expect(bench.messages).toHaveLength(2);
    bench.ioapic.setLine(PIN, true);
    expect(bench.messages).toHaveLength(3);
  });

  test('masked before the end of interrupt stays silent until it is unmasked: seL4 between entry and acknowledgement', () => {
    const bench = new IoApicBench();
    bench.ioapic.setLine(PIN, true);
    bench.serve();
    bench.ioapic.setMask(PIN, true);
    bench.apic.endOfInterrupt();
    expect(bench.messages).toHaveLength(1);
    bench.ioapic.setLine(PIN, false);
    bench.ioapic.setLine(PIN, true);
    expect(bench.messages).toHaveLength(1);
    bench.ioapic.setMask(PIN, false);
    expect(bench.messages).toHaveLength(2);
  });

  test('that went low before it was unmasked is forgotten', () => {
    const bench = new IoApicBench();
    bench.ioapic.setMask(PIN, true);
    bench.ioapic.setLine(PIN, true);
    bench.ioapic.setLine(PIN, false);
    bench.ioapic.setMask(PIN, false);
    expect(bench.messages).toEqual([]);
  });

  test('is masked until it is routed', () => {
    const bench = new IoApicBench();
    bench.ioapic.setLine(2, true);
    expect(bench.messages).toEqual([]);
    bench.ioapic.route(2, 80);
    expect(bench.messages).toEqual([80]);
  });
});

test('inputs are independent: the end of one vector does not touch the other', () => {
  const bench = new IoApicBench();
  bench.ioapic.route(2, 80);
  bench.ioapic.setLine(PIN, true);
  bench.serve();
  bench.ioapic.setLine(2, true);
  bench.serve();
  bench.apic.endOfInterrupt();
  expect(bench.messages).toEqual([VECTOR, 80, 80]);
  bench.ioapic.setMask(2, true);
  bench.apic.acknowledge();
  bench.apic.endOfInterrupt();
  bench.apic.endOfInterrupt();
  expect(bench.messages).toEqual([VECTOR, 80, 80, VECTOR]);
});
