import { Event } from '../../events/event.ts';
import { Priority } from '../../events/priority.ts';
import type { RandomStream } from '../../events/random.ts';
import type { Simulator } from '../../events/simulator.ts';
import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import type { TcpSender } from '../tcp-sender.ts';
import { checkRate, type Pacing } from './pacing.ts';

export interface OnOffPacingParameters {
  /** Payload rate in Mb/s. */
  readonly rateMbps: number;
  /** Bytes of one write. */
  readonly blockBytes: number;
  /** Bytes the socket takes before it is full. Only written bytes count, so they can run ahead of the network by this much. */
  readonly socketBytes: number;
  /** Period of the timer that lets the application write again. */
  readonly period: Tick;
  /** The timer is late by a uniform time in [0, jitter). */
  readonly jitter: Tick;
}

/**
 * The throttle of iperf 3.1.3 with --no-fq-socket-pacing (esnet/iperf tag 3.1.3, src/iperf_api.c iperf_check_throttle, send_timer_proc): the
 * application writes a block whenever the socket is writable and stops for good once the average since the start has reached the rate; only
 * the 100 ms timer looks again. TCP sends as its windows allow, at line rate.
 */
export class OnOffPacing implements Pacing {
  readonly parameters: OnOffPacingParameters;
  /** Bytes written, and times the application was let write again after a stop. */
  written = ZERO;
  resumptions = 0;
  private readonly simulator: Simulator;
  private readonly sender: TcpSender;
  private readonly random: RandomStream;
  private readonly timer: Event;
  private started: Tick = ZERO;
  private nextTimer: Tick = ZERO;
  private green = false;

  constructor(simulator: Simulator, name: string, sender: TcpSender, parameters: OnOffPacingParameters, random: RandomStream) {
    checkRate(parameters.rateMbps);
    if (!(parameters.blockBytes >= 1) || !(parameters.socketBytes >= 1)) throw new RangeError(`${name}: blocks of ${parameters.blockBytes} bytes, a socket of ${parameters.socketBytes}: both must be positive`);
    this.parameters = parameters;
    this.simulator = simulator;
    this.sender = sender;
    this.random = random;
    this.timer = new Event(name, Priority.load, (tick) => this.look(tick));
  }

  start(tick: Tick): void {
    this.started = tick;
    this.nextTimer = tick;
    this.green = true;
    this.setTimer();
    this.resume(tick);
  }

  resume(tick: Tick): void {
    if (this.green) this.write(tick);
    this.sender.send(tick, Infinity);
  }

  /** Every ACK may let something out. */
  wanted(): number {
    return 1;
  }

  private look(tick: Tick): void {
    const green = this.belowRate(tick);
    if (green && !this.green) this.resumptions++;
    this.green = green;
    this.setTimer();
    if (green) this.resume(tick);
  }

  /** Linux calls a socket writable while a third of its buffer is free (sk_stream_is_writeable); a write takes what fits. */
  private write(tick: Tick): void {
    const { blockBytes, socketBytes } = this.parameters;
    while (this.green && this.sender.queued * 3 <= socketBytes * 2) {
      const bytes = Math.min(blockBytes, socketBytes - this.sender.queued);
      this.sender.offer(bytes);
      this.written += bytes;
      this.green = this.belowRate(tick);
    }
  }

  private belowRate(tick: Tick): boolean {
    return this.written * 8e6 < this.parameters.rateMbps * (tick - this.started);
  }

  private setTimer(): void {
    const { period, jitter } = this.parameters;
    this.nextTimer += period;
    this.simulator.schedule(this.timer, this.nextTimer + Math.floor(jitter * this.random.uniform()));
  }
}
