import { ProbeEvent } from '../../hw/probe.ts';
import type { TraceSink } from '../sink.ts';
import { ascii, type Cursor } from './bytes.ts';
import type { ImportOptions } from './importer.ts';
import { NameTable } from './name-table.ts';
import { LAPIC_EOI, type PcDevice, PcRows } from './pc-rows.ts';
import type { QemuLines } from './qemu-lines.ts';
import { QemuNic } from './qemu-nic.ts';

type Handler = (to: QemuHardware, t: number, args: Cursor) => boolean;

/** Trace events that make rows or say something about one. Formats: trace-events of hw/net, hw/intc and softmmu in QEMU 7.2. */
const HANDLERS: Readonly<Record<string, Handler>> = {
  memory_region_ops_read: (to, t, args) => to.region(t, args, false),
  memory_region_ops_write: (to, t, args) => to.region(t, args, true),
  apic_mem_readl: (to, t, args) => to.apicRegister(t, args, false),
  apic_mem_writel: (to, t, args) => to.apicRegister(t, args, true),
  ioapic_mem_read: (to, t, args) => to.ioapicRegister(t, args, false),
  ioapic_mem_write: (to, t, args) => to.ioapicRegister(t, args, true),
  pic_ioport_read: (to, t, args) => to.picRegister(t, args, false),
  pic_ioport_write: (to, t, args) => to.picRegister(t, args, true),
  ioapic_eoi_broadcast: (to, _t, args) => to.broadcast(args),
  apic_deliver_irq: (to, t, args) => to.deliver(t, args),
  apic_report_irq_delivered: (to, _t, args) => to.delivered(args),
  apic_local_deliver: (to, t, args) => to.localTimer(t, args),
  pic_interrupt: (to, t, args) => to.acknowledge(t, args),
  pic_set_irq: (to, t, args) => !args.skip(TIMER_AT_PIC) || to.timerLine(t, args),
  ioapic_set_irq: (to, t, args) => !args.skip(TIMER_AT_IOAPIC) || to.timerLine(t, args),
  e1000e_irq_pending_interrupts: (to, _t, args) => to.nic.pending(args),
  e1000e_irq_legacy_notify: (to, t, args) => to.nic.legacy(t, args),
  e1000e_irq_legacy_notify_postponed: (to, t) => to.nic.throttlingTimer(t),
  e1000e_irq_msi_notify: (to, t) => to.nic.msi(t),
  e1000e_irq_msi_notify_postponed: (to, t) => to.nic.throttlingTimer(t),
  e1000e_irq_msix_notify_vec: (to, t, args) => to.nic.msix(t, args),
  e1000e_irq_msix_notify_postponed_vec: (to, t, args) => to.nic.msixTimer(t, args),
  e1000e_irq_postponed_by_xitr: (to, _t, args) => to.nic.postponed(args),
  e1000e_irq_rearm_timer: (to, t, args) => to.nic.rearm(t, args),
  e1000e_irq_throttling_timer: (to, t, args) => to.nic.delayTimer(t, args),
  e1000e_rx_receive_iov: (to) => to.nic.receive(),
  e1000e_rx_descr: (to, _t, args) => to.nic.descriptor(args),
  e1000e_rx_desc_buff_write: (to, _t, args) => to.nic.buffer(args),
  e1000e_rx_written_to_guest: (to, t) => to.nic.written(t),
  e1000e_rx_not_written_to_guest: (to) => to.nic.forget(),
};
export const EVENT_NAMES: readonly string[] = Object.keys(HANDLERS);
const BY_NUMBER = Object.values(HANDLERS);
const [REGION_READ, APIC_WRITE, BROADCAST, MSIX_TIMER] = ['memory_region_ops_read', 'apic_mem_writel', 'ioapic_eoi_broadcast', 'e1000e_irq_msix_notify_postponed_vec'].map((name) => EVENT_NAMES.indexOf(name));

const ADDR = ascii('addr ');
const COALESCING = ascii('coalescing ');
const CPU = ascii('cpu ');
const DELIVERY = ascii('delivery_mode ');
const EQUALS = ascii(' = ');
const INPUT = ascii('irq ');
const LEVEL = ascii('level');
const MASTER = ascii('master ');
const NAME = ascii("name '");
const TIMER_AT_PIC = ascii('master 1 irq 0 ');
const TIMER_AT_IOAPIC = ascii('vector: 0 ');
const VAL = ascii('val ');
const VALUE = ascii('value ');
const VECTOR = ascii('vector ');
const COLON = 58;
const MINUS = 45;
const QUOTE = 39;

/** A PC has I/O ports below this address, and no device registers. */
const PORTS = 0x10000;
const LAPIC_BASE = 0xfee00000;
const IOAPIC_BASE = 0xfec00000;
const LAPIC_INITIAL_COUNT = 0x380;
const LVT_TIMER = 0;
const PIT_CHANNEL0 = 0x40;
const HPET_BLOCK = 0x400;
const HPET_TIMERS = 0x100;
const HPET_TIMER0_COMPARATOR = 0x108;
const VECTORS = 256;
const MOST_REGIONS = 4096;

/**
 * Makes hardware rows of the trace events of a PC with an e1000e, one of each thing that happened (those of the NIC: qemu-nic.ts):
 *
 * - memory_region_ops_read/write by a processor (cpu >= 0): an access; a port below 0x10000, else a register. A write to the local APIC's region at a message's address
 *   (offset above 0xfff or below 0x10, as QEMU tells them apart), by whomever: `msi`.
 * - apic_mem_*, ioapic_mem_* and pic_ioport_* tell of the same access again, right before it (reads) or after it (writes), and apic_deliver_irq of the same message. They
 *   make a row only where they stand alone.
 * - `eoi` beside the access: OCW2 writes to the PIC; writes to the local APIC's register 0xb0, with the vector of the ioapic_eoi_broadcast after it, else of the only
 *   message that is not yet ended, 0 where it cannot be told.
 * - pic_interrupt (INTA): `irq-deliver`. QEMU does not log when a processor takes a vector of its local APIC.
 * - A rising edge of interrupt 0, which the PIC prints first and then the I/O APIC: `timer-expire` of the PIT or the HPET, whichever was programmed last; before that, of
 *   the HPET if one is used. apic_local_deliver of LVT entry 0: of the local APIC's timer. When these three are to expire is not logged: no `timer-program`.
 */
export class QemuHardware implements QemuLines {
  static readonly notes = 'Values of accesses are those read or written, of 8-byte ones the low 52 bits. The address of a dma-write is the physical address of its descriptor. The PIC\'s interrupts are told when the core takes them, the local APIC\'s when their message arrives.';
  readonly nic: QemuNic;
  private readonly rows: PcRows;
  private readonly names = new NameTable(MOST_REGIONS);
  private readonly regions: PcDevice[] = [];
  private step = 0;

  /** Address of a read that a chip has printed and the region may print next, or -1. */
  private readAddress = -1;
  private readTime = 0;
  private readValue = 0;
  private readDevice: PcDevice;
  /** The last write and the last message by their region, and the line they were on. */
  private wroteAddress = -1;
  private wroteStep = -1;
  private messageStep = -1;

  /** Time of a write to the EOI register whose vector may come next, or -1. */
  private eoiTime = -1;
  /** Messages that have arrived and not been ended, by vector. */
  private readonly arrived = new Int32Array(VECTORS);
  private lastVector = 0;
  private lastDelivered = -1;

  private timerHigh = false;
  private timer: PcDevice | null = null;
  private hpetUsed = false;

  constructor(sink: TraceSink, options: ImportOptions) {
    this.rows = new PcRows(sink);
    this.nic = new QemuNic(this.rows, options);
    this.readDevice = this.rows.pic;
  }

  line(event: number, t: number, _instructions: number, args: Cursor): boolean {
    this.step++;
    if (this.eoiTime >= 0 && event !== BROADCAST && event !== APIC_WRITE) this.endVector(-1);
    if (this.readAddress >= 0 && event !== REGION_READ) this.readAlone();
    const handler = BY_NUMBER[event];
    const read = handler === undefined || handler(this, t, args);
    if (event !== MSIX_TIMER) this.nic.noMessage();
    return read;
  }

  end(): void {
    if (this.eoiTime >= 0) this.endVector(-1);
    if (this.readAddress >= 0) this.readAlone();
    this.nic.end();
  }

  /** `cpu N mr ADDRESS addr ADDRESS value VALUE size BYTES name 'REGION'` */
  region(t: number, args: Cursor, write: boolean): boolean {
    if (!args.skip(CPU)) return false;
    const byDevice = args.peek() === MINUS;
    if (!args.skipPast(ADDR)) return false;
    const address = args.hex();
    if (address < 0 || !args.skipPast(VALUE)) return false;
    const value = args.hex();
    if (value < 0 || !args.skipPast(NAME)) return false;
    const number = this.names.number(args.bytes, args.at, args.until(QUOTE));
    if (number < 0) return false;
    const device = (this.regions[number] ??= this.rows.region(this.names.names[number] ?? ''));
    if (this.readAddress >= 0) {
      if (this.readAddress === address) this.readAddress = -1;
      else this.readAlone();
    }
    if (write && device.code === this.rows.lapic.code && isMessage(address)) {
      this.message(t, address, value & 0xff);
      this.messageStep = this.step;
    } else if (!byDevice) {
      this.access(t, write, device, address, value);
      if (write) {
        this.wroteAddress = address;
        this.wroteStep = this.step;
      }
    }
    return true;
  }

  /** `REGISTER = VALUE` */
  apicRegister(t: number, args: Cursor, write: boolean): boolean {
    const register = args.hex();
    if (register < 0 || !args.skip(EQUALS)) return false;
    return this.chip(t, write, this.rows.lapic, LAPIC_BASE + register, args.hex());
  }

  /** `ioapic mem read addr OFFSET regsel: REGISTER size BYTES retval VALUE`, or `... write ... val VALUE` */
  ioapicRegister(t: number, args: Cursor, write: boolean): boolean {
    if (!args.skipPast(ADDR)) return false;
    const offset = args.hex();
    if (offset < 0 || !args.skipPast(VAL)) return false;
    return this.chip(t, write, this.rows.ioapic, IOAPIC_BASE + offset, args.hex());
  }

  /** `master N addr REGISTER val VALUE` */
  picRegister(t: number, args: Cursor, write: boolean): boolean {
    if (!args.skip(MASTER)) return false;
    const master = args.decimal();
    if (!args.skipPast(ADDR)) return false;
    const register = args.hex();
    if (master < 0 || register < 0 || register > 1 || !args.skipPast(VAL)) return false;
    return this.chip(t, write, this.rows.pic, (master === 1 ? 0x20 : 0xa0) + register, args.hex());
  }

  /** `EOI broadcast for vector N` */
  broadcast(args: Cursor): boolean {
    if (!args.skipPast(VECTOR)) return false;
    const vector = args.decimal();
    if (vector < 0 || vector >= VECTORS) return false;
    if (this.eoiTime >= 0) this.endVector(vector);
    return true;
  }

  /** `dest N dest_mode N delivery_mode N vector N trigger_mode N` */
  deliver(t: number, args: Cursor): boolean {
    if (!args.skipPast(DELIVERY)) return false;
    const mode = args.decimal();
    if (mode < 0 || !args.skipPast(VECTOR)) return false;
    const vector = args.decimal();
    if (vector < 0 || vector >= VECTORS) return false;
    // Fixed and lowest priority have a vector; the other modes are no interrupts that get into service.
    if (this.messageStep !== this.step - 1 && mode <= 1) this.message(t, LAPIC_BASE, vector);
    return true;
  }

  /** `coalescing N`: QEMU counts the messages that were not merged with one of their vector that waits. */
  delivered(args: Cursor): boolean {
    if (!args.skip(COALESCING)) return false;
    const count = args.decimal();
    if (count < 0) return false;
    if (count === this.lastDelivered && this.arrived[this.lastVector]! > 1) this.arrived[this.lastVector]!--; // a vector is below VECTORS, here and below
    this.lastDelivered = count;
    return true;
  }

  /** `vector LVT_ENTRY delivery mode N` */
  localTimer(t: number, args: Cursor): boolean {
    if (!args.skip(VECTOR)) return false;
    const entry = args.decimal();
    if (entry < 0) return false;
    if (entry === LVT_TIMER) this.rows.row(t, ProbeEvent.timerExpire, this.rows.lapic, LAPIC_INITIAL_COUNT, 0);
    return true;
  }

  /** `irq INPUT intno VECTOR` */
  acknowledge(t: number, args: Cursor): boolean {
    if (!args.skip(INPUT)) return false;
    const input = args.decimal();
    if (input < 0 || input > 15) return false;
    this.rows.row(t, ProbeEvent.irqDeliver, this.rows.pic, 0, input);
    this.rows.taken(input);
    return true;
  }

  /** `level N` or `level: N` of interrupt 0. */
  timerLine(t: number, args: Cursor): boolean {
    if (!args.skip(LEVEL)) return false;
    args.take(COLON);
    args.blanks();
    const level = args.decimal();
    if (level < 0) return false;
    if (level > 0 && !this.timerHigh) {
      const timer = this.timer ?? (this.hpetUsed ? this.rows.hpet : this.rows.pit);
      this.rows.row(t, ProbeEvent.timerExpire, timer, timer === this.rows.hpet ? HPET_TIMER0_COMPARATOR : PIT_CHANNEL0, 0);
    }
    this.timerHigh = level > 0;
    return true;
  }

  private access(t: number, write: boolean, device: PcDevice, address: number, value: number): void {
    const { rows } = this;
    if (device.code === rows.hpet.code) {
      this.hpetUsed = true;
      if (write && address % HPET_BLOCK >= HPET_TIMERS) this.timer = rows.hpet;
    } else if (write && device.code === rows.pit.code) {
      this.timer = rows.pit;
    }
    rows.access(t, write, address < PORTS, device, address, value);
    if (write && device.code === rows.lapic.code && address % 0x1000 === LAPIC_EOI) this.eoiTime = t;
  }

  /** An access as its chip has printed it. */
  private chip(t: number, write: boolean, device: PcDevice, address: number, value: number): boolean {
    if (value < 0) return false;
    if (write) {
      if (this.wroteAddress === address && this.wroteStep === this.step - 1) return true;
      if (this.eoiTime >= 0) this.endVector(-1);
      this.access(t, true, device, address, value);
    } else {
      this.readAddress = address;
      this.readTime = t;
      this.readValue = value;
      this.readDevice = device;
    }
    return true;
  }

  /** The read that waits was printed by its chip only. */
  private readAlone(): void {
    this.access(this.readTime, false, this.readDevice, this.readAddress, this.readValue);
    this.readAddress = -1;
  }

  private message(t: number, address: number, vector: number): void {
    this.nic.messageFollows(t);
    this.rows.row(t, ProbeEvent.msi, this.rows.lapic, address, vector);
    this.arrived[vector]!++;
    this.lastVector = vector;
  }

  /** Makes the row of the EOI that waits; -1: its vector was not broadcast. */
  private endVector(broadcast: number): void {
    const vector = broadcast < 0 ? this.onlyVector() : broadcast;
    if (vector < 0) this.arrived.fill(0);
    else if (this.arrived[vector]! > 0) this.arrived[vector]!--;
    this.rows.row(this.eoiTime, ProbeEvent.eoi, this.rows.lapic, LAPIC_EOI, Math.max(0, vector));
    this.eoiTime = -1;
  }

  private onlyVector(): number {
    const first = this.arrived.findIndex((count) => count > 0);
    return first >= 0 && this.arrived.findLastIndex((count) => count > 0) === first ? first : -1;
  }
}

function isMessage(address: number): boolean {
  const offset = address - LAPIC_BASE;
  return offset > 0xfff || offset < 0x10;
}
