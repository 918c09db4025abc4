import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { NEVER, NS, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { type CauseSink, type CauseSource, ICR_RXDMT0, ICR_RXT0, ICR_TXDW, type InterruptOutput } from './interrupt-causes.ts';
import { ProbeEvent } from './probe.ts';

/** Granularity of EITR. */
const UNIT_TICKS = 256 * NS;

/** Register offsets that a probe is told (drivers/net/ethernet/intel/e1000e/regs.h, Linux 4.9). */
const IMS = 0x000d0;
const EITR = 0x000e8;

/** An entry of the MSI-X table: its number, which is its EITR's too, and its cause in ICR and IMS (E1000_ICR_RXQ0 and TXQ0, defines.h). */
export interface MsixEntry {
  readonly entry: number;
  readonly bit: number;
}

export const MSIX_RECEIVE: MsixEntry = { entry: 0, bit: 1 << 20 };
export const MSIX_TRANSMIT: MsixEntry = { entry: 1, bit: 1 << 22 };

/** A device that reports its causes by itself. */
const NONE: CauseSource = { report: () => {}, rearm: () => {} };

/**
 * One MSI-X vector of the 82574L with auto-clear and auto-mask on (EIAC, EIAME), as Linux sets it up: a message clears its cause and masks the vector until IMS is
 * written again; ICR is never read. Messages are at least EITR apart. A new EITR counts from the next message on: the counter is loaded when one is sent (as QEMU's model does it;
 * the data sheet was not to be had).
 */
export class MsixVector {
  private readonly core: Core;
  private readonly simulator: Simulator;
  private readonly counters: Counters;
  private readonly output: InterruptOutput;
  private readonly number: number;
  private readonly table: MsixEntry;
  private readonly sent: number;
  private readonly all: number;
  /** Whose causes these are. */
  source: CauseSource = NONE;
  private readonly delayed: Event;
  private pending = false;
  private enabled = false;
  private earliest: Tick = ZERO;
  private eitr = 0;
  /** The first cause since the last flush. */
  private first: Tick = NEVER;

  /** `number`: the APIC vector of its message. */
  constructor(name: string, number: number, table: MsixEntry, core: Core, simulator: Simulator, counters: Counters, output: InterruptOutput) {
    this.core = core;
    this.simulator = simulator;
    this.counters = counters;
    this.output = output;
    this.number = number;
    this.table = table;
    this.sent = counters.define(`nic.messages.${name}`);
    this.all = counters.define('nic.interrupts');
    this.delayed = new Event(`nic/eitr/${name}`, Priority.timer, (tick) => {
      this.source.report(tick);
      if (this.ready) this.send(tick, tick);
      this.source.rearm();
    });
  }

  /** EITR: least time from one message to the next, units of 256 ns; 0: none. Who sets it has paid for the write. */
  get throttle(): number {
    return this.eitr;
  }

  set throttle(units: number) {
    this.eitr = units;
    this.core.probe?.event(ProbeEvent.mmioWrite, 'nic', EITR + 4 * this.table.entry, units);
  }

  /** A cause of this vector occurs. */
  cause(tick: Tick): void {
    this.pending = true;
    if (tick < this.first) this.first = tick;
  }

  /** All causes up to now are told: one message for them, if it is time. */
  flush(): void {
    const tick = this.first;
    if (tick === NEVER) return;
    this.first = NEVER;
    if (this.ready) this.send(tick, this.simulator.now);
  }

  /** A cause cannot be seen earlier than this; NEVER when the vector must be unmasked before, or a cause waits for EITR already. */
  get visibleFrom(): Tick {
    return this.pending || !this.enabled ? NEVER : this.earliest;
  }

  /** IMS: unmasks the vector. The caller has paid for the write. */
  enable(): void {
    const { now } = this.core;
    this.source.report(now);
    this.enabled = true;
    this.core.probe?.event(ProbeEvent.mmioWrite, 'nic', IMS, this.table.bit);
    if (this.pending) this.send(now, now);
    this.source.rearm();
  }

  /** A message may be sent as far as causes and mask go. */
  private get ready(): boolean {
    return this.pending && this.enabled;
  }

  /** Sends the message for a cause of tick `cause`, now or when EITR allows. Only while `ready`. */
  private send(cause: Tick, now: Tick): void {
    const tick = cause > this.earliest ? cause : this.earliest;
    if (tick > cause && tick > now) {
      if (!this.delayed.scheduled) this.simulator.schedule(this.delayed, tick);
      return;
    }
    this.simulator.deschedule(this.delayed);
    this.pending = false;
    this.enabled = false;
    this.earliest = tick + this.eitr * UNIT_TICKS;
    this.counters.add(this.sent);
    this.counters.add(this.all);
    this.core.probe?.event(ProbeEvent.irqRaise, 'nic', this.number, 0);
    this.output.raise(tick);
  }
}

/** IVAR as Linux programs it: receive causes to one vector, transmit write-backs to another. The third, for the link, stays silent. */
export class MsixCauses implements CauseSink {
  readonly receive: MsixVector;
  readonly transmit: MsixVector;

  constructor(receive: MsixVector, transmit: MsixVector) {
    this.receive = receive;
    this.transmit = transmit;
  }

  cause(bits: number, tick: Tick): void {
    if ((bits & (ICR_RXT0 | ICR_RXDMT0)) !== 0) this.receive.cause(tick);
    if ((bits & ICR_TXDW) !== 0) this.transmit.cause(tick);
  }

  flush(): void {
    this.receive.flush();
    this.transmit.flush();
  }

  attach(source: CauseSource): void {
    this.receive.source = source;
    this.transmit.source = source;
  }

  get receiveVisibleFrom(): Tick {
    return this.receive.visibleFrom;
  }

  get transmitVisibleFrom(): Tick {
    return this.transmit.visibleFrom;
  }
}
