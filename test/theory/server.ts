import { Event } from '../../src/events/event.ts';
import { Lane } from '../../src/events/lane.ts';
import type { Simulator } from '../../src/events/simulator.ts';
import type { Tick } from '../../src/events/time.ts';

/**
 * A single first-come-first-served server with an unlimited queue, made of nothing but the engine. Its counters are integer ticks
 * and integer customers, each taken from what happens, never from what theory says must happen.
 */
export class Server {
  arrivals = 0;
  departures = 0;
  /** Ticks during which the server worked, up to the last change. */
  busy: Tick = 0;
  /** Customer-ticks in the system, up to the last change: the area under the curve of their number. */
  area = 0;
  /** Sum over those who left of arrival to departure. */
  sojourn = 0;
  /** Sum over those who began service of arrival to begin of service. */
  waited = 0;
  /** Those who began service. */
  begun = 0;
  private readonly simulator: Simulator;
  private readonly service: () => Tick;
  private readonly departure: Event;
  private readonly arrived: Tick[] = [];
  /** Index in `arrived` of the customer in service, or of the next to arrive. */
  private front = 0;
  private changed: Tick = 0;

  /** `service()` gives the next service time in ticks. */
  constructor(simulator: Simulator, service: () => Tick) {
    this.simulator = simulator;
    this.service = service;
    this.departure = new Event('departure', 1, (tick) => this.leave(tick));
  }

  get present(): number {
    return this.arrivals - this.departures;
  }

  /** Brings the time integrals up to `tick`. */
  account(tick: Tick): void {
    const elapsed = tick - this.changed;
    this.changed = tick;
    this.area += elapsed * this.present;
    if (this.present > 0) this.busy += elapsed;
  }

  arrive(tick: Tick): void {
    this.account(tick);
    this.arrivals++;
    this.arrived.push(tick);
    if (this.present === 1) this.begin(tick);
  }

  /** Forgets what has been counted, not who is there: the cut after the warm-up. */
  reset(): void {
    this.account(this.simulator.now);
    this.busy = 0;
    this.area = 0;
    this.sojourn = 0;
    this.waited = 0;
    this.begun = 0;
  }

  private begin(tick: Tick): void {
    this.begun++;
    this.waited += tick - this.arrivedAt(this.front);
    this.simulator.schedule(this.departure, tick + this.service());
  }

  private leave(tick: Tick): void {
    this.account(tick);
    this.departures++;
    this.sojourn += tick - this.arrivedAt(this.front);
    this.front++;
    if (this.present > 0) this.begin(tick);
  }

  private arrivedAt(index: number): Tick {
    const tick = this.arrived[index];
    if (tick === undefined) throw new Error(`customer ${index} has not arrived`);
    return tick;
  }
}

/** Feeds `count` customers to a server, `gap()` ticks apart, by an event that schedules itself. */
export function feedByEvent(simulator: Simulator, server: Server, count: number, gap: () => Tick): void {
  let left = count;
  const arrival = new Event('arrival', 0, (tick) => {
    server.arrive(tick);
    if (--left > 0) simulator.schedule(arrival, tick + gap());
  });
  if (count > 0) simulator.schedule(arrival, simulator.now + gap());
}

/** The same by a lane that holds all arrivals from the start, as a trace does. */
export function feedByLane(simulator: Simulator, server: Server, count: number, gap: () => Tick): void {
  const lane = new Lane(simulator, 'arrivals', 0, 0, (tick) => server.arrive(tick));
  let tick = simulator.now;
  for (let i = 0; i < count; i++) {
    tick += gap();
    lane.push(tick);
  }
}
