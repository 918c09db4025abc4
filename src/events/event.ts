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

/**
 * A thing that can happen at a tick. Events are long-lived objects that their device creates once and schedules many times
 * (as in gem5), so the inner loop allocates nothing. At most one occurrence is pending at a time.
 */
export class Event {
  readonly name: string;
  readonly priority: number;
  readonly fire: (tick: Tick) => void;
  /** When it will fire; NEVER while not scheduled. Written by the simulator only, as all below. */
  tick: Tick = NEVER;
  order = ZERO;
  /** Its entry in the queue of far events; null: it is not there. */
  entry: Entry | null = null;

  constructor(name: string, priority: number, fire: (tick: Tick) => void) {
    this.name = name;
    this.priority = priority;
    this.fire = fire;
  }

  get scheduled(): boolean {
    return this.tick !== NEVER;
  }
}
