import { Event } from '../../src/events/event.ts';
import { Lane } from '../../src/events/lane.ts';
import type { Simulator } from '../../src/events/simulator.ts';

/** Makes events and lanes that write `name@tick` to one log when they fire. */
export class Recorder {
  readonly log: string[] = [];
  private readonly simulator: Simulator;

  constructor(simulator: Simulator) {
    this.simulator = simulator;
  }

  /** An event that is logged, then does `then`. */
  event(name: string, priority = 0, then: (tick: number) => void = () => {}): Event {
    return new Event(name, priority, (tick) => {
      this.log.push(`${name}@${tick}`);
      then(tick);
    });
  }

  lane(name: string, priority = 0): Lane {
    return new Lane(this.simulator, name, priority, 0, (tick) => this.log.push(`${name}@${tick}`));
  }
}
