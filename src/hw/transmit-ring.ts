import { NEVER, type Tick } from '../events/time.ts';
import type { AckPort, AckRun } from './ack-run.ts';
import type { CauseOutlet } from './cause-outlet.ts';
import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { DelayTimer } from './delay-timer.ts';
import { Departures } from './departures.ts';
import type { EmulatedInterruptCauses } from './emulated-interrupt-causes.ts';
import { type CauseSource, ICR_TXDW } from './interrupt-causes.ts';
import { ProbeEvent, type WireTap } from './probe.ts';

/** Register offset that a probe is told (82574 datasheet, register summary). */
const TDT = 0x03818;

/** What of `NicSettings` is about sending. */
export interface TransmitSettings {
  readonly tidv: number;
  readonly tadv: number;
}

/** The other end of the transmit side. Returns the tick at which the frame has left the port. */
export type TransmitPort = (tick: Tick, bytes: number, ack: number, window: number, sackLow: number, sackHigh: number) => Tick;

/** The transmit half of the 82574L: packets handed over, when they leave, and the transmit delay timers that report it. */
export class TransmitRing {
  readonly departures = new Departures();
  readonly timer: DelayTimer;
  private readonly core: Core;
  private readonly counters: Counters;
  /** The NIC, whose timers these are among. */
  private readonly source: CauseSource;
  private readonly outlet: CauseOutlet;
  /** Takes the place of the delay timers; null: they are the chip's. */
  private readonly emulated: EmulatedInterruptCauses | null;
  private readonly port: TransmitPort;
  /** From the tail write to the first bit on the wire. */
  readonly fetchLatency: Tick;
  /** Descriptors used, for the probe; where nobody watches, runs are left out. */
  private sent = 0;
  private readonly framesOut: number;

  constructor(core: Core, counters: Counters, settings: TransmitSettings, source: CauseSource, outlet: CauseOutlet, emulated: EmulatedInterruptCauses | null, port: TransmitPort, fetchLatency: Tick) {
    this.core = core;
    this.counters = counters;
    this.source = source;
    this.outlet = outlet;
    this.emulated = emulated;
    this.port = port;
    this.fetchLatency = fetchLatency;
    this.timer = new DelayTimer(settings.tidv, settings.tadv);
    this.framesOut = counters.define('frames.out');
  }

  /** The timer expires. */
  expire(): void {
    const { departures, timer } = this;
    const { due } = timer;
    timer.stop();
    this.outlet.set(ICR_TXDW, due);
    // Packets that leave later start it anew when they leave.
    const first = departures.after(due);
    if (first !== NEVER) timer.start(first, departures.last);
  }

  /** One packet is handed over now. */
  send(tap: WireTap | null, bytes: number, ack: number, window: number, sackLow: number, sackHigh: number): void {
    this.catchUp(this.core.now);
    const departure = this.port(this.core.now + this.fetchLatency, bytes, ack, window, sackLow, sackHigh);
    this.core.probe?.event(ProbeEvent.mmioWrite, 'nic', TDT, this.sent);
    tap?.sent(departure, bytes, ack, window, sackLow, sackHigh);
    this.sent++;
    this.departures.add(departure, 0, 1);
    this.counters.add(this.framesOut);
    if (this.emulated === null) this.start(departure, departure);
    else this.emulated.transmitted(departure);
  }

  /** The packets of a run are handed over, each in its time. */
  sendRun(port: AckPort, tap: WireTap | null, run: AckRun, bytes: number): void {
    const { departures, timer } = this;
    const { count, first, spacing } = run;
    this.catchUp(first);
    const from = departures.tail;
    port.acknowledgeRun(run, this.fetchLatency, bytes, departures);
    if (tap !== null) this.tell(tap, run, bytes, from);
    this.counters.addMany(this.framesOut, count);
    const end = first + (count - 1) * spacing;
    if (timer.due > end) {
      if (!timer.settled) this.start(departures.firstOf(from), departures.last);
    } else {
      if (!timer.settled) this.restart(run, from);
      this.catchUp(end);
    }
  }

  /** The timer expires while the packets of `run` are handed over, unless those before restart it; what leaves after an expiry starts it anew. */
  private restart(run: AckRun, from: number): void {
    const { departures, timer } = this;
    const before = departures.nth(from, Math.ceil((timer.due - run.first) / run.spacing) - 1);
    timer.start(departures.firstOf(from), before);
    if (timer.due > run.first + (run.count - 1) * run.spacing) timer.start(before, departures.last);
  }

  /** Packets leave from `first` to `last`, close enough that the timer does not expire in between. */
  private start(first: Tick, last: Tick): void {
    const { timer } = this;
    const { due } = timer;
    timer.start(first, last);
    if (timer.due < due) this.source.rearm();
  }

  /** The timer that is due before a packet is handed over at `tick` does not see it. */
  private catchUp(tick: Tick): void {
    if (this.timer.due > tick) return;
    this.source.report(tick);
    this.source.rearm();
  }

  /** Tells each packet of a run whose departures begin at `from`. */
  private tell(tap: WireTap, run: AckRun, bytes: number, from: number): void {
    const { departures } = this;
    let i = 0;
    for (let at = from; at < departures.tail; at++) {
      for (let j = 0; j < departures.countOf(at); j++, i++) tap.sent(departures.firstOf(at) + j * departures.spacingOf(at), bytes, run.ackOf(i), run.windowOf(i), 0, 0);
    }
  }
}
