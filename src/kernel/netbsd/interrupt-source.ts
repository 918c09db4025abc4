import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { IoApic } from '../../hw/ioapic.ts';
import { IOREGSEL, IOWIN, type LocalApicEnd, MASKED } from '../../hw/interrupt-route.ts';
import { type PathTable, spend } from '../../hw/path.ts';
import { PIC_EOI, PIC_MASTER_COMMAND, PIC_MASTER_DATA, PIC_SLAVE_COMMAND, PIC_SLAVE_DATA } from '../../hw/pic.ts';
import type { PortIo } from '../../hw/port-io.ts';
import { ProbeEvent } from '../../hw/probe.ts';

/** A device's interrupt as the stubs of vector.S handle it (INTRSTUB, 242-321 at src-netbsd b8b951e9). Each access pays for itself in the context it is made in. */
export interface InterruptSource {
  /** PIC input or APIC vector. */
  readonly number: number;
  /** Before the level is looked at: mask and early acknowledgement. */
  begin(): void;
  /** That is nothing. */
  readonly beginsWithNothing: boolean;
  /** The level keeps it out: level mask and late acknowledgement. */
  hold(): void;
  /** The handlers have run. `resumed`: it had been held. */
  end(resumed: boolean): void;
}

/**
 * An input of the 8259 pair: masked and ended at once, unmasked after the handlers. The mask is kept in memory, so each is one OUT; the end of interrupt is one a chip
 * (sys/arch/i386/include/i8259.h, i8259_asm_mask, i8259_asm_ack2, i8259_asm_unmask).
 */
export class PicSource implements InterruptSource {
  readonly beginsWithNothing = false;
  readonly number: number;
  private readonly ports: PortIo;
  private readonly data: number;
  private readonly bit: number;

  constructor(ports: PortIo, irq: number) {
    this.number = irq;
    this.ports = ports;
    this.data = irq >= 8 ? PIC_SLAVE_DATA : PIC_MASTER_DATA;
    this.bit = 1 << (irq & 7);
  }

  begin(): void {
    this.ports.out8(this.data, this.bit);
    if (this.number >= 8) this.ports.out8(PIC_SLAVE_COMMAND, PIC_EOI);
    this.ports.out8(PIC_MASTER_COMMAND, PIC_EOI);
  }

  hold(): void {}

  end(): void {
    this.ports.out8(this.data, 0);
  }
}

/**
 * A level-triggered I/O APIC input: in service until the handlers have run, then ended; the entry is masked only while the interrupt is held, by a register select, a read and
 * a write (sys/arch/i386/include/i82093reg.h 33-70, ioapic_mask and ioapic_unmask; the end of interrupt is repeated when it is resumed).
 */
export class IoApicSource implements InterruptSource {
  readonly beginsWithNothing = true;
  readonly number: number;
  private readonly core: Core;
  private readonly ioapic: IoApic;
  private readonly last: LocalApicEnd;
  private readonly counters: Counters;
  private readonly pin: number;
  private readonly access: number;
  private readonly writes: number;
  private readonly reads: number;

  constructor(core: Core, ioapic: IoApic, end: LocalApicEnd, counters: Counters, paths: PathTable, pin: number, vector: number) {
    this.number = vector;
    this.core = core;
    this.ioapic = ioapic;
    this.last = end;
    this.counters = counters;
    this.pin = pin;
    this.access = paths.define('mmio/ioapic/read-modify-write', spend('ioapic.write', 2), spend('ioapic.read'));
    this.writes = counters.define('mmio.ioapic.write');
    this.reads = counters.define('mmio.ioapic.read');
  }

  begin(): void {}

  hold(): void {
    this.setMask(true);
    this.last.write();
  }

  end(resumed: boolean): void {
    if (resumed) this.setMask(false);
    this.last.write();
  }

  private setMask(masked: boolean): void {
    this.counters.addMany(this.writes, 2);
    this.counters.add(this.reads);
    this.core.stall(this.access);
    const { probe } = this.core;
    if (probe !== null) {
      probe.event(ProbeEvent.mmioWrite, 'ioapic', IOREGSEL, 0x10 + 2 * this.pin);
      probe.event(ProbeEvent.mmioRead, 'ioapic', IOWIN, masked ? 0 : MASKED);
      probe.event(ProbeEvent.mmioWrite, 'ioapic', IOWIN, masked ? MASKED : 0);
    }
    this.ioapic.setMask(this.pin, masked);
  }
}

/** A message (MSI, MSI-X): only the local APIC is told of its end, after the handlers (the stubs of edge-triggered inputs: nothing is masked). */
export class MessageSource implements InterruptSource {
  readonly beginsWithNothing = true;
  readonly number: number;
  private readonly last: LocalApicEnd;

  constructor(end: LocalApicEnd, vector: number) {
    this.number = vector;
    this.last = end;
  }

  begin(): void {}

  hold(): void {
    this.last.write();
  }

  end(): void {
    this.last.write();
  }
}
