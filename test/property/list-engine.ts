import { NEVER, type Tick } from '../../src/events/time.ts';

interface Occurrence {
  readonly tick: Tick;
  readonly priority: number;
  readonly sequence: number;
  /** The event it belongs to; null for an occurrence of a lane. */
  readonly owner: number | null;
  readonly fire: (tick: Tick) => void;
}

/**
 * The slow, obvious engine: one unsorted list, searched for its smallest (tick, priority, sequence) before every event. A lane is
 * nothing but occurrences in the list. What the real engine does with heap, lanes and cached next tick has to look like this.
 */
export class ListEngine {
  now: Tick = 0;
  private readonly list: Occurrence[] = [];
  private sequence = 0;

  get pending(): number {
    return this.list.length;
  }

  get nextTick(): Tick {
    return this.earliest()?.tick ?? NEVER;
  }

  add(tick: Tick, priority: number, owner: number | null, fire: (tick: Tick) => void): void {
    this.list.push({ tick, priority, sequence: this.sequence++, owner, fire });
  }

  isScheduled(owner: number): boolean {
    return this.list.some((occurrence) => occurrence.owner === owner);
  }

  cancel(owner: number): void {
    const at = this.list.findIndex((occurrence) => occurrence.owner === owner);
    if (at >= 0) this.list.splice(at, 1);
  }

  dispatchThrough(limit: Tick): void {
    for (let first = this.earliest(); first !== undefined && first.tick <= limit; first = this.earliest()) {
      this.list.splice(this.list.indexOf(first), 1);
      this.now = first.tick;
      first.fire(first.tick);
    }
    if (limit < NEVER) this.now = Math.max(this.now, limit);
  }

  private earliest(): Occurrence | undefined {
    const before = (a: Occurrence, b: Occurrence): boolean =>
      a.tick !== b.tick ? a.tick < b.tick : a.priority !== b.priority ? a.priority < b.priority : a.sequence < b.sequence;
    let best: Occurrence | undefined;
    for (const occurrence of this.list) if (best === undefined || before(occurrence, best)) best = occurrence;
    return best;
  }
}
