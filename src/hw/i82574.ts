import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { NEVER, NS, type Tick } from '../events/time.ts';
import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { DelayTimer } from './delay-timer.ts';
import { BYTES, FRAME_WORDS } from './frame.ts';
import type { PathTable } from './path.ts';

/** Interrupt causes (ICR bits; 82574 datasheet, interrupt cause read register). */
export const ICR_TXDW = 1 << 0;
export const ICR_RXDMT0 = 1 << 4;
export const ICR_RXO = 1 << 6;
export const ICR_RXT0 = 1 << 7;

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
}

/** What the NIC's interrupt output drives: a wire through a controller, or messages. */
export interface InterruptOutput {
  /** True for INTx: the output is a level that ICR reads take back; false for MSI. */
  readonly level: boolean;
  raise(tick: Tick): void;
  lower(): void;
}

/** The other end of the transmit side. Returns the tick at which the frame has left the port. */
export type TransmitPort = (tick: Tick, bytes: number, ack: number, window: number, sackLow: number, sackHigh: number) => Tick;

/** Frames the NIC holds at most between wire and socket; a power of two above any ring. */
const STORE = 8192;

/**
 * The 82574L as its driver sees it: descriptor rings with head and tail, DMA, interrupt causes with read-to-clear ICR, the four delay timers
 * and ITR. A received frame is handed over when its DMA is complete; frames are numbered from 0 and live in one ring of records until the
 * driver has passed them up, so a queue of frames is a range of numbers.
 */
export class I82574 {
  readonly settings: NicSettings;
  /** Frame records: frame n owns words[(n & storeMask) * FRAME_WORDS ...]. */
  readonly words = new Float64Array(STORE * FRAME_WORDS);
  readonly arrivals = new Float64Array(STORE);
  readonly storeMask = STORE - 1;
  /** Frames whose DMA is complete: the descriptor-done bits the driver polls. */
  received = 0;
  /** Frames the driver has taken (its next frame number), kept by the driver. */
  taken = 0;
  private readonly core: Core;
  private readonly simulator: Simulator;
  private readonly counters: Counters;
  private readonly output: InterruptOutput;
  private readonly transmitPort: TransmitPort;
  private readonly dmaLatency: Tick;
  private readonly fetchLatency: Tick;
  private readonly itrTicks: Tick;
  private readonly rxTimer: DelayTimer;
  private readonly txTimer: DelayTimer;
  private readonly throttle: Event;
  private readonly refill: Event;
  private cause = 0;
  private mask = 0;
  private asserted = false;
  private lastInterrupt: Tick = -1e15;
  /** Descriptors the hardware may still fill. */
  private free: number;
  /** Frames that wait in the packet buffer for a descriptor: numbers [received, buffered). */
  private buffered = 0;
  private bufferedBytes = 0;
  private readonly departures = new Float64Array(STORE);
  private sent = 0;
  private completed = 0;
  private readonly framesIn: number;
  private readonly bytesIn: number;
  private readonly framesOut: number;
  private readonly missed: number;
  private readonly raised: number;

  constructor(core: Core, simulator: Simulator, counters: Counters, paths: PathTable, settings: NicSettings, output: InterruptOutput, transmitPort: TransmitPort) {
    this.core = core;
    this.simulator = simulator;
    this.counters = counters;
    this.settings = settings;
    this.output = output;
    this.transmitPort = transmitPort;
    this.free = settings.rxDescriptors - 1;
    this.dmaLatency = paths.ticks('nic.dma');
    this.fetchLatency = paths.ticks('nic.tx.fetch');
    this.itrTicks = settings.itr * 256 * NS;
    this.rxTimer = new DelayTimer('nic/rx-delay', simulator, settings.rdtr, settings.radv, (tick) => this.setCause(ICR_RXT0, tick));
    this.txTimer = new DelayTimer('nic/tx-delay', simulator, settings.tidv, settings.tadv, (tick) => this.transmitDelayOver(tick));
    this.throttle = new Event('nic/itr', Priority.timer, (tick) => this.request(tick));
    this.refill = new Event('nic/refill', Priority.dma, (tick) => this.drain(tick));
    this.framesIn = counters.define('frames.in');
    this.bytesIn = counters.define('bytes.in');
    this.framesOut = counters.define('frames.out');
    this.missed = counters.define('frames.dropped');
    this.raised = counters.define('nic.interrupts');
  }

  /** Delay from a frame's last bit to its descriptor write-back: a link that feeds `receive` adds it to its own latency. */
  get receiveLatency(): Tick {
    return this.dmaLatency;
  }

  /** The frame at `words[offset...]` has been received and its DMA completes now, unless no descriptor is free. */
  receive(tick: Tick, words: Float64Array, offset: number): void {
    const size = words[offset + BYTES]!;
    if (this.buffered - this.received > 0 || this.free === 0) {
      if (this.bufferedBytes + size > this.settings.rxBufferBytes || this.buffered - this.taken >= STORE) {
        this.counters.add(this.missed);
        this.setCause(ICR_RXO, tick);
        return;
      }
      this.store(tick, words, offset);
      this.bufferedBytes += size;
      return;
    }
    this.store(tick, words, offset);
    this.complete(tick, size);
  }

  private store(tick: Tick, words: Float64Array, offset: number): void {
    const slot = this.buffered++ & this.storeMask;
    const base = slot * FRAME_WORDS;
    for (let i = 0; i < FRAME_WORDS; i++) this.words[base + i] = words[offset + i]!; // both hold FRAME_WORDS from there
    this.arrivals[slot] = tick - this.dmaLatency;
  }

  private complete(tick: Tick, size: number): void {
    this.received++;
    this.free--;
    this.counters.add(this.framesIn);
    this.counters.addMany(this.bytesIn, size);
    this.rxTimer.start(tick);
    if (this.free === this.settings.rxDescriptors >> 1) this.setCause(ICR_RXDMT0, tick);
  }

  private drain(tick: Tick): void {
    while (this.free > 0 && this.received < this.buffered) {
      const size = this.words[(this.received & this.storeMask) * FRAME_WORDS + BYTES]!;
      this.bufferedBytes -= size;
      this.complete(tick, size);
    }
  }

  /** RDT: the driver gives `count` descriptors back. */
  writeReceiveTail(count: number): void {
    this.free += count;
    if (this.received < this.buffered && !this.refill.scheduled) this.simulator.schedule(this.refill, this.core.now + this.dmaLatency);
  }

  /** TDT: one packet is ready in memory. The NIC fetches descriptor and data, sends, and writes the descriptor back. */
  writeTransmitTail(bytes: number, ack: number, window: number, sackLow: number, sackHigh: number): void {
    const departure = this.transmitPort(this.core.now + this.fetchLatency, bytes, ack, window, sackLow, sackHigh);
    this.departures[this.sent++ & this.storeMask] = departure;
    this.counters.add(this.framesOut);
    this.txTimer.start(departure);
  }

  private transmitDelayOver(tick: Tick): void {
    this.setCause(ICR_TXDW, tick);
    // Packets that leave later start the timers anew when they leave.
    for (let n = this.completed; n < this.sent; n++) {
      const departure = this.departures[n & this.storeMask]!;
      if (departure > tick) this.txTimer.start(departure);
    }
  }

  /** Transmit descriptors done and not yet reclaimed. */
  transmitsDone(): number {
    let n = this.completed;
    while (n < this.sent && this.departures[n & this.storeMask]! <= this.core.now) n++;
    return n - this.completed;
  }

  /** The driver reclaims `count` done descriptors. */
  reclaim(count: number): void {
    this.completed += count;
  }

  /** Packets handed to the NIC and not reclaimed. */
  get transmitsPending(): number {
    return this.sent - this.completed;
  }

  /** ICR: returns the enabled causes that are set, clears all, takes a level interrupt back. The caller has paid for the read. */
  readCause(): number {
    const cause = this.cause;
    this.cause = 0;
    this.simulator.deschedule(this.throttle);
    if (this.asserted) {
      this.asserted = false;
      if (this.output.level) this.output.lower();
    }
    return cause & this.mask;
  }

  /** IMS: enables causes. */
  enable(causes: number): void {
    this.mask |= causes;
    this.request(this.core.now);
  }

  /** IMC: disables causes. */
  disable(causes: number): void {
    this.mask &= ~causes;
    if ((this.cause & this.mask) === 0 && this.asserted && this.output.level) {
      this.asserted = false;
      this.output.lower();
    }
  }

  private setCause(bits: number, tick: Tick): void {
    this.cause |= bits;
    this.request(tick);
  }

  /**
   * Asserts now or when ITR allows. A level stays asserted until ICR is read. A message is sent again for causes that recur before that,
   * since nothing takes it back; ITR spaces them all.
   */
  private request(tick: Tick): void {
    if ((this.cause & this.mask) === 0 || (this.asserted && this.output.level)) return;
    const earliest = this.lastInterrupt + this.itrTicks;
    if (tick < earliest) {
      if (!this.throttle.scheduled) this.simulator.schedule(this.throttle, earliest);
      return;
    }
    this.simulator.deschedule(this.throttle);
    this.lastInterrupt = tick;
    this.asserted = true;
    this.counters.add(this.raised);
    this.output.raise(tick);
  }

  /** Earliest pending timer of the device, for tests. */
  get nextTimer(): Tick {
    return Math.min(this.rxTimer.due, this.txTimer.due, this.throttle.scheduled ? this.throttle.tick : NEVER);
  }
}
