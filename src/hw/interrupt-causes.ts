import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { NS, type Tick } from '../events/time.ts';
import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { ProbeEvent } from './probe.ts';

/** Interrupt causes (ICR bits; 82574 datasheet, interrupt cause read register). */
export const ICR_TXDW = 1 << 0;
export const ICR_RXDMT0 = 1 << 4;
export const ICR_RXO = 1 << 6;
export const ICR_RXT0 = 1 << 7;

/** Register offset that a probe is told. */
const ICR = 0x000c0;

/** What the NIC's interrupt output drives: a wire through a controller, or messages. */
export interface InterruptOutput {
  raise(tick: Tick): void;
  /** ICR has been read: a level goes away, a message cannot. */
  lower(): void;
}

/** Takes the interrupt causes in place of ICR, IMS and ITR: a NIC that has a vector for each of its queues. */
export interface CauseSink {
  /** Bits of ICR_* occur at `tick`. */
  cause(bits: number, tick: Tick): void;
}

/** ICR, IMS and ITR as the driver and the NIC see them. */
export interface CauseRegister {
  /** Causes that are cleared when their message is sent (EIAC, MSI-X only); 0: none. */
  autoClear: number;
  /** Bits of ICR_* occur at `tick`. */
  set(bits: number, tick: Tick): void;
  /** ICR: returns the enabled causes that are set, clears all. */
  read(): number;
  /** IMS. */
  enable(causes: number, now: Tick): void;
  /** IMC. */
  disable(causes: number): void;
}

/**
 * The 82574L's interrupt logic with one interrupt for all causes (INTx or MSI): ICR, read to clear; IMS and IMC; ITR, which spaces assertions from the last one.
 */
export class InterruptCauses implements CauseRegister {
  autoClear = 0;
  private readonly core: Core;
  private readonly simulator: Simulator;
  private readonly counters: Counters;
  private readonly output: InterruptOutput;
  private readonly interval: Tick;
  private readonly throttle: Event;
  private readonly raised: number;
  private cause = 0;
  private mask = 0;
  private asserted = false;
  private last: Tick = -1e15;

  /** `itr` in units of 256 ns. */
  constructor(core: Core, simulator: Simulator, counters: Counters, itr: number, output: InterruptOutput) {
    this.core = core;
    this.simulator = simulator;
    this.counters = counters;
    this.output = output;
    this.interval = itr * 256 * NS;
    this.throttle = new Event('nic/itr', Priority.timer, (tick) => this.request(tick));
    this.raised = counters.define('nic.interrupts');
  }

  set(bits: number, tick: Tick): void {
    this.cause |= bits;
    this.request(tick);
  }

  /** ICR: returns the enabled causes that are set, clears all, takes a level interrupt back. */
  read(): number {
    const cause = this.cause;
    this.core.probe?.event(ProbeEvent.mmioRead, 'nic', ICR, cause);
    this.cause = 0;
    this.simulator.deschedule(this.throttle);
    this.withdraw();
    return cause & this.mask;
  }

  /** IMS. */
  enable(causes: number, now: Tick): void {
    this.mask |= causes;
    this.request(now);
  }

  /** IMC. */
  disable(causes: number): void {
    this.mask &= ~causes;
    if ((this.cause & this.mask) === 0) this.withdraw();
  }

  private withdraw(): void {
    if (!this.asserted) return;
    this.asserted = false;
    this.core.probe?.event(ProbeEvent.irqLower, 'nic', 0, 0);
    this.output.lower();
  }

  /**
   * Asserts now or when ITR allows. It stays asserted until ICR is read: a level holds, and a message stands for the change from no enabled cause to
   * one, so that a cause which recurs before the read sends no second one (8254x SDM 3.2.7; the 82574 text on this was not to be had).
   */
  private request(tick: Tick): void {
    if ((this.cause & this.mask) === 0 || this.asserted) return;
    const earliest = this.last + this.interval;
    if (tick < earliest) {
      if (!this.throttle.scheduled) this.simulator.schedule(this.throttle, earliest);
      return;
    }
    this.simulator.deschedule(this.throttle);
    this.last = tick;
    this.asserted = true;
    this.counters.add(this.raised);
    this.core.probe?.event(ProbeEvent.irqRaise, 'nic', 0, this.cause & this.mask);
    this.output.raise(tick);
    if (this.autoClear === 0) return;
    this.cause &= ~this.autoClear;
    this.asserted = false;
  }
}
