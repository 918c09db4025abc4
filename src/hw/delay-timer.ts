import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { NEVER, NS, type Tick } from '../events/time.ts';

/** Granularity of the 82574L's delay registers (RDTR, RADV, TIDV, TADV). */
const UNIT_TICKS = 1024 * NS;

/**
 * A pair of interrupt delay timers: the packet timer restarts with every packet, the absolute timer runs from the first packet since the last
 * expiry and bounds it. Whichever expires first reports and clears both. With a packet delay of 0 every packet reports at once;
 * with an absolute delay of 0 only the packet timer counts.
 */
export class DelayTimer {
  private readonly simulator: Simulator;
  private readonly packetDelay: Tick;
  private readonly absoluteDelay: Tick;
  private readonly event: Event;
  private packetDue: Tick = NEVER;
  private absoluteDue: Tick = NEVER;
  /** The event is being dispatched, and what is due by now is still to be looked at. */
  private settling = false;

  /** `settle(tick)` brings the packets up to `tick` to this timer before it decides; `expired(tick)` reports. */
  constructor(name: string, simulator: Simulator, packetUnits: number, absoluteUnits: number, settle: (tick: Tick) => void, expired: (tick: Tick) => void) {
    this.simulator = simulator;
    this.packetDelay = packetUnits * UNIT_TICKS;
    this.absoluteDelay = absoluteUnits === 0 ? NEVER : absoluteUnits * UNIT_TICKS;
    this.event = new Event(name, Priority.timer, (tick) => {
      this.settling = true;
      settle(tick);
      this.settling = false;
      // The packet timer was restarted since this was scheduled: look again when it is due, instead of rescheduling once a packet.
      const due = this.due;
      if (due > tick) {
        if (!this.event.scheduled) this.simulator.schedule(this.event, due);
        return;
      }
      this.packetDue = NEVER;
      this.absoluteDue = NEVER;
      this.simulator.deschedule(this.event);
      expired(tick);
    });
  }

  /** It will look at or before any time at which a later packet could make it due: starting it for one changes nothing else. */
  get armed(): boolean {
    return this.event.tick !== NEVER;
  }

  get due(): Tick {
    return Math.min(this.packetDue, this.absoluteDue);
  }

  /** A packet at `tick`. While the timers run it may lie in the past, else not. */
  start(tick: Tick): void {
    this.startRun(tick, tick);
  }

  /** Packets at `first`, at `last` and between them: the same as `start` for each. */
  startRun(first: Tick, last: Tick): void {
    const { packetDelay, simulator, event } = this;
    if (this.absoluteDue === NEVER) this.absoluteDue = first + this.absoluteDelay;
    // Without a packet delay each packet is due at its own tick: a later one must not push back an earlier one.
    if (packetDelay === 0) {
      if (first < this.packetDue) this.packetDue = first;
    } else {
      // Scheduled for the first packet; when that is due it looks again.
      this.packetDue = first + packetDelay;
    }
    const { due } = this;
    // Without a packet delay nothing pushes back what is due by now: the look under way will see it.
    if (this.settling && packetDelay === 0 && due <= simulator.now) return;
    if (event.tick === NEVER) simulator.schedule(event, due > simulator.now ? due : simulator.now);
    else if (event.tick > due) simulator.reschedule(event, due);
    if (packetDelay !== 0) this.packetDue = last + packetDelay;
  }
}
