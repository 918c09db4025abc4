import { ZERO } from '../events/zero.ts';

/**
 * The cubic congestion window (Ha, Rhee, Xu 2008; RFC 9438) in the integer arithmetic of Linux's tcp_cubic.c, so that every engine
 * computes the same window. Units: segments, and 1/1024 s of time. Slow start is the sender's; HyStart is left out, since the
 * socket buffer (60 segments) ends slow start long before a gigabit path does.
 */
export interface CubicParameters {
  /** C of W(t) = C (t - K)^3 + Wmax in segments per s^3, times 1024. Linux: bic_scale 41 * 10 = 410. */
  readonly scale: number;
  /** Window left after a loss, times 1024. Linux: 717 (0.7). */
  readonly beta: number;
  readonly fastConvergence: boolean;
  /** Never slower than Reno would be (the TCP-friendly region). */
  readonly friendly: boolean;
}

/** Linux's defaults: net/ipv4/tcp_cubic.c, version 2.3, as in Kingxukai/linux @9b44fff6. */
export const LINUX_CUBIC: CubicParameters = { scale: 410, beta: 717, fastConvergence: true, friendly: true };

const BETA_SCALE = 1024;
/** 1024 (time) cubed times 1024 (scale). */
const CUBE_UNIT = 2 ** 40;
const TICKS_PER_UNIT = 1e12 / 1024;
/** The window's target is computed again at most this often while the window stands: 1/32 s. */
const REFRESH_UNITS = 32;

/** Largest integer whose cube is at most n, for integers 0 <= n <= 2^53, by Newton's iteration. */
export function cubeRoot(n: number): number {
  if (!(n > 0)) return 0;
  let x = 1;
  while (x * x * x < n) x *= 2;
  for (;;) {
    const next = Math.floor((2 * x + Math.floor(n / (x * x))) / 3);
    if (next >= x) break;
    x = next;
  }
  // The division may round across an integer; cubes up to 2^53 are exact.
  while (x * x * x > n) x--;
  while ((x + 1) * (x + 1) * (x + 1) <= n) x++;
  return x;
}

export class Cubic {
  readonly parameters: CubicParameters;
  /** Window before the last loss, segments (after fast convergence). 0: no loss yet. */
  lastMax = 0;
  /** Middle of the curve: the plateau (segments), and when it is reached (1/1024 s after the epoch). */
  origin = ZERO;
  k = 0;
  private epoch = -1;
  private lastTime = -1;
  private lastWindow = 0;
  private count = 0;
  private progress = 0;
  private ackCount = 0;
  private renoWindow = 0;
  private readonly friendlyStep: number;

  constructor(parameters: CubicParameters = LINUX_CUBIC) {
    this.parameters = parameters;
    const { beta } = parameters;
    // ACKs per segment of Reno-equal growth, times 8: (1 + beta) / (3 (1 - beta)).
    this.friendlyStep = Math.floor(Math.floor((8 * (BETA_SCALE + beta)) / 3) / (BETA_SCALE - beta));
  }

  /** Forgets everything, as after a retransmission timeout. */
  reset(): void {
    this.lastMax = 0;
    this.origin = 0;
    this.k = 0;
    this.epoch = -1;
    this.lastTime = -1;
    this.lastWindow = 0;
    this.count = 0;
    this.ackCount = 0;
    this.renoWindow = 0;
  }

  /** A loss at window `cwnd`: ends the epoch and returns the new slow-start threshold, at least 2. */
  reduce(cwnd: number): number {
    const { beta, fastConvergence } = this.parameters;
    this.epoch = -1;
    this.lastMax = fastConvergence && cwnd < this.lastMax ? Math.floor((cwnd * (BETA_SCALE + beta)) / (2 * BETA_SCALE)) : cwnd;
    return Math.max(Math.floor((cwnd * beta) / BETA_SCALE), 2);
  }

  /** W(t) for `time` in 1/1024 s since the epoch began. */
  target(time: number): number {
    const distance = time < this.k ? this.k - time : time - this.k;
    const delta = Math.floor((this.parameters.scale * distance * distance * distance) / CUBE_UNIT);
    return time < this.k ? this.origin - delta : this.origin + delta;
  }

  /**
   * Congestion avoidance: `acked` segments were acknowledged at `tick` while the window was the limit; returns the new window.
   * `minRoundTrip` (ticks) makes the target that of one round trip ahead.
   */
  grow(tick: number, cwnd: number, acked: number, minRoundTrip: number): number {
    this.update(Math.floor(tick / TICKS_PER_UNIT), cwnd, acked, Math.floor(minRoundTrip / TICKS_PER_UNIT));
    let window = cwnd;
    if (this.progress >= this.count) {
      this.progress = 0;
      window++;
    }
    this.progress += acked;
    if (this.progress >= this.count) {
      const step = Math.floor(this.progress / this.count);
      this.progress -= step * this.count;
      window += step;
    }
    return window;
  }

  /** Sets `count`, the ACKed segments that make the window grow by one. */
  private update(time: number, cwnd: number, acked: number, ahead: number): void {
    this.ackCount += acked;
    if (this.lastWindow === cwnd && this.epoch >= 0 && time - this.lastTime <= REFRESH_UNITS) return;
    this.lastWindow = cwnd;
    this.lastTime = time;
    if (this.epoch < 0) this.begin(time, cwnd, acked);

    const target = this.target(time - this.epoch + ahead);
    let count = target > cwnd ? Math.floor(cwnd / (target - cwnd)) : 100 * cwnd;
    // Before the first loss the capacity is unknown: at least 5 % a round trip.
    if (this.lastMax === 0 && count > 20) count = 20;
    if (this.parameters.friendly) {
      const step = Math.floor((cwnd * this.friendlyStep) / 8);
      while (this.ackCount > step) {
        this.ackCount -= step;
        this.renoWindow++;
      }
      if (this.renoWindow > cwnd) count = Math.min(count, Math.floor(cwnd / (this.renoWindow - cwnd)));
    }
    this.count = Math.max(count, 2);
  }

  private begin(time: number, cwnd: number, acked: number): void {
    this.epoch = time;
    this.ackCount = acked;
    this.renoWindow = cwnd;
    if (this.lastMax <= cwnd) {
      this.k = 0;
      this.origin = cwnd;
    } else {
      this.k = cubeRoot(Math.floor(((this.lastMax - cwnd) * CUBE_UNIT) / this.parameters.scale));
      this.origin = this.lastMax;
    }
  }
}
