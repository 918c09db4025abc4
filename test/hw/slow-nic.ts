import type { Tick } from '../../src/events/time.ts';
import type { NicSettings } from '../../src/hw/i82574.ts';
import { ICR_RXDMT0, ICR_RXO, ICR_RXT0, ICR_TXDW } from '../../src/hw/interrupt-causes.ts';
import { DELAY_UNIT, DMA, FETCH, ITR_UNIT } from './nic-bench.ts';

/** Something from outside: a frame on the wire, or an access by the driver. */
export interface Stimulus {
  readonly tick: Tick;
  /** A frame; a read of ICR; frames taken and their descriptors given back; a packet to send. */
  readonly kind: 'frame' | 'cause' | 'take' | 'transmit';
  /** Bytes of the frame; frames to take at most. */
  readonly number: number;
}

/** What the driver and the interrupt line see. */
export interface Observed {
  readonly raised: readonly Tick[];
  /** What each access found: causes, frames taken, packets done. */
  readonly found: readonly number[];
  readonly received: number;
  readonly dropped: number;
}

interface Timers {
  packet: Tick;
  absolute: Tick;
}

/** The device frame by frame and timer by timer, with nothing computed late: slow and obvious, for comparison with `I82574`. */
export class SlowNic {
  private readonly settings: NicSettings;
  private readonly raised: Tick[] = [];
  private readonly found: number[] = [];
  private received = 0;
  private taken = 0;
  private dropped = 0;
  private free: number;
  private readonly waiting: number[] = [];
  private drainAt: Tick = Infinity;
  private cause = 0;
  private asserted = false;
  private lastAssertion: Tick = -Infinity;
  private throttledUntil: Tick = Infinity;
  private readonly rx: Timers = { packet: Infinity, absolute: Infinity };
  private readonly tx: Timers = { packet: Infinity, absolute: Infinity };
  private departures: Tick[] = [];

  constructor(settings: NicSettings) {
    this.settings = settings;
    this.free = settings.rxDescriptors - 1;
  }

  /** Stimuli in order of time, no two on one tick. Ends at `until`. */
  observe(stimuli: readonly Stimulus[], until: Tick): Observed {
    for (const { tick, kind, number } of stimuli) {
      // A timer sees the frames of its tick; software sees all that the device did up to its tick.
      this.advance(kind === 'frame' ? tick - 1 : tick);
      if (kind === 'frame') this.frame(tick, number);
      else if (kind === 'take') this.take(tick, number);
      else if (kind === 'transmit') this.departures.push(tick + FETCH);
      else this.readCause();
    }
    this.advance(until);
    return { raised: this.raised, found: this.found, received: this.received, dropped: this.dropped };
  }

  private advance(limit: Tick): void {
    for (;;) {
      const rx = Math.min(this.rx.packet, this.rx.absolute);
      const tx = Math.min(this.tx.packet, this.tx.absolute);
      const departure = this.departures[0] ?? Infinity;
      const tick = Math.min(rx, tx, departure, this.drainAt, this.throttledUntil);
      if (tick > limit) return;
      if (tick === this.drainAt) this.drain(tick);
      else if (tick === departure) this.depart(tick);
      else if (tick === rx) this.expire(this.rx, ICR_RXT0, tick);
      else if (tick === tx) this.expire(this.tx, ICR_TXDW, tick);
      else this.request(tick);
    }
  }

  private frame(tick: Tick, bytes: number): void {
    if (this.waiting.length === 0 && this.free > 0) {
      this.store(tick);
    } else if (this.waiting.reduce((sum, size) => sum + size, 0) + bytes <= this.settings.rxBufferBytes) {
      this.waiting.push(bytes);
    } else {
      this.dropped++;
      this.set(ICR_RXO, tick);
    }
  }

  private store(tick: Tick): void {
    this.received++;
    this.free--;
    start(this.rx, tick, this.settings.rdtr, this.settings.radv);
    if (this.free === Math.floor(this.settings.rxDescriptors / 2)) this.set(ICR_RXDMT0, tick);
  }

  private drain(tick: Tick): void {
    this.drainAt = Infinity;
    while (this.free > 0 && this.waiting.length > 0) {
      this.waiting.shift();
      this.store(tick);
    }
  }

  private take(tick: Tick, most: number): void {
    const frames = Math.min(most, this.received - this.taken);
    this.found.push(frames);
    this.taken += frames;
    this.free += frames;
    if (frames > 0 && this.waiting.length > 0 && this.drainAt === Infinity) this.drainAt = tick + DMA;
  }

  private depart(tick: Tick): void {
    this.departures = this.departures.slice(1);
    start(this.tx, tick, this.settings.tidv, this.settings.tadv);
  }

  private expire(timers: Timers, cause: number, tick: Tick): void {
    timers.packet = Infinity;
    timers.absolute = Infinity;
    this.set(cause, tick);
  }

  private set(cause: number, tick: Tick): void {
    this.cause |= cause;
    this.request(tick);
  }

  private request(tick: Tick): void {
    if (this.throttledUntil <= tick) this.throttledUntil = Infinity;
    if (this.cause === 0 || this.asserted) return;
    const earliest = this.lastAssertion + this.settings.itr * ITR_UNIT;
    if (tick < earliest) {
      this.throttledUntil = earliest;
      return;
    }
    this.lastAssertion = tick;
    this.asserted = true;
    this.throttledUntil = Infinity;
    this.raised.push(tick);
  }

  private readCause(): void {
    this.found.push(this.cause);
    this.cause = 0;
    this.asserted = false;
    this.throttledUntil = Infinity;
  }
}

function start(timers: Timers, tick: Tick, packetUnits: number, absoluteUnits: number): void {
  timers.packet = packetUnits === 0 ? Math.min(timers.packet, tick) : tick + packetUnits * DELAY_UNIT;
  if (absoluteUnits > 0 && timers.absolute === Infinity) timers.absolute = tick + absoluteUnits * DELAY_UNIT;
}
