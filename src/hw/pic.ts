import { type Core, PIN_EXTINT } from './core.ts';
import { type PathTable, spend } from './path.ts';
import type { PortDevice } from './port-io.ts';
import { ProbeEvent } from './probe.ts';

export const PIC_MASTER_COMMAND = 0x20;
export const PIC_MASTER_DATA = 0x21;
export const PIC_SLAVE_COMMAND = 0xa0;
export const PIC_SLAVE_DATA = 0xa1;
/** Non-specific end of interrupt: clears the highest in-service bit of the chip. */
export const PIC_EOI = 0x20;

const CASCADE = 2;
/** What the pair answers when the request has gone away before the core's INTA cycle. */
const SPURIOUS = 7;
/** Fixed priority of the cascaded pair: the slave sits at the master's input 2. */
const ORDER: readonly number[] = [0, 1, 8, 9, 10, 11, 12, 13, 14, 15, 3, 4, 5, 6, 7];

/**
 * The 8259A pair behind the local APIC's LINT0 (ExtINT). Inputs 0..15; PCI interrupts are level triggered, the PIT's input 0 is an edge.
 * A request reaches the core when it is unmasked and no input of its own or higher priority is in service.
 */
export class Pic implements PortDevice {
  readonly name = 'pic';
  readonly ports = [PIC_MASTER_COMMAND, PIC_MASTER_DATA, PIC_SLAVE_COMMAND, PIC_SLAVE_DATA];
  private readonly core: Core;
  private readonly inta: number;
  private readonly levelTriggered: number;
  private lines = 0;
  private edges = 0;
  private inService = 0;
  private masked = 0;

  /** @param levelTriggered inputs that are level triggered (the ELCR registers), one bit each. */
  constructor(core: Core, paths: PathTable, levelTriggered: number) {
    this.core = core;
    this.levelTriggered = levelTriggered;
    this.inta = paths.define('pic/inta', spend('pic.inta'));
  }

  /** An input pin. Safe to call with the level it has. */
  setLine(irq: number, high: boolean): void {
    const bit = 1 << irq;
    if (high && (this.lines & bit) === 0 && (this.levelTriggered & bit) === 0) this.edges |= bit;
    this.lines = high ? this.lines | bit : this.lines & ~bit;
    this.update();
  }

  /** The core's INTA cycle: stalls it and returns the input now in service; 7 when the request went away meanwhile (spurious). */
  acknowledge(): number {
    this.core.stall(this.inta);
    const irq = this.highest();
    if (irq < 0) {
      this.core.probe?.event(ProbeEvent.irqDeliver, this.name, 0, SPURIOUS);
      this.update();
      return SPURIOUS;
    }
    this.core.probe?.event(ProbeEvent.irqDeliver, this.name, 0, irq);
    this.inService |= 1 << irq;
    if (irq >= 8) this.inService |= 1 << CASCADE;
    this.edges &= ~(1 << irq);
    this.update();
    return irq;
  }

  readPort(port: number): number {
    if (port === PIC_MASTER_DATA) return this.masked & 0xff;
    if (port === PIC_SLAVE_DATA) return this.masked >> 8;
    return 0;
  }

  writePort(port: number, value: number): void {
    if (port === PIC_MASTER_DATA) this.masked = (this.masked & 0xff00) | value;
    else if (port === PIC_SLAVE_DATA) this.masked = (this.masked & 0x00ff) | (value << 8);
    else if (value === PIC_EOI) this.endOfInterrupt(port === PIC_SLAVE_COMMAND);
    this.update();
  }

  private endOfInterrupt(slave: boolean): void {
    for (const irq of slave ? ORDER : [0, 1, CASCADE, 3, 4, 5, 6, 7]) {
      if (slave !== irq >= 8 || (this.inService & (1 << irq)) === 0) continue;
      this.inService &= ~(1 << irq);
      this.core.probe?.event(ProbeEvent.eoi, this.name, slave ? PIC_SLAVE_COMMAND : PIC_MASTER_COMMAND, irq);
      return;
    }
  }

  /** The input that would be acknowledged now, or -1. */
  private highest(): number {
    const requests = ((this.lines & this.levelTriggered) | this.edges) & ~this.masked;
    if (requests === 0) return -1;
    for (const irq of ORDER) {
      // While the cascade input is in service the master passes on nothing of the slave, nor of its own lower inputs.
      if (irq === 8 && (this.inService & (1 << CASCADE)) !== 0) return -1;
      if ((this.inService & (1 << irq)) !== 0) return -1;
      if ((requests & (1 << irq)) !== 0) return irq;
    }
    return -1;
  }

  private update(): void {
    if (this.highest() >= 0) this.core.interruptRequest |= PIN_EXTINT;
    else this.core.interruptRequest &= ~PIN_EXTINT;
  }
}
