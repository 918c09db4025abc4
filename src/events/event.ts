import { NEVER, type Tick } from './time.ts';

/** What the queue holds while an event is scheduled. Entries are recycled; a cancelled entry stays in the queue with `event` null until it surfaces. */
export interface Entry {
  tick: Tick;
  priority: number;
  sequence: number;
  event: Event | null;
}

/**
 * A thing that can happen at a tick. Events are long-lived objects that their device creates once and schedules many times
 * (as in gem5), so the inner loop allocates nothing. At most one occurrence is pending at a time.
 */
export class Event {
  readonly name: string;
  readonly priority: number;
  readonly fire: (tick: Tick) => void;
  /** The pending entry, or null. Written by the simulator only. */
  entry: Entry | null = null;

  constructor(name: string, priority: number, fire: (tick: Tick) => void) {
    this.name = name;
    this.priority = priority;
    this.fire = fire;
  }

  get scheduled(): boolean {
    return this.entry !== null;
  }

  /** When it will fire; NEVER while not scheduled. */
  get tick(): Tick {
    return this.entry === null ? NEVER : this.entry.tick;
  }
}
