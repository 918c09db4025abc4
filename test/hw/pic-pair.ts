/** One 8259A in fully nested mode with fixed priorities, by the book: request, mask and in-service registers, inputs 0 (highest) to 7. */
class Chip {
  requests = 0;
  inService = 0;
  mask = 0;

  /** Input that would be acknowledged, -1: none. Only an input above everything in service interrupts. */
  get pending(): number {
    for (let input = 0; input < 8; input++) {
      const bit = 1 << input;
      if ((this.inService & bit) !== 0) return -1;
      if ((this.requests & bit & ~this.mask) !== 0) return input;
    }
    return -1;
  }

  /** Non-specific end of interrupt: the highest in service. */
  end(): void {
    this.inService &= this.inService - 1;
  }
}

/**
 * The pair as two chips, the slave's output wired to the master's input 2: slow and obvious, for comparison with `Pic`. Inputs 0..15; `level` has a bit for each
 * level-triggered one.
 */
export class ChipPair {
  private readonly master = new Chip();
  private readonly slave = new Chip();
  private readonly level: number;
  private lines = 0;

  constructor(level: number) {
    this.level = level;
  }

  setLine(irq: number, high: boolean): void {
    const bit = 1 << irq;
    const was = (this.lines & bit) !== 0;
    this.lines = high ? this.lines | bit : this.lines & ~bit;
    const chip = irq < 8 ? this.master : this.slave;
    const input = 1 << (irq & 7);
    if ((this.level & bit) !== 0) chip.requests = high ? chip.requests | input : chip.requests & ~input;
    else if (high && !was) chip.requests |= input;
    this.cascade();
  }

  setMask(irq: number, masked: boolean): void {
    const chip = irq < 8 ? this.master : this.slave;
    const input = 1 << (irq & 7);
    chip.mask = masked ? chip.mask | input : chip.mask & ~input;
    this.cascade();
  }

  endSlave(): void {
    this.slave.end();
    this.cascade();
  }

  endMaster(): void {
    this.master.end();
  }

  get output(): boolean {
    return this.master.pending >= 0;
  }

  acknowledge(): number {
    const input = this.master.pending;
    if (input < 0) return 7;
    if (input !== 2) return this.serve(this.master, input);
    this.master.inService |= 1 << 2;
    return 8 + this.serve(this.slave, this.slave.pending);
  }

  private serve(chip: Chip, input: number): number {
    const irq = chip === this.master ? input : 8 + input;
    chip.inService |= 1 << input;
    if ((this.level & (1 << irq)) === 0) chip.requests &= ~(1 << input);
    this.cascade();
    return input;
  }

  private cascade(): void {
    this.master.requests = this.slave.pending >= 0 ? this.master.requests | 4 : this.master.requests & ~4;
  }
}
