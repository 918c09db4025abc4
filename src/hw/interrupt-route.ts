import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import type { IoApic } from './ioapic.ts';
import { LAPIC_EOI, type LocalApic } from './local-apic.ts';
import { type PathTable, spend } from './path.ts';
import { PIC_EOI, PIC_MASTER_COMMAND, PIC_MASTER_DATA, PIC_SLAVE_COMMAND, PIC_SLAVE_DATA } from './pic.ts';
import type { PortIo } from './port-io.ts';
import { ProbeEvent } from './probe.ts';
import type { Access, Sequence } from './sequence.ts';

/** I/O APIC registers (82093AA data sheet, section 3), and the mask bit of a redirection entry. */
export const IOREGSEL = 0x00;
export const IOWIN = 0x10;
export const MASKED = 1 << 16;

export type ControllerKind = 'pic' | 'ioapic' | 'msi';

/**
 * How one interrupt source reaches the core, and the register accesses with which a kernel masks, unmasks and ends it. Each access is paid for on the core
 * in whatever context the kernel is in.
 */
export interface InterruptRoute {
  readonly kind: ControllerKind;
  mask(): void;
  unmask(): void;
  endOfInterrupt(): void;
  /** The accesses of `mask` and `endOfInterrupt` in a row, for who makes them part of a sequence; `maskedAndEnded` is then what is left to do. */
  readonly maskAndEnd: readonly Access[];
  maskedAndEnded(): void;
  /** The same of `unmask`. */
  readonly unmasking: readonly Access[];
  unmasked(): void;
}

/** An input of the 8259 pair: read-modify-write of the mask register; one EOI write a chip. */
export class PicRoute implements InterruptRoute {
  readonly kind = 'pic';
  private readonly ports: PortIo;
  private readonly slave: boolean;
  private readonly data: number;
  private readonly bit: number;
  readonly maskAndEnd: readonly Access[];
  readonly unmasking: readonly Access[];
  private readonly ending: Sequence;

  constructor(ports: PortIo, irq: number) {
    this.ports = ports;
    this.slave = irq >= 8;
    this.data = this.slave ? PIC_SLAVE_DATA : PIC_MASTER_DATA;
    this.bit = 1 << (irq & 7);
    this.unmasking = [ports.access('in', this.data), ports.access('out', this.data)];
    const master = ['out', PIC_MASTER_COMMAND] as const;
    const ends = this.slave ? [['out', PIC_SLAVE_COMMAND] as const, master] : [master];
    this.ending = ports.sequence(...ends);
    this.maskAndEnd = [...this.unmasking, ...ends.map(([direction, port]) => ports.access(direction, port))];
  }

  mask(): void {
    const { ports, data, bit } = this;
    ports.out8(data, ports.in8(data) | bit);
  }

  unmask(): void {
    const { ports, data, bit } = this;
    ports.out8(data, ports.in8(data) & ~bit);
  }

  endOfInterrupt(): void {
    const { ports, slave } = this;
    if (ports.done(this.ending)) {
      this.ended();
    } else {
      if (slave) ports.out8(PIC_SLAVE_COMMAND, PIC_EOI);
      ports.out8(PIC_MASTER_COMMAND, PIC_EOI);
    }
  }

  maskedAndEnded(): void {
    const { ports, data, bit } = this;
    ports.written(data, ports.value(data) | bit);
    this.ended();
  }

  unmasked(): void {
    const { ports, data, bit } = this;
    ports.written(data, ports.value(data) & ~bit);
  }

  private ended(): void {
    if (this.slave) this.ports.written(PIC_SLAVE_COMMAND, PIC_EOI);
    this.ports.written(PIC_MASTER_COMMAND, PIC_EOI);
  }
}

/** The local APIC's EOI register: one MMIO write on the die. */
export class LocalApicEnd {
  readonly access: Access;
  private readonly core: Core;
  private readonly apic: LocalApic;
  private readonly counters: Counters;

  constructor(core: Core, apic: LocalApic, counters: Counters, paths: PathTable) {
    this.core = core;
    this.apic = apic;
    this.counters = counters;
    this.access = { path: paths.define('mmio/lapic/eoi', spend('lapic.eoi')), counter: counters.define('mmio.lapic.write') };
  }

  write(): void {
    this.counters.add(this.access.counter);
    this.core.stall(this.access.path);
    this.core.probe?.event(ProbeEvent.mmioWrite, 'lapic', LAPIC_EOI, 0);
    this.written();
  }

  /** What is left to do when the access has been made as part of a sequence. */
  written(): void {
    this.apic.endOfInterrupt();
  }
}

/** An I/O APIC input: masking is a write of the register select and one of the window (the kernel keeps the entry's state, so nothing is read). */
export class IoApicRoute implements InterruptRoute {
  readonly kind = 'ioapic';
  readonly maskAndEnd: readonly Access[];
  readonly unmasking: readonly Access[];
  private readonly core: Core;
  private readonly ioapic: IoApic;
  private readonly end: LocalApicEnd;
  private readonly counters: Counters;
  private readonly pin: number;
  /** Index of the low half of the pin's redirection entry. */
  private readonly entry: number;
  private readonly path: number;
  private readonly writes: number;

  constructor(core: Core, ioapic: IoApic, end: LocalApicEnd, counters: Counters, paths: PathTable, pin: number) {
    this.core = core;
    this.ioapic = ioapic;
    this.end = end;
    this.counters = counters;
    this.pin = pin;
    this.entry = 0x10 + 2 * pin;
    this.path = paths.define('mmio/ioapic/write', spend('ioapic.write'));
    this.writes = counters.define('mmio.ioapic.write');
    const write: Access = { path: this.path, counter: this.writes };
    this.maskAndEnd = [write, write, end.access];
    this.unmasking = [write, write];
  }

  mask(): void {
    this.write(IOREGSEL, this.entry);
    this.write(IOWIN, MASKED);
    this.ioapic.setMask(this.pin, true);
  }

  unmask(): void {
    this.write(IOREGSEL, this.entry);
    this.write(IOWIN, 0);
    this.ioapic.setMask(this.pin, false);
  }

  endOfInterrupt(): void {
    this.end.write();
  }

  maskedAndEnded(): void {
    this.ioapic.setMask(this.pin, true);
    this.end.written();
  }

  unmasked(): void {
    this.ioapic.setMask(this.pin, false);
  }

  private write(offset: number, value: number): void {
    this.counters.add(this.writes);
    this.core.stall(this.path);
    this.core.probe?.event(ProbeEvent.mmioWrite, 'ioapic', offset, value);
  }
}

/** A message-signalled interrupt: nothing can mask it, and only the local APIC is told of its end. */
export class MsiRoute implements InterruptRoute {
  readonly kind = 'msi';
  readonly maskAndEnd: readonly Access[];
  readonly unmasking: readonly Access[] = [];
  private readonly end: LocalApicEnd;

  constructor(end: LocalApicEnd) {
    this.end = end;
    this.maskAndEnd = [end.access];
  }

  mask(): void {}

  unmask(): void {}

  endOfInterrupt(): void {
    this.end.write();
  }

  maskedAndEnded(): void {
    this.end.written();
  }

  unmasked(): void {}
}
