import { NEVER, type Tick } from './time.ts';
import { ZERO } from './zero.ts';

/** What the queue of far events holds. Entries are recycled; a cancelled entry stays in the queue with `event` null until it surfaces. */
export interface Entry {
  tick: Tick;
  order: number;
  event: Event | null;
}

/** Orders what falls on one tick: by priority, then by sequence, which stays below this factor. */
const PRIORITY_UNIT = 2 ** 42;

export function orderOf(priority: number, sequence: number): number {
  return priority * PRIORITY_UNIT + sequence;
}

/** What an event is the next occurrence of: it is told instead of `fire`, which saves a call through a function value. */
export interface Stream {
  /** The event is scheduled no longer. */
  fire(tick: Tick): void;
}

/**
 * A thing that can happen at a tick. Events are long-lived objects that their device creates once and schedules many times
 * (as in gem5), so the inner loop allocates nothing. At most one occurrence is pending at a time.
 */
export class Event {
  readonly name: string;
  readonly priority: number;
  readonly fire: (tick: Tick) => void;
  /** Null: it stands for itself. */
  readonly stream: Stream | null;
  /** When it will fire; NEVER while not scheduled. Written by the simulator only, as all below. */
  tick: Tick = NEVER;
  order = ZERO;
  /** It may fire so much later than it is due: until then nobody but what schedules it sees what it does. */
  slack: Tick = ZERO;
  /** Its neighbours among the near events, while it is one of them. */
  previous: Event = this;
  next: Event = this;
  /** Its entry in the queue of far events; null: it is not there. */
  entry: Entry | null = null;

  constructor(name: string, priority: number, fire: (tick: Tick) => void, stream: Stream | null = null) {
    this.name = name;
    this.priority = priority;
    this.fire = fire;
    this.stream = stream;
  }

  get scheduled(): boolean {
    return this.tick !== NEVER;
  }
}
