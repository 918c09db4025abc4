import { ProbeEvent } from '../../hw/probe.ts';
import { ascii, type Cursor } from './bytes.ts';
import type { ImportOptions } from './importer.ts';
import type { PcRows } from './pc-rows.ts';

const DELAY = ascii('delay ');
const EITR_OF = ascii('EITR[');
const LENGTH = ascii('length: ');
const PA = ascii('PA: ');
const PENDING = ascii('PENDING: ');
const REGISTER = ascii('register ');
const STATE = ascii('state: ');
const VECTOR = ascii('vector ');

/** Registers of the 82574L that its interrupt throttling timers are named by: ITR, and EITR[n] at 0xe8 + 4 n. */
const ITR = 0xc4;
const EITR = 0xe8;
const VECTORS = 5;
const FCS_BYTES = 4;

/**
 * Makes rows of QEMU's e1000e_* trace events, one of each thing that happened:
 *
 * - e1000e_irq_legacy_notify when the state changes: `irq-raise` (value: causes of the last e1000e_irq_pending_interrupts) and `irq-lower`. What the PIC and the I/O APIC
 *   print of the line is the same again. e1000e_irq_msi_notify: `irq-raise`. e1000e_irq_msix_notify_vec: `irq-raise`, with the vector as address and no causes.
 * - e1000e_irq_msix_notify_postponed_vec: `irq-raise` only if a message comes on the next line (from QEMU 8.1 on it sends none itself).
 * - e1000e_irq_rearm_timer: `timer-program`; e1000e_irq_throttling_timer and ..._postponed (ITR, EITR): `timer-expire`. Address: the timer's register.
 * - e1000e_rx_written_to_guest: `dma-write`; address: physical address of the (last) receive descriptor; value: bytes of the buffer writes, without a last write of 4 bytes
 *   after others, which is the FCS.
 */
export class QemuNic {
  private readonly rows: PcRows;
  private readonly options: ImportOptions;
  private causes = 0;
  private high = false;
  /** Vector whose timer has run out on the last line, or -1. */
  private ranOut = -1;
  private readonly held = new Int32Array(VECTORS);
  private sent = 0;
  private repeated = 0;
  private bytes = 0;
  private writes = 0;
  private lastWrite = 0;
  private descriptorAddress = 0;
  private lost = 0;

  constructor(rows: PcRows, options: ImportOptions) {
    this.rows = rows;
    this.options = options;
  }

  end(): void {
    const { file, warn } = this.options;
    if (this.repeated > 0) {
      warn(`${file}: of ${this.sent} MSI-X messages sent when a throttling timer ran out, ${this.repeated} had not been postponed (QEMU 7.2 repeats messages): interrupts that a real NIC would not have raised`);
    }
    if (this.lost > 0) warn(`${file}: of ${this.lost} received frames it is not said when they were in memory, so they have no rows; trace e1000e_rx_written_to_guest too`);
  }

  /** A message is written on the line after `t`'s. */
  messageFollows(t: number): void {
    const vector = this.ranOut;
    if (vector < 0) return;
    this.ranOut = -1;
    this.sent++;
    if (this.held[vector] === 0) this.repeated++;
    this.held[vector] = 0;
    this.rows.row(t, ProbeEvent.irqRaise, this.rows.nic, vector, 0);
  }

  /** No message is written there. */
  noMessage(): void {
    this.ranOut = -1;
  }

  pending(args: Cursor): boolean {
    if (!args.skipPast(PENDING)) return false;
    const causes = args.hex();
    if (causes < 0) return false;
    this.causes = causes;
    return true;
  }

  legacy(t: number, args: Cursor): boolean {
    if (!args.skipPast(STATE)) return false;
    const level = args.decimal();
    if (level < 0) return false;
    const high = level > 0;
    if (high === this.high) return true;
    this.high = high;
    this.rows.row(t, high ? ProbeEvent.irqRaise : ProbeEvent.irqLower, this.rows.nic, 0, high ? this.causes : 0);
    return true;
  }

  msi(t: number): boolean {
    this.rows.row(t, ProbeEvent.irqRaise, this.rows.nic, 0, this.causes);
    return true;
  }

  msix(t: number, args: Cursor): boolean {
    if (!args.skipPast(VECTOR)) return false;
    const vector = args.hex();
    if (vector < 0 || vector >= VECTORS) return false;
    this.held[vector] = 0;
    this.rows.row(t, ProbeEvent.irqRaise, this.rows.nic, vector, 0);
    return true;
  }

  msixTimer(t: number, args: Cursor): boolean {
    if (!args.skipPast(EITR_OF)) return false;
    const vector = args.decimal();
    if (vector < 0 || vector >= VECTORS) return false;
    this.ranOut = vector;
    this.rows.row(t, ProbeEvent.timerExpire, this.rows.nic, EITR + 4 * vector, 0);
    return true;
  }

  postponed(args: Cursor): boolean {
    if (!args.skipPast(REGISTER)) return false;
    const vector = (args.hex() - EITR) / 4;
    if (vector >= 0 && vector < VECTORS) this.held[vector] = 1;
    return true;
  }

  throttlingTimer(t: number): boolean {
    this.rows.row(t, ProbeEvent.timerExpire, this.rows.nic, ITR, 0);
    return true;
  }

  delayTimer(t: number, args: Cursor): boolean {
    if (!args.skipPast(REGISTER)) return false;
    const register = args.hex();
    if (register < 0) return false;
    this.rows.row(t, ProbeEvent.timerExpire, this.rows.nic, register, 0);
    return true;
  }

  rearm(t: number, args: Cursor): boolean {
    if (!args.skipPast(REGISTER)) return false;
    const register = args.hex();
    if (register < 0 || !args.skipPast(DELAY)) return false;
    const delay = args.decimal();
    if (delay < 0) return false;
    this.rows.row(t, ProbeEvent.timerProgram, this.rows.nic, register, delay);
    return true;
  }

  receive(): boolean {
    if (this.writes > 0) this.lost++;
    return this.forget();
  }

  descriptor(args: Cursor): boolean {
    if (!args.skipPast(PA)) return false;
    const address = args.hex();
    if (address < 0) return false;
    this.descriptorAddress = address;
    return true;
  }

  buffer(args: Cursor): boolean {
    if (!args.skipPast(LENGTH)) return false;
    const bytes = args.decimal();
    if (bytes < 0 || this.bytes + bytes > Number.MAX_SAFE_INTEGER) return false;
    this.bytes += bytes;
    this.writes++;
    this.lastWrite = bytes;
    return true;
  }

  written(t: number): boolean {
    const bytes = this.writes > 1 && this.lastWrite === FCS_BYTES ? this.bytes - FCS_BYTES : this.bytes;
    this.rows.row(t, ProbeEvent.dmaWrite, this.rows.nic, this.descriptorAddress, bytes);
    return this.forget();
  }

  /** The frame is done with. */
  forget(): boolean {
    this.bytes = 0;
    this.writes = 0;
    return true;
  }
}
