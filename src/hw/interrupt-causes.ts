import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { NEVER, NS, type Tick } from '../events/time.ts';
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

/** A device whose timers are looked at only when what they report could be seen. */
export interface CauseSource {
  /** Reports every cause up to `now` that has not been reported. */
  report(now: Tick): void;
  /** A cause may show earlier than thought. */
  rearm(): void;
}

/** Takes the interrupt causes in place of ICR, IMS and ITR: a NIC that has a vector for each of its queues. */
export interface CauseSink {
  /** Bits of ICR_* occur at `tick`. */
  cause(bits: number, tick: Tick): void;
  /** What has occurred up to now is told: interrupts, if it is time. */
  flush(): void;
  /** See `CauseRegister.visibleFrom`: for receive and for transmit causes. */
  readonly receiveVisibleFrom: Tick;
  readonly transmitVisibleFrom: Tick;
  /** `source` reports its causes here. */
  attach(source: CauseSource): void;
}

/** ICR, IMS and ITR as the driver and the NIC see them. */
export interface CauseRegister {
  /** Causes that are cleared when their message is sent (EIAC, MSI-X only); 0: none. */
  autoClear: number;
  /** Bits of ICR_* occur at `tick`. */
  set(bits: number, tick: Tick): void;
  /** What has occurred up to now is told: interrupts, if it is time. */
  flush(): void;
  /** A cause cannot be seen earlier than this; NEVER when something else must happen before. */
  readonly visibleFrom: Tick;
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
  /** The first enabled cause since the last flush. */
  private first: Tick = NEVER;

  /** `itr` in units of 256 ns. */
  constructor(core: Core, simulator: Simulator, counters: Counters, itr: number, output: InterruptOutput, source: CauseSource) {
    this.core = core;
    this.simulator = simulator;
    this.counters = counters;
    this.output = output;
    this.interval = itr * 256 * NS;
    this.throttle = new Event('nic/itr', Priority.timer, (tick) => {
      source.report(tick);
      this.request(tick);
      source.rearm();
    });
    this.raised = counters.define('nic.interrupts');
  }

  set(bits: number, tick: Tick): void {
    this.cause |= bits;
    if ((bits & this.mask) !== 0 && tick < this.first) this.first = tick;
  }

  flush(): void {
    const tick = this.first;
    if (tick === NEVER) return;
    this.first = NEVER;
    this.request(tick);
  }

  get visibleFrom(): Tick {
    // The interrupt is asserted, or will be as soon as ITR allows: a further cause only joins the others.
    if ((this.cause & this.mask) !== 0 && (this.asserted || this.throttle.scheduled)) return NEVER;
    return this.mask === 0 ? NEVER : this.last + this.interval;
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
   * Asserts for a cause of tick `tick`, now or when ITR allows. It stays asserted until ICR is read: a level holds, and a message stands for the change from no enabled cause to
   * one, so that a cause which recurs before the read sends no second one (8254x SDM 3.2.7; the 82574 text on this was not to be had).
   */
  private request(tick: Tick): void {
    if ((this.cause & this.mask) === 0 || this.asserted) return;
    const earliest = this.last + this.interval;
    const at = tick > earliest ? tick : earliest;
    // A cause is reported no later than it can be seen, so what is not ahead is now.
    if (at > tick && at > this.simulator.now) {
      if (!this.throttle.scheduled) this.simulator.schedule(this.throttle, at);
      return;
    }
    this.simulator.deschedule(this.throttle);
    this.last = at;
    this.asserted = true;
    this.counters.add(this.raised);
    this.core.probe?.event(ProbeEvent.irqRaise, 'nic', 0, this.cause & this.mask);
    this.output.raise(at);
    if (this.autoClear === 0) return;
    this.cause &= ~this.autoClear;
    this.asserted = false;
  }
}
