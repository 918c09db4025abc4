import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { NEVER, type Tick } from '../events/time.ts';
import { young } from '../events/young.ts';
import type { AckPort, AckRun } from './ack-run.ts';
import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { DelayTimer } from './delay-timer.ts';
import { Departures } from './departures.ts';
import { BYTES, COUNT, PAYLOAD, SEQ, SPACING } from './frame.ts';
import { FrameRuns } from './frame-runs.ts';
import { EmulatedInterruptCauses } from './emulated-interrupt-causes.ts';
import { type CauseRegister, type CauseSink, type CauseSource, ICR_RXDMT0, ICR_RXO, ICR_RXT0, ICR_TXDW, InterruptCauses, type InterruptOutput } from './interrupt-causes.ts';
import type { FrameSink } from './link.ts';
import type { PathTable } from './path.ts';
import { ProbeEvent, type WireTap } from './probe.ts';

/** Register offsets that a probe is told (82574 datasheet, register summary). */
const IMS = 0x000d0;
const IMC = 0x000d8;
const RDT = 0x02818;
const TDT = 0x03818;

export interface NicSettings {
  /** Receive descriptors; one of them stays empty. */
  readonly rxDescriptors: number;
  /** Minimum time between interrupts, units of 256 ns; 0: none. */
  readonly itr: number;
  /** Receive delay timers, units of 1.024 us; RDTR restarts with every frame, RADV bounds it. 0: off. */
  readonly rdtr: number;
  readonly radv: number;
  /** Transmit delay timers, units of 1.024 us. */
  readonly tidv: number;
  readonly tadv: number;
  /** Receive part of the packet buffer, bytes. */
  readonly rxBufferBytes: number;
  /** The interrupt logic is that of QEMU's model of the NIC, with interrupts by a line or by messages; absent: the chip's. */
  readonly emulated?: 'line' | 'message';
}

/** The other end of the transmit side. Returns the tick at which the frame has left the port. */
export type TransmitPort = (tick: Tick, bytes: number, ack: number, window: number, sackLow: number, sackHigh: number) => Tick;

/**
 * The 82574L as its driver sees it: descriptor rings with head and tail, DMA, interrupt causes with read-to-clear ICR, the four delay timers and ITR.
 * Frames are numbered by runs (FrameRuns). Nothing but the driver and the interrupt line can see what the device does, so arrivals are counted and timers expire when somebody looks
 * (`sync`), or when an interrupt could come of it (`rearm`); when descriptors could run short every frame is an event.
 */
export class I82574 implements CauseSource, FrameSink {
  readonly settings: NicSettings;
  /** Frames in memory, oldest first, for whoever passes them up. Ticks are of DMA completion. */
  readonly runs = new FrameRuns();
  /** Frames whose DMA is complete, as of the last `sync`. */
  received = 0;
  /** Frames the driver has taken. */
  taken = 0;
  /** Delay from a frame's last bit to its descriptor write-back: a link that feeds `receive` adds it to its own latency. */
  readonly receiveLatency: Tick;
  /** ICR, IMS and ITR. */
  readonly causes: CauseRegister;
  /** Who watches the port; null: nobody. */
  tap: WireTap | null = null;
  /** Where causes go in MSI-X mode; null: ICR and one interrupt for all of them. */
  private vectors: CauseSink | null = null;
  private readonly emulated: EmulatedInterruptCauses | null;
  /** Takes runs of ACKs in place of the transmit port, to the same effect; null: packets go one by one. */
  ackPort: AckPort | null = null;
  private readonly core: Core;
  private readonly simulator: Simulator;
  private readonly counters: Counters;
  private readonly transmitPort: TransmitPort;
  private readonly fetchLatency: Tick;
  private readonly lowWater: number;
  private readonly rxTimer: DelayTimer;
  private readonly txTimer: DelayTimer;
  private readonly startTransmitTimer = young((first: Tick, last: Tick): void => this.txTimer.start(first, last));
  /** When an expiry of a delay timer could be seen first, or earlier. */
  private readonly timers: Event;
  private readonly refill: Event;
  private readonly nextFrame: Event;
  /** Descriptors the hardware may still fill. */
  private free: number;
  /** Runs that arrive or will; `progress` frames of the first have been counted, `coming` of all have not. */
  private readonly arriving = new FrameRuns();
  private progress = 0;
  private coming = 0;
  /** Earliest arrival that has not been counted; NEVER when there is none. */
  private next: Tick = NEVER;
  /** A cause has been set and not yet looked at. */
  private told = false;
  /** Frames that wait in the packet buffer for a descriptor. */
  private readonly waiting = new FrameRuns();
  private waitingBytes = 0;
  private readonly departures = new Departures();
  /** Transmit descriptors used, for the probe. */
  private sent = 0;
  private readonly framesIn: number;
  private readonly bytesIn: number;
  private readonly framesOut: number;
  private readonly missed: number;

  constructor(core: Core, simulator: Simulator, counters: Counters, paths: PathTable, settings: NicSettings, output: InterruptOutput, transmitPort: TransmitPort) {
    this.core = core;
    this.simulator = simulator;
    this.counters = counters;
    this.settings = settings;
    this.transmitPort = transmitPort;
    this.emulated = settings.emulated === undefined ? null : new EmulatedInterruptCauses(core, simulator, counters, { ...settings, message: settings.emulated === 'message' }, output);
    this.causes = this.emulated ?? new InterruptCauses(core, simulator, counters, settings.itr, output, this);
    this.free = settings.rxDescriptors - 1;
    this.lowWater = settings.rxDescriptors >> 1;
    this.receiveLatency = paths.ticks('nic.dma');
    this.fetchLatency = paths.ticks('nic.tx.fetch');
    this.rxTimer = new DelayTimer(settings.rdtr, settings.radv);
    this.txTimer = new DelayTimer(settings.tidv, settings.tadv);
    this.timers = new Event('nic/timers', Priority.timer, (tick) => {
      this.sync(tick);
      this.rearm();
    });
    this.refill = new Event('nic/refill', Priority.dma, (tick) => this.drain(tick));
    this.nextFrame = new Event('nic/frame', Priority.wire, (tick) => {
      this.sync(tick);
      this.watch();
      this.rearm();
    });
    this.framesIn = counters.define('frames.in');
    this.bytesIn = counters.define('bytes.in');
    this.framesOut = counters.define('frames.out');
    this.missed = counters.define('frames.dropped');
  }

  /** MSI-X mode. */
  useVectors(vectors: CauseSink): void {
    this.vectors = vectors;
    vectors.attach(this);
  }

  /** The DMA of the first frame of the run at `words[offset...]` completes now, if a descriptor is free; the others follow at the run's spacing. */
  receive(tick: Tick, words: Float64Array, offset: number): void {
    const count = Math.max(1, words[offset + COUNT]!); // the record holds FRAME_WORDS from the offset on
    this.tap?.received(tick - this.receiveLatency, words, offset);
    this.arriving.append(tick, words[offset + SPACING]!, words[offset + SEQ]!, words[offset + PAYLOAD]!, words[offset + BYTES]!, count);
    this.announce(tick, count);
    this.sync(tick);
    this.watch();
    this.rearm();
  }

  /** Nobody wants to be told of a frame when it arrives: they may be announced as soon as it is known when they will. */
  get expects(): boolean {
    return this.tap === null;
  }

  /** The DMA of `count` frames, the first of which is at `words[offset...]`, will complete at `first` and `spacing` apart. Only while `expects`. */
  expect(first: Tick, spacing: Tick, count: number, words: Float64Array, offset: number): void {
    this.arriving.extend(first, spacing, words[offset + SEQ]!, words[offset + PAYLOAD]!, words[offset + BYTES]!, count); // a frame record
    this.announce(first, count);
    this.watch();
    this.rearm();
  }

  private announce(first: Tick, count: number): void {
    if (this.coming === 0) this.next = first;
    this.coming += count;
  }

  /** Brings the device up to `now`: frames, delay timers, causes. Everyone who looks at any of them calls this first. */
  sync(now: Tick): void {
    const { rxTimer, txTimer } = this;
    for (;;) {
      const due = rxTimer.due < txTimer.due ? rxTimer.due : txTimer.due;
      if (now < due && now < this.next) break;
      if (rxTimer.due === NEVER && this.next <= due) {
        // The frame that starts the timer, or several of which some do.
        if (!this.countThrough(now < due ? now : due)) this.count(this.next);
        continue;
      }
      if (now < due) {
        this.count(now);
        break;
      }
      // A timer sees the frames of its tick, which may restart it.
      this.count(due);
      if (rxTimer.due <= due) {
        rxTimer.stop();
        this.setCause(ICR_RXT0, due);
      }
      if (txTimer.due <= due) {
        txTimer.stop();
        this.setCause(ICR_TXDW, due);
        // Packets that leave later start the timers anew when they leave.
        this.departures.later(due, this.startTransmitTimer);
      }
    }
    this.flush();
  }

  /** Looks again when an expiry could be seen. */
  rearm(): void {
    const { causes, rxTimer, txTimer, vectors } = this;
    const rx = rxTimer.due === NEVER ? this.next + rxTimer.least : rxTimer.due;
    if (vectors === null) this.lookAt(rx < txTimer.due ? rx : txTimer.due, causes.visibleFrom);
    else {
      this.lookAt(rx, vectors.receiveVisibleFrom);
      this.lookAt(txTimer.due, vectors.transmitVisibleFrom);
    }
  }

  /** Looks when both have come, or earlier. */
  private lookAt(due: Tick, visibleFrom: Tick): void {
    const at = due > visibleFrom ? due : visibleFrom;
    const { timers } = this;
    if (at >= timers.tick || at === NEVER) return;
    if (timers.tick === NEVER) this.simulator.schedule(timers, at);
    else this.simulator.reschedule(timers, at);
  }

  /** Counts the frames that have arrived up to `now`. */
  private count(now: Tick): void {
    const { arriving } = this;
    while (this.next <= now) {
      const slot = arriving.slot(arriving.head);
      const from = this.next;
      const payload = arriving.payload[slot]!; // slots in use, here and below
      const seq = arriving.seq[slot]! + this.progress * payload;
      const fresh = this.fresh(slot, now);
      this.accept(from, arriving.spacing[slot]!, seq, payload, arriving.bytes[slot]!, this.advance(slot, fresh));
    }
  }

  /**
   * Counts the frames of the first run that have arrived up to `now` although the delay timer expires between them, if that is all that happens; the last expiry is left to come.
   * False, and nothing has been done, where the frames must be looked at more closely.
   */
  private countThrough(now: Tick): boolean {
    const { arriving, rxTimer } = this;
    const slot = arriving.slot(arriving.head);
    const spacing = arriving.spacing[slot]!; // a slot in use, here and below
    if (spacing === 0 || !rxTimer.fixed || this.waiting.length > 0) return false;
    const fresh = this.fresh(slot, now);
    if (fresh < 2 || this.free - fresh <= this.lowWater) return false;
    const from = this.next;
    const payload = arriving.payload[slot]!;
    const seq = arriving.seq[slot]! + this.progress * payload;
    const expired = rxTimer.pass(from, spacing, fresh);
    this.store(from, spacing, seq, payload, arriving.bytes[slot]!, this.advance(slot, fresh));
    if (expired !== NEVER) this.setCause(ICR_RXT0, expired);
    return true;
  }

  /** Frames of the run that is arriving which have come up to `now` and are not counted. */
  private fresh(slot: number, now: Tick): number {
    const { arriving } = this;
    const spacing = arriving.spacing[slot]!; // a slot in use, here and below
    const count = arriving.count[slot]!;
    const arrived = spacing === 0 ? count : Math.min(count, Math.floor((now - arriving.first[slot]!) / spacing) + 1);
    return arrived - this.progress;
  }

  /** The next `fresh` frames of the run that is arriving are counted; returns their number. */
  private advance(slot: number, fresh: number): number {
    const { arriving } = this;
    this.coming -= fresh;
    this.progress += fresh;
    if (this.progress < arriving.count[slot]!) {
      this.next = arriving.first[slot]! + this.progress * arriving.spacing[slot]!; // a slot in use
    } else {
      this.progress = 0;
      arriving.head++;
      this.next = this.coming === 0 ? NEVER : arriving.first[arriving.slot(arriving.head)]!; // frames come, so there is a run
    }
    return fresh;
  }

  private accept(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    if (this.waiting.length === 0 && this.free >= count) {
      this.complete(first, spacing, seq, payload, bytes, count);
      return;
    }
    for (let i = 0; i < count; i++) {
      const tick = first + i * spacing;
      if (this.waiting.length === 0 && this.free > 0) {
        this.complete(tick, 0, seq + i * payload, payload, bytes, 1);
      } else if (this.waitingBytes + bytes > this.settings.rxBufferBytes) {
        this.counters.add(this.missed);
        this.setFrameCause(ICR_RXO, tick);
      } else {
        this.waiting.append(tick, 0, seq + i * payload, payload, bytes, 1);
        this.waitingBytes += bytes;
      }
    }
  }

  private complete(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    this.store(first, spacing, seq, payload, bytes, count);
    this.rxTimer.start(first, first + (count - 1) * spacing);
    if (this.free === this.lowWater) this.setFrameCause(ICR_RXDMT0, first);
  }

  private store(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    this.core.probe?.frames(first, spacing, count, bytes, this.received);
    this.runs.extend(first, spacing, seq, payload, bytes, count);
    this.received += count;
    this.free -= count;
    this.counters.addMany(this.framesIn, count);
    this.counters.addMany(this.bytesIn, bytes * count);
  }

  /** Makes the next frame an event while descriptors are short. */
  private watch(): void {
    if (!this.short) return;
    this.sync(this.simulator.now);
    if (!this.short) return;
    const next = this.nextArrival();
    if (!this.nextFrame.scheduled) this.simulator.schedule(this.nextFrame, next);
    else if (this.nextFrame.tick > next) this.simulator.reschedule(this.nextFrame, next);
  }

  /** Descriptors could reach the low-water mark before the driver returns any, or frames wait that will take some. */
  private get short(): boolean {
    return this.coming > 0 && (this.waiting.length > 0 || this.coming >= this.free - this.lowWater);
  }

  /** No frame waits in the packet buffer: descriptors that come back are of no interest to anyone. */
  get bufferEmpty(): boolean {
    return this.waiting.length === 0;
  }

  /** Earliest arrival that `sync` has not counted yet; NEVER when there is none. */
  nextArrival(): Tick {
    return this.next;
  }

  private drain(tick: Tick): void {
    this.sync(tick - 1); // a frame of this tick comes after
    const waiting = this.waiting;
    while (this.free > 0 && waiting.length > 0) {
      const slot = waiting.slot(waiting.head++);
      const bytes = waiting.bytes[slot]!; // a slot in use
      this.waitingBytes -= bytes;
      this.complete(tick, 0, waiting.seq[slot]!, waiting.payload[slot]!, bytes, 1);
    }
    this.flush();
    this.rearm();
  }

  /** RDT: the driver gives `count` descriptors back. */
  writeReceiveTail(count: number): void {
    this.free += count;
    this.core.probe?.event(ProbeEvent.mmioWrite, 'nic', RDT, (this.taken - 1) % this.settings.rxDescriptors);
    if (this.waiting.length > 0 && !this.refill.scheduled) this.simulator.schedule(this.refill, this.core.now + this.receiveLatency);
  }

  /** TDT: one packet is ready in memory. The NIC fetches descriptor and data, sends, and writes the descriptor back. */
  writeTransmitTail(bytes: number, ack: number, window: number, sackLow: number, sackHigh: number): void {
    this.expireTransmit(this.core.now);
    const departure = this.transmitPort(this.core.now + this.fetchLatency, bytes, ack, window, sackLow, sackHigh);
    this.core.probe?.event(ProbeEvent.mmioWrite, 'nic', TDT, this.sent);
    this.tap?.sent(departure, bytes, ack, window, sackLow, sackHigh);
    this.sent++;
    this.departures.add(departure, 0, 1);
    this.counters.add(this.framesOut);
    if (this.emulated !== null) {
      this.emulated.transmitted(departure);
      return;
    }
    this.txTimer.start(departure, departure);
    this.rearm();
  }

  /** For how long from now packets may be handed over in one go without anybody noticing: no delay timer that one of them starts can be over by then. */
  get ackSpan(): Tick {
    if (this.ackPort === null || this.emulated !== null) return 0;
    const silence = this.fetchLatency + this.ackPort.silence;
    const { least } = this.txTimer;
    return silence < least ? silence : least;
  }

  /** TDT, once for each packet of a run, which takes less than `ackSpan` when it has several. The same as so many `writeTransmitTail`. */
  writeTransmitTails(run: AckRun, bytes: number): void {
    const { ackPort, departures, txTimer } = this;
    const { count } = run;
    if (ackPort === null || this.emulated !== null || this.core.probe !== null) {
      for (let i = 0; i < count; i++) this.writeTransmitTail(bytes, run.ackOf(i), run.windowOf(i), 0, 0);
      return;
    }
    this.expireTransmit(run.first);
    const from = departures.tail;
    ackPort.acknowledgeRun(run, this.fetchLatency, bytes, departures);
    this.sent += count;
    if (this.tap !== null) this.tell(this.tap, run, bytes, from);
    this.counters.addMany(this.framesOut, count);
    const { due } = txTimer;
    const last = run.first + (count - 1) * run.spacing;
    if (due > last) {
      txTimer.start(departures.firstOf(from), departures.lastOf(departures.tail - 1));
    } else {
      // It expires on the way, unless the packets before restart it; those after are then started by the expiry.
      const before = departures.nth(from, Math.ceil((due - run.first) / run.spacing) - 1);
      txTimer.start(departures.firstOf(from), before);
      if (txTimer.due > last) txTimer.start(before, departures.lastOf(departures.tail - 1));
      else this.sync(last);
    }
    this.rearm();
  }

  /** The transmit timer that is due before a packet is handed over at `tick` does not see it. */
  private expireTransmit(tick: Tick): void {
    if (this.txTimer.due <= tick) this.sync(tick);
  }

  /** Tells each packet of a run whose departures begin at `from`. */
  private tell(tap: WireTap, run: AckRun, bytes: number, from: number): void {
    const { departures } = this;
    let i = 0;
    for (let at = from; at < departures.tail; at++) {
      for (let j = 0; j < departures.countOf(at); j++, i++) tap.sent(departures.firstOf(at) + j * departures.spacingOf(at), bytes, run.ackOf(i), run.windowOf(i), 0, 0);
    }
  }

  /** Transmit descriptors done and not yet reclaimed. */
  transmitsDone(): number {
    return this.departures.done(this.core.now);
  }

  /** The driver reclaims `count` done descriptors. */
  reclaim(count: number): void {
    this.departures.reclaim(count);
  }

  /** Packets handed to the NIC and not reclaimed. */
  get transmitsPending(): number {
    return this.departures.pending;
  }

  /** ICR: returns the enabled causes that are set, clears all, takes a level interrupt back. The caller has paid for the read. */
  readCause(): number {
    this.sync(this.core.now);
    const causes = this.causes.read();
    this.rearm();
    return causes;
  }

  /** IMS: enables causes. */
  enable(causes: number): void {
    this.sync(this.core.now);
    this.core.probe?.event(ProbeEvent.mmioWrite, 'nic', IMS, causes);
    this.causes.enable(causes, this.core.now);
    this.rearm();
  }

  /** IMC: disables causes. */
  disable(causes: number): void {
    this.sync(this.core.now);
    this.core.probe?.event(ProbeEvent.mmioWrite, 'nic', IMC, causes);
    this.causes.disable(causes);
  }

  /** A cause that comes with a frame, and so before any timer of its tick. While descriptors are short every frame is an event, so this is now. */
  private setFrameCause(bits: number, tick: Tick): void {
    this.setCause(bits, tick);
    this.flush();
  }

  private flush(): void {
    if (!this.told) return;
    this.told = false;
    if (this.vectors === null) this.causes.flush();
    else this.vectors.flush();
  }

  private setCause(bits: number, tick: Tick): void {
    this.told = true;
    if (this.vectors === null) this.causes.set(bits, tick);
    else this.vectors.cause(bits, tick);
  }
}
