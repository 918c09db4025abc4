import { NEVER, NS, type Tick } from '../events/time.ts';

/** Granularity of the 82574L's delay registers (RDTR, RADV, TIDV, TADV). */
const UNIT_TICKS = 1024 * NS;

/**
 * A pair of interrupt delay timers: the packet timer restarts with every packet, the absolute timer runs from the first packet since the last
 * expiry and bounds it. Whichever expires first reports and clears both. With a packet delay of 0 every packet reports at once;
 * with an absolute delay of 0 only the packet timer counts. It is no event source: the device looks at `due`.
 */
export class DelayTimer {
  /** When it expires if no further packet comes; NEVER: it does not run. */
  due: Tick = NEVER;
  /** The shortest time from a packet to an expiry. */
  readonly least: Tick;
  /** However many packets come, the timers run for the absolute delay from the first one. */
  readonly fixed: boolean;
  private readonly packetDelay: Tick;
  private readonly absoluteDelay: Tick;
  private absoluteDue: Tick = NEVER;

  constructor(packetUnits: number, absoluteUnits: number) {
    this.packetDelay = packetUnits * UNIT_TICKS;
    this.absoluteDelay = absoluteUnits === 0 ? NEVER : absoluteUnits * UNIT_TICKS;
    this.least = Math.min(this.packetDelay, this.absoluteDelay);
    this.fixed = this.packetDelay >= this.absoluteDelay;
  }

  /** Packets at `first`, at `last` and between them, so close that the packet timer does not expire between two of them. */
  start(first: Tick, last: Tick): void {
    if (this.absoluteDue === NEVER) this.absoluteDue = first + this.absoluteDelay;
    // Without a packet delay each packet is due at its own tick: a later one must not push back an earlier one.
    const packetDue = this.packetDelay !== 0 ? last + this.packetDelay : first < this.due ? first : this.due;
    this.due = packetDue < this.absoluteDue ? packetDue : this.absoluteDue;
  }

  /** It runs, and no further packet changes when it expires. */
  get settled(): boolean {
    return this.fixed && this.due !== NEVER;
  }

  /**
   * `count` packets from `first` on, `spacing` apart, while the timers are `fixed` and do not run: they expire whenever the absolute delay after a packet that started them is over, and
   * run on for the last that did. Returns the first expiry; NEVER when there is none before the last.
   */
  pass(first: Tick, spacing: Tick, count: number): Tick {
    const each = Math.floor(this.absoluteDelay / spacing) + 1;
    const expiries = Math.floor((count - 1) / each);
    this.absoluteDue = first + expiries * each * spacing + this.absoluteDelay;
    this.due = this.absoluteDue;
    return expiries === 0 ? NEVER : first + this.absoluteDelay;
  }

  stop(): void {
    this.due = NEVER;
    this.absoluteDue = NEVER;
  }
}
