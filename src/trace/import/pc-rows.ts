import { ProbeEvent, type ProbeEventCode } from '../../hw/probe.ts';
import { HardwareColumn } from '../format.ts';
import type { TraceSink } from '../sink.ts';

/** A device of a PC, as the hardware trace names it. */
export interface PcDevice {
  readonly code: number;
  /** Size of the power-of-two block that its addresses are offsets in; 0: they are absolute. */
  readonly block: number;
}

/**
 * Devices by the names of QEMU's memory regions. Bases are multiples of the block's size (a PCI BAR always is; HPET 0xfed00000, I/O APIC 0xfec00000, local APIC
 * 0xfee00000, ACPI block at 0x600, 0xb000 or 0x4000), so an offset is what is left of an address. Other regions keep their own name and absolute addresses.
 */
const REGIONS: Readonly<Record<string, readonly [device: string, block: number]>> = {
  'e1000e-mmio': ['nic', 0x20000],
  hpet: ['hpet', 0x400],
  ioapic: ['ioapic', 0x1000],
  'apic-msi': ['lapic', 0x1000],
  apic: ['lapic', 0x1000],
  'acpi-tmr': ['pmtimer', 0x80],
  pic: ['pic', 0],
  pit: ['pit', 0],
};

/** The EOI register of the local APIC. */
export const LAPIC_EOI = 0xb0;
const PIC_MASTER = 0x20;
const PIC_SLAVE = 0xa0;
const CASCADE = 2;

/** Writes rows of a hardware trace: accesses, and the ends of interrupt that they stand for. */
export class PcRows {
  readonly nic: PcDevice;
  readonly pic: PcDevice;
  readonly ioapic: PcDevice;
  readonly lapic: PcDevice;
  readonly pit: PcDevice;
  readonly hpet: PcDevice;
  private readonly sink: TraceSink;
  /** PIC inputs that the log says the core has taken and not ended. */
  private inService = 0;

  constructor(sink: TraceSink) {
    this.sink = sink;
    this.nic = this.region('e1000e-mmio');
    this.pic = this.region('pic');
    this.ioapic = this.region('ioapic');
    this.lapic = this.region('apic-msi');
    this.pit = this.region('pit');
    this.hpet = this.region('hpet');
  }

  /** The device of a memory region. */
  region(name: string): PcDevice {
    const [device, block] = Object.hasOwn(REGIONS, name) ? REGIONS[name]! : [name, 0]; // it has it
    return { code: this.sink.code('device', device), block };
  }

  row(t: number, kind: ProbeEventCode, device: PcDevice, address: number, value: number): void {
    const row = this.sink.row(t);
    const { columns } = this.sink;
    columns[HardwareColumn.kind]![row] = kind; // the hardware format has these columns, here and below
    columns[HardwareColumn.device]![row] = device.code;
    columns[HardwareColumn.address]![row] = address;
    columns[HardwareColumn.value]![row] = value;
  }

  /** The core reads or writes a register or port. A write that ends an interrupt at the PIC makes a second row, as in a recorded run of the model. */
  access(t: number, write: boolean, port: boolean, device: PcDevice, address: number, value: number): void {
    const kind = port ? (write ? ProbeEvent.portWrite : ProbeEvent.portRead) : write ? ProbeEvent.mmioWrite : ProbeEvent.mmioRead;
    this.row(t, kind, device, device.block === 0 ? address : address % device.block, value);
    if (write && device.code === this.pic.code && (address === PIC_MASTER || address === PIC_SLAVE)) this.command(t, address, value);
  }

  /** The core has taken a PIC input. */
  taken(irq: number): void {
    this.inService |= 1 << irq;
    if (irq >= 8) this.inService |= 1 << CASCADE;
  }

  /** OCW2 of the 8259A (bits 4 and 3 clear): bit 5 is EOI, bit 6 says that the low three bits name the input; without it the chip's highest in service is meant. */
  private command(t: number, port: number, value: number): void {
    if ((value & 0x38) !== 0x20) return;
    const first = port === PIC_SLAVE ? 8 : 0;
    const bits = (this.inService >> first) & 0xff;
    const input = (value & 0x40) !== 0 ? value & 7 : bits === 0 ? 0 : 31 - Math.clz32(bits & -bits);
    this.inService &= ~(1 << (first + input));
    this.row(t, ProbeEvent.eoi, this.pic, port, first + input);
  }
}
