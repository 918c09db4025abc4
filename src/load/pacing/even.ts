import { Lane } from '../../events/lane.ts';
import { Priority } from '../../events/priority.ts';
import type { RandomStream } from '../../events/random.ts';
import type { Simulator } from '../../events/simulator.ts';
import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import type { TcpSender } from '../tcp-sender.ts';
import { checkRate, nextRelease, type Pacing } from './pacing.ts';

export interface EvenPacingParameters {
  /** Payload rate in Mb/s. */
  readonly rateMbps: number;
  /** Releases are late by a uniform time in [0, jitter). */
  readonly jitter: Tick;
  /** So long after a release nobody has noticed it yet. */
  readonly slack: Tick;
}

/** One segment every payload / rate: the smoothest load there is, and what no real client of 2017 sends. The application always has data. */
export class EvenPacing implements Pacing {
  readonly parameters: EvenPacingParameters;
  private readonly sender: TcpSender;
  private readonly random: RandomStream;
  private readonly wakes: Lane;
  private readonly ticksPerByte: number;
  private next: Tick = ZERO;
  private waiting = true;

  constructor(simulator: Simulator, name: string, sender: TcpSender, parameters: EvenPacingParameters, random: RandomStream) {
    this.parameters = parameters;
    this.sender = sender;
    this.random = random;
    this.ticksPerByte = 8e6 / checkRate(parameters.rateMbps);
    // A wake-up is never moved or cancelled, so a lane does what an event would, for less.
    this.wakes = new Lane(simulator, name, Priority.load, 0, (tick) => {
      this.waiting = false;
      this.release(tick);
    });
    this.wakes.slack = parameters.slack;
  }

  start(tick: Tick): void {
    this.sender.offer(Infinity);
    this.next = tick;
    this.waiting = false;
    this.release(tick);
  }

  resume(tick: Tick): void {
    if (!this.waiting) this.release(tick);
  }

  wanted(): number {
    return this.waiting ? 0 : 1;
  }

  /** The last segment's time is over; when no window is open, the next ACK comes back here. */
  private release(tick: Tick): void {
    const bytes = this.sender.send(tick, 1);
    if (bytes === 0) return;
    this.next = nextRelease(tick, this.next, Math.round(bytes * this.ticksPerByte));
    this.waiting = true;
    const { jitter } = this.parameters;
    this.wakes.push(jitter === 0 ? this.next : this.next + Math.floor(jitter * this.random.uniform()));
  }
}
