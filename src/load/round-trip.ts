import { MS, SECOND, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';

export interface RoundTripParameters {
  /** Before the first sample. RFC 6298: 1 s. */
  readonly initial: Tick;
  /** Least allowance for variation, so the least timeout is this plus a round trip. Linux: 200 ms. */
  readonly minimum: Tick;
  /** Linux: 120 s. */
  readonly maximum: Tick;
}

/** TCP_TIMEOUT_INIT, TCP_RTO_MIN, TCP_RTO_MAX of Linux's include/net/tcp.h. */
export const LINUX_ROUND_TRIP: RoundTripParameters = { initial: SECOND, minimum: 200 * MS, maximum: 120 * SECOND };

/** Round-trip time estimate and retransmission timeout (Jacobson; RFC 6298) in whole ticks. */
export class RoundTrip {
  readonly parameters: RoundTripParameters;
  /** Smoothed estimate and least sample; 0 before the first. */
  smoothed: Tick = ZERO;
  least: Tick = ZERO;
  deviation: Tick = ZERO;
  private backoffs = 0;
  private readonly minimum: Tick;
  private readonly maximum: Tick;

  constructor(parameters: RoundTripParameters = LINUX_ROUND_TRIP) {
    this.parameters = parameters;
    this.minimum = parameters.minimum;
    this.maximum = parameters.maximum;
  }

  sample(time: Tick): void {
    if (this.smoothed === 0) {
      this.smoothed = time;
      this.deviation = Math.floor(time / 2);
      this.least = time;
      return;
    }
    const error = time - this.smoothed;
    this.smoothed += Math.floor(error / 8);
    this.deviation += Math.floor((Math.abs(error) - this.deviation) / 4);
    if (time < this.least) this.least = time;
  }

  /** Several samples were taken elsewhere, the same way, as data were acknowledged: what they made of the estimates, and the least of them. Returns the timeout. */
  sampled(smoothed: Tick, deviation: Tick, least: Tick): Tick {
    this.smoothed = smoothed;
    this.deviation = deviation;
    this.backoffs = 0;
    if (least < this.least) this.least = least;
    return this.bounded(smoothed, deviation);
  }

  /** The timer expired: the timeout doubles until data are acknowledged. */
  backOff(): void {
    this.backoffs++;
  }

  acknowledged(): void {
    this.backoffs = 0;
  }

  get timeout(): Tick {
    const { initial, maximum } = this.parameters;
    let timeout = this.smoothed === 0 ? initial : this.bounded(this.smoothed, this.deviation);
    for (let i = 0; i < this.backoffs && timeout < maximum; i++) timeout *= 2;
    return Math.min(timeout, maximum);
  }

  private bounded(smoothed: Tick, deviation: Tick): Tick {
    const { minimum, maximum } = this;
    const variation = 4 * deviation;
    const timeout = smoothed + (variation > minimum ? variation : minimum);
    return timeout < maximum ? timeout : maximum;
  }
}
