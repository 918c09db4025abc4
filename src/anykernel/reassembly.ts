import type { Tick } from '../events/time.ts';

/** A stretch of the sequence space that arrived out of order. */
export interface Stretch {
  low: number;
  high: number;
  readonly arrival: Tick;
}

/** TCP's reassembly queue: what has arrived behind a hole. The newest stretch goes first, as SACK reports it. */
export class Reassembly {
  private readonly queue: Stretch[] = [];

  get empty(): boolean {
    return this.queue.length === 0;
  }

  /** The newest stretch; undefined when there is none. */
  get newest(): Stretch | undefined {
    return this.queue[0];
  }

  /** Adds a stretch, merged with those that it overlaps or touches. Where it then goes on from `next`, the next byte expected, it is taken out and returned, else null. */
  add(low: number, high: number, arrival: Tick, next: number): Stretch | null {
    const { queue } = this;
    const fresh: Stretch = { low: Math.max(low, next), high, arrival };
    for (let i = queue.length - 1; i >= 0; i--) {
      const other = queue[i];
      if (other === undefined || other.low > fresh.high || other.high < fresh.low) continue;
      fresh.low = Math.min(fresh.low, other.low);
      fresh.high = Math.max(fresh.high, other.high);
      queue.splice(i, 1);
    }
    if (fresh.low <= next) return fresh;
    queue.unshift(fresh);
    return null;
  }
}
