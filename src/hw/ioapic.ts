import { young } from '../events/young.ts';
import type { LocalApic } from './local-apic.ts';

/**
 * The I/O APIC: level-triggered inputs become vectored messages to the local APIC. A message is sent once per assertion; the remote IRR holds further ones
 * back until the end of interrupt is broadcast, and then an input that is still high and unmasked sends again.
 */
export class IoApic {
  private readonly apic: LocalApic;
  private readonly vectors = new Int32Array(24);
  private high = 0;
  private masked = 0xffffff;
  private remoteIrr = 0;

  constructor(apic: LocalApic) {
    this.apic = apic;
    apic.onEndOfInterrupt = young((vector) => this.endOfInterrupt(vector));
  }

  /** Programs a redirection entry, unmasked. */
  route(pin: number, vector: number): void {
    this.vectors[pin] = vector;
    this.setMask(pin, false);
  }

  setLine(pin: number, high: boolean): void {
    this.high = high ? this.high | (1 << pin) : this.high & ~(1 << pin);
    this.send(pin);
  }

  setMask(pin: number, masked: boolean): void {
    this.masked = masked ? this.masked | (1 << pin) : this.masked & ~(1 << pin);
    this.send(pin);
  }

  private send(pin: number): void {
    const bit = 1 << pin;
    if ((this.high & bit) === 0 || (this.masked & bit) !== 0 || (this.remoteIrr & bit) !== 0) return;
    this.remoteIrr |= bit;
    this.apic.accept(this.vectors[pin]!); // pins are 0..23
  }

  private endOfInterrupt(vector: number): void {
    for (let waiting = this.remoteIrr; waiting !== 0; waiting &= waiting - 1) {
      const pin = 31 - Math.clz32(waiting & -waiting);
      if (this.vectors[pin] !== vector) continue;
      this.remoteIrr &= ~(1 << pin);
      this.send(pin);
    }
  }
}
