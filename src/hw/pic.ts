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
/** Place of the slave's inputs in the fixed priority of the pair: the slave sits at the master's input 2. */
const SLAVE_RANK = 2;

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
    // Of one chip's inputs the lowest number has the highest priority.
    const served = this.inService & (slave ? 0xff00 : 0x00ff);
    if (served === 0) return;
    const irq = lowestBit(served);
    this.inService &= ~(1 << irq);
    this.core.probe?.event(ProbeEvent.eoi, this.name, slave ? PIC_SLAVE_COMMAND : PIC_MASTER_COMMAND, irq);
  }

  /** The input that would be acknowledged now, or -1. */
  private highest(): number {
    const requests = ((this.lines & this.levelTriggered) | this.edges) & ~this.masked;
    if (requests === 0) return -1;
    const requested = ranks(requests);
    // While the cascade input is in service the master passes on nothing of the slave, nor of its own lower inputs.
    const served = ranks(this.inService) | ((this.inService & (1 << CASCADE)) === 0 ? 0 : 1 << SLAVE_RANK);
    if (requested === 0 || (served !== 0 && lowestBit(served) <= lowestBit(requested))) return -1;
    const rank = lowestBit(requested);
    return rank < SLAVE_RANK ? rank : rank < SLAVE_RANK + 8 ? rank - SLAVE_RANK + 8 : rank - SLAVE_RANK - 8 + CASCADE + 1;
  }

  private update(): void {
    if (this.highest() >= 0) this.core.interruptRequest |= PIN_EXTINT;
    else this.core.interruptRequest &= ~PIN_EXTINT;
  }
}

/** A set of inputs, one bit each, in the order of their priority: 0, 1, the slave's 8 to 15 in place of the cascade input 2, 3 to 7. */
function ranks(inputs: number): number {
  return (inputs & 0x3) | ((inputs & 0xff00) >> (8 - SLAVE_RANK)) | ((inputs & 0xf8) << (8 + SLAVE_RANK - CASCADE - 1));
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
