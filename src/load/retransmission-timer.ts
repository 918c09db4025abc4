import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { NEVER, type Tick } from '../events/time.ts';

/** A deadline that every ACK moves. The pending event is left alone while it is early enough: it looks again when it fires. */
export class RetransmissionTimer {
  private readonly simulator: Simulator;
  private readonly event: Event;
  private deadline: Tick = NEVER;

  /** `expire(tick)`: the deadline is over. It stays the timer's until it is moved. */
  constructor(simulator: Simulator, name: string, expire: (tick: Tick) => void) {
    this.simulator = simulator;
    this.event = new Event(name, Priority.load, (tick) => {
      if (this.deadline === NEVER) return;
      if (tick < this.deadline) simulator.schedule(this.event, this.deadline);
      else expire(tick);
    });
  }

  get stopped(): boolean {
    return this.deadline === NEVER;
  }

  stop(): void {
    this.deadline = NEVER;
  }

  arm(deadline: Tick): void {
    this.deadline = deadline;
    const { event } = this;
    if (event.tick === NEVER) this.simulator.schedule(event, deadline);
    else if (deadline < event.tick) this.simulator.reschedule(event, deadline);
  }
}
