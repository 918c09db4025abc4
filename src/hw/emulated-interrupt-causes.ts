import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { NS, type Tick } from '../events/time.ts';
import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { type CauseRegister, ICR_TXDW, type InterruptOutput } from './interrupt-causes.ts';
import { ProbeEvent } from './probe.ts';

const ICR = 0x000c0;
/** QEMU raises ITR to this (E1000E_MIN_XITR): at most 7,813 interrupts a second, whatever the driver asks for. */
const LEAST_ITR = 500;
/** Granularity of the transmit delay registers. */
const DELAY_TICKS = 1024 * NS;

export interface EmulatedSettings {
  /** Units of 256 ns. */
  readonly itr: number;
  /** Units of 1.024 us. */
  readonly tidv: number;
  readonly tadv: number;
  /** MSI instead of a line. */
  readonly message: boolean;
}

/**
 * The interrupt logic of QEMU 7.2's e1000e, one interrupt for all causes (hw/net/e1000e_core.c). The throttle timer is started by an interrupt; when it expires it raises the line or sends the message
 * again as long as an enabled cause is set, whether or not the last interrupt has been answered. So a message comes again every ITR until ICR is read, and the interval of
 * a line counts from the timer's last start, not from when the line rose. A new cause sends a message, or raises the line, at once while the timer does not run. A transmission done is held
 * back by TIDV and TADV; whatever else sets causes, the throttle timer's expiry among it, sets it with them.
 */
export class EmulatedInterruptCauses implements CauseRegister {
  autoClear = 0;
  /** Every cause may show when it occurs. */
  readonly visibleFrom: Tick = 0;
  private readonly core: Core;
  private readonly simulator: Simulator;
  private readonly counters: Counters;
  private readonly output: InterruptOutput;
  private readonly interval: Tick;
  private readonly packetDelay: Tick;
  private readonly absoluteDelay: Tick;
  private readonly throttle: Event;
  private readonly packetTimer: Event;
  private readonly absoluteTimer: Event;
  private readonly raised: number;
  private readonly message: boolean;
  private cause = 0;
  private mask = 0;
  /** Causes held back by the transmit delay timers. */
  private delayed = 0;
  /** The line is high. */
  private high = false;
  /** Causes that a message was sent or is due for. */
  private told = 0;

  constructor(core: Core, simulator: Simulator, counters: Counters, settings: EmulatedSettings, output: InterruptOutput) {
    this.core = core;
    this.simulator = simulator;
    this.counters = counters;
    this.output = output;
    this.message = settings.message;
    this.interval = Math.max(LEAST_ITR, settings.itr) * 256 * NS;
    this.packetDelay = settings.tidv * DELAY_TICKS;
    this.absoluteDelay = settings.tadv * DELAY_TICKS;
    const timer = (name: string, expired: (tick: Tick) => void): Event => new Event(name, Priority.timer, expired);
    this.throttle = timer('nic/itr', (tick) => {
      this.told = 0;
      this.set(0, tick);
    });
    this.packetTimer = timer('nic/tidv', (tick) => this.set(0, tick));
    this.absoluteTimer = timer('nic/tadv', (tick) => this.set(0, tick));
    this.raised = counters.define('nic.interrupts');
  }

  set(bits: number, tick: Tick): void {
    this.cause |= bits | this.delayed;
    this.delayed = 0;
    this.simulator.deschedule(this.packetTimer);
    this.simulator.deschedule(this.absoluteTimer);
    this.update(tick);
  }

  /** Each cause interrupts as it occurs. */
  flush(): void {}

  /** A packet has left. */
  transmitted(tick: Tick): void {
    this.delayed |= ICR_TXDW;
    if (this.packetDelay === 0) {
      this.set(0, tick);
      return;
    }
    this.simulator.reschedule(this.packetTimer, tick + this.packetDelay);
    if (this.absoluteDelay > 0 && !this.absoluteTimer.scheduled) this.simulator.schedule(this.absoluteTimer, tick + this.absoluteDelay);
  }

  read(): number {
    const cause = this.cause;
    this.core.probe?.event(ProbeEvent.mmioRead, 'nic', ICR, cause);
    this.cause = 0;
    this.update(this.core.now);
    return cause & this.mask;
  }

  enable(causes: number, now: Tick): void {
    this.mask |= causes;
    this.update(now);
  }

  disable(causes: number): void {
    this.mask &= ~causes;
    this.update(this.core.now);
  }

  private update(tick: Tick): void {
    const pending = this.cause & this.mask;
    if (pending === 0) {
      this.told = 0;
      if (this.high) {
        this.high = false;
        this.core.probe?.event(ProbeEvent.irqLower, 'nic', 0, 0);
        this.output.lower();
      }
      return;
    }
    if (this.message) {
      this.told &= pending;
      if ((pending & ~this.told) === 0) return;
      this.told |= pending;
    }
    if (this.throttle.scheduled) return;
    this.simulator.schedule(this.throttle, tick + this.interval);
    if (this.high) return;
    this.high = !this.message;
    this.counters.add(this.raised);
    this.core.probe?.event(ProbeEvent.irqRaise, 'nic', 0, pending);
    this.output.raise(tick);
  }
}
