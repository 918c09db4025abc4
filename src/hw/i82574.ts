import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { NEVER, type Tick } from '../events/time.ts';
import type { AckPort, AckRun } from './ack-run.ts';
import { CauseOutlet } from './cause-outlet.ts';
import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { BYTES, COUNT, PAYLOAD, SEQ, SPACING } from './frame.ts';
import type { FrameRuns } from './frame-runs.ts';
import { EmulatedInterruptCauses } from './emulated-interrupt-causes.ts';
import { type CauseRegister, type CauseSink, type CauseSource, InterruptCauses, type InterruptOutput } from './interrupt-causes.ts';
import type { FrameSink } from './link.ts';
import type { PathTable } from './path.ts';
import { ProbeEvent, type WireTap } from './probe.ts';
import { ReceiveRing } from './receive-ring.ts';
import { type TransmitPort, TransmitRing } from './transmit-ring.ts';

/** Register offsets that a probe is told (82574 datasheet, register summary). */
const IMS = 0x000d0;
const IMC = 0x000d8;
const RDT = 0x02818;

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

/**
 * The 82574L as its driver sees it: a receive and a transmit half with head and tail, interrupt causes with read-to-clear ICR, the four delay timers and ITR.
 * Nothing but the driver and the interrupt line can see what the device does, so arrivals are counted and timers expire when somebody looks
 * (`sync`), or when an interrupt could come of it (`rearm`); when descriptors could run short every frame is an event.
 */
export class I82574 implements CauseSource, FrameSink {
  readonly settings: NicSettings;
  /** Frames that the driver has taken and nobody has passed up, then those it may take, then those that come: see `ReceiveRing`. */
  readonly runs: FrameRuns;
  /** Frames the driver has taken. */
  taken = 0;
  /** Delay from a frame's last bit to its descriptor write-back: a link that feeds `receive` adds it to its own latency. */
  readonly receiveLatency: Tick;
  /** ICR, IMS and ITR. */
  readonly causes: CauseRegister;
  /** Who watches the port; null: nobody. */
  tap: WireTap | null = null;
  /** Takes runs of ACKs in place of the transmit port, to the same effect; null: packets go one by one. */
  ackPort: AckPort | null = null;
  private readonly core: Core;
  private readonly simulator: Simulator;
  private readonly emulated: EmulatedInterruptCauses | null;
  private readonly outlet: CauseOutlet;
  private readonly receiving: ReceiveRing;
  private readonly transmitting: TransmitRing;
  /** When an expiry of a delay timer could be seen first, or earlier. */
  private readonly timers: Event;
  private readonly refill: Event;
  private readonly nextFrame: Event;

  constructor(core: Core, simulator: Simulator, counters: Counters, paths: PathTable, settings: NicSettings, output: InterruptOutput, transmitPort: TransmitPort) {
    this.core = core;
    this.simulator = simulator;
    this.settings = settings;
    this.emulated = settings.emulated === undefined ? null : new EmulatedInterruptCauses(core, simulator, counters, { ...settings, message: settings.emulated === 'message' }, output);
    this.causes = this.emulated ?? new InterruptCauses(core, simulator, counters, settings.itr, output, this);
    this.outlet = new CauseOutlet(this.causes);
    this.receiveLatency = paths.ticks('nic.dma');
    // Results list them in this order.
    for (const name of ['frames.in', 'bytes.in', 'frames.out', 'frames.dropped']) counters.define(name);
    this.receiving = new ReceiveRing(core, counters, settings, this.outlet);
    this.runs = this.receiving.runs;
    this.transmitting = new TransmitRing(core, counters, settings, this, this.outlet, this.emulated, transmitPort, paths.ticks('nic.tx.fetch'));
    this.timers = new Event('nic/timers', Priority.timer, (tick) => {
      this.report(tick);
      this.rearm();
    });
    this.refill = new Event('nic/refill', Priority.dma, (tick) => this.drain(tick));
    this.nextFrame = new Event('nic/frame', Priority.wire, (tick) => {
      this.sync(tick);
      this.watch();
      this.rearm();
    });
  }

  /** MSI-X mode. */
  useVectors(vectors: CauseSink): void {
    this.outlet.useVectors(vectors);
    vectors.attach(this);
  }

  /** Frames whose DMA is complete, as of the last `sync`. */
  get received(): number {
    return this.receiving.received;
  }

  /** The DMA of the first frame of the run at `words[offset...]` completes now, if a descriptor is free; the others follow at the run's spacing. */
  receive(tick: Tick, words: Float64Array, offset: number): void {
    const count = Math.max(1, words[offset + COUNT]! | 0); // the record holds FRAME_WORDS from the offset on
    this.tap?.received(tick - this.receiveLatency, words, offset);
    this.receiving.announce(tick, words[offset + SPACING]!, words[offset + SEQ]!, words[offset + PAYLOAD]!, words[offset + BYTES]!, count);
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
    const { receiving } = this;
    const { next } = receiving;
    receiving.announce(first, spacing, words[offset + SEQ]!, words[offset + PAYLOAD]!, words[offset + BYTES]!, count | 0); // a frame record
    if (receiving.short) this.watch();
    else if (next !== NEVER) return; // those before are looked at first
    this.rearm();
  }

  /** Brings the device up to `now`: frames, delay timers, causes. Everyone who looks at any of them calls this first. */
  sync(now: Tick): void {
    this.report(now);
    this.receiving.advance(now);
  }

  /** Of that only what interrupts: all causes up to `now`. Frames may be left to count. */
  report(now: Tick): void {
    const { transmitting } = this;
    // A receive cause of the same tick comes first.
    while (transmitting.timer.due <= now) {
      this.receiving.report(transmitting.timer.due);
      transmitting.expire();
    }
    this.receiving.report(now);
    this.outlet.flush();
  }

  /** Looks again when an expiry could be seen, or earlier. */
  rearm(): void {
    const { timers } = this;
    const at = this.outlet.visible(this.receiving.due, this.transmitting.timer.due);
    if (at < timers.tick) this.simulator.reschedule(timers, at);
  }

  /** Makes the next frame an event while descriptors are short. */
  private watch(): void {
    const { nextFrame, receiving } = this;
    if (!receiving.short) return;
    this.sync(this.simulator.now);
    if (receiving.short && receiving.next < nextFrame.tick) this.simulator.reschedule(nextFrame, receiving.next);
  }

  /** No frame waits in the packet buffer: descriptors that come back are of no interest to anyone. */
  get bufferEmpty(): boolean {
    return this.receiving.bufferEmpty;
  }

  /** Earliest arrival that `sync` has not counted yet; NEVER when there is none. */
  nextArrival(): Tick {
    return this.receiving.next;
  }

  private drain(tick: Tick): void {
    this.sync(tick - 1); // a frame of this tick comes after
    this.receiving.drain(tick);
    this.outlet.flush();
    this.rearm();
  }

  /** RDT: the driver gives `count` descriptors back. */
  writeReceiveTail(count: number): void {
    this.receiving.giveBack(count);
    this.core.probe?.event(ProbeEvent.mmioWrite, 'nic', RDT, (this.taken - 1) % this.settings.rxDescriptors);
    if (!this.receiving.bufferEmpty && !this.refill.scheduled) this.simulator.schedule(this.refill, this.core.now + this.receiveLatency);
  }

  /** TDT: one packet is ready in memory. The NIC fetches descriptor and data, sends, and writes the descriptor back. */
  writeTransmitTail(bytes: number, ack: number, window: number, sackLow: number, sackHigh: number): void {
    this.transmitting.send(this.tap, bytes, ack, window, sackLow, sackHigh);
  }

  /** For how long from now packets may be handed over in one go without anybody noticing: no delay timer that one of them starts can be over by then. */
  get ackSpan(): Tick {
    if (this.ackPort === null || this.emulated !== null) return 0;
    const { fetchLatency, timer } = this.transmitting;
    const silence = fetchLatency + this.ackPort.silence;
    return silence < timer.least ? silence : timer.least;
  }

  /** TDT, once for each packet of a run, which takes less than `ackSpan` when it has several. The same as so many `writeTransmitTail`. */
  writeTransmitTails(run: AckRun, bytes: number): void {
    const { ackPort } = this;
    if (ackPort === null || this.emulated !== null || this.core.probe !== null) {
      for (let i = 0; i < run.count; i++) this.writeTransmitTail(bytes, run.ackOf(i), run.windowOf(i), 0, 0);
    } else {
      this.transmitting.sendRun(ackPort, this.tap, run, bytes);
    }
  }

  /** Transmit descriptors done and not yet reclaimed. */
  transmitsDone(): number {
    return this.transmitting.departures.done(this.core.now);
  }

  /** The driver reclaims `count` done descriptors. */
  reclaim(count: number): void {
    this.transmitting.departures.reclaim(count);
  }

  /** Packets handed to the NIC and not reclaimed. */
  get transmitsPending(): number {
    return this.transmitting.departures.pending;
  }

  /** ICR: returns the enabled causes that are set, clears all, takes a level interrupt back. The caller has paid for the read. */
  readCause(): number {
    this.report(this.core.now);
    const causes = this.causes.read();
    this.rearm();
    return causes;
  }

  /** IMS: enables causes. */
  enable(causes: number): void {
    this.report(this.core.now);
    this.core.probe?.event(ProbeEvent.mmioWrite, 'nic', IMS, causes);
    this.causes.enable(causes, this.core.now);
    this.rearm();
  }

  /** IMC: disables causes. */
  disable(causes: number): void {
    this.report(this.core.now);
    this.core.probe?.event(ProbeEvent.mmioWrite, 'nic', IMC, causes);
    this.causes.disable(causes);
  }
}
