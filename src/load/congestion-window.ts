import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { Cubic, type CubicParameters } from './cubic.ts';

/** The congestion window in segments: slow start, cubic above the threshold, and Linux's rule that only a window which has been the limit may grow. */
export class CongestionWindow {
  size: number;
  threshold = Infinity;
  readonly cubic: Cubic;
  /** Most segments that were in flight, until all that was sent by then is acknowledged, and whether the window was full then. */
  private most = 0;
  private mostEnd = ZERO;
  private limited = false;

  constructor(parameters: CubicParameters, initial: number) {
    this.cubic = new Cubic(parameters);
    this.size = initial;
  }

  /** Whether the window has been the limit, so that ACKs may let it grow (tcp_is_cwnd_limited). */
  get grows(): boolean {
    return this.size < this.threshold ? this.size < 2 * this.most : this.limited;
  }

  /** `acked` segments were acknowledged while it grows. `least`: the least round trip. */
  grow(tick: Tick, acked: number, least: Tick): void {
    let rest = acked;
    if (this.size < this.threshold) {
      const window = Math.min(this.size + acked, this.threshold);
      rest = this.size + acked - window;
      this.size = window;
    }
    if (rest > 0) this.size = this.cubic.grow(tick, this.size, rest, least);
  }

  /** A loss: the threshold comes down. */
  reduce(): void {
    this.threshold = this.cubic.reduce(this.size);
  }

  /** Whether `outstanding` segments in flight are the most for now, so that `remember` should follow. */
  fullest(una: number, outstanding: number): boolean {
    return una >= this.mostEnd || outstanding > this.most;
  }

  /** Remembers how full it got (tcp_cwnd_validate): `outstanding` segments are in flight up to `nxt`, of which the network holds `pipe`. */
  remember(nxt: number, outstanding: number, pipe: number): void {
    this.most = outstanding;
    this.mostEnd = nxt;
    this.limited = pipe >= this.size;
  }
}
