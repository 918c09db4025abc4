import { NS, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';

/** Bin width. */
const BIN_TICKS = 500 * NS;
/** Bins up to 20 ms; longer latencies fall in the last bin, which a percentile reports as its lower edge. */
const BINS = 40000;
/** Bins there are at first: 1 ms. */
const FIRST = 2048;

/** Latencies of frames from their last bit on the wire to the return of the read that took their last byte. Linear bins of 0.5 us. */
export class LatencyHistogram {
  private bins = new Float64Array(FIRST);
  private sum = ZERO;
  private count = 0;

  add(latency: Tick): void {
    const bin = Math.min(Math.floor(latency / BIN_TICKS), BINS);
    if (bin >= this.bins.length) this.grow(bin);
    this.bins[bin]!++; // inside
    this.sum += latency;
    this.count++;
  }

  /** Adds `count` latencies, the first one `latency` and each the next one `step` shorter. */
  addRun(latency: Tick, step: Tick, count: number): void {
    // Whatever the sign of `step`, the longest is the first or the last.
    const longest = Math.min(Math.floor(Math.max(latency, latency - (count - 1) * step) / BIN_TICKS), BINS);
    if (longest >= this.bins.length) this.grow(longest);
    const { bins } = this;
    let { sum } = this;
    for (let i = 0; i < count; i++) {
      const each = latency - i * step;
      const bin = Math.floor(each / BIN_TICKS);
      bins[bin < BINS ? bin : BINS]!++; // at most the longest one's
      // One by one: past 2^53 ticks, after some 400 s at full load, the order of adding shows in the last digit.
      sum += each;
    }
    this.sum = sum;
    this.count += count;
  }

  clear(): void {
    this.bins.fill(0);
    this.sum = 0;
    this.count = 0;
  }

  get samples(): number {
    return this.count;
  }

  /** Mean in ticks; 0 without samples. */
  mean(): Tick {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** The latency that a share `q` of the frames does not exceed, to the middle of its bin; 0 without samples. */
  quantile(q: number): Tick {
    if (this.count === 0) return 0;
    const target = q * this.count;
    let seen = 0;
    for (let bin = 0; bin < this.bins.length; bin++) {
      seen += this.bins[bin]!; // within bounds
      if (seen >= target && seen > 0) return (bin + 0.5) * BIN_TICKS;
    }
    return 0;
  }

  private grow(bin: number): void {
    let size = this.bins.length;
    while (size <= bin) size *= 2;
    const bins = new Float64Array(Math.min(size, BINS + 1));
    bins.set(this.bins);
    this.bins = bins;
  }
}
