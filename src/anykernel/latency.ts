import { NS, type Tick } from '../events/time.ts';

/** Bin width. */
const BIN_TICKS = 500 * NS;
/** Bins up to 20 ms; longer latencies fall in the last bin, which a percentile reports as its lower edge. */
const BINS = 40000;

/** Latencies of frames from their last bit on the wire to the return of the read that took their last byte. Linear bins of 0.5 us. */
export class LatencyHistogram {
  private readonly bins = new Float64Array(BINS + 1);
  private sum = 0;
  private count = 0;

  add(latency: Tick): void {
    const bin = Math.floor(latency / BIN_TICKS);
    this.bins[bin < BINS ? bin : BINS]!++; // bin <= BINS
    this.sum += latency;
    this.count++;
  }

  /** Adds `count` latencies, the first one `latency` and each the next one `step` shorter. */
  addRun(latency: Tick, step: Tick, count: number): void {
    const { bins } = this;
    let { sum } = this;
    for (let i = 0; i < count; i++) {
      const each = latency - i * step;
      const bin = Math.floor(each / BIN_TICKS);
      bins[bin < BINS ? bin : BINS]!++; // bin <= BINS
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
    const target = q * this.count;
    let seen = 0;
    for (let bin = 0; bin <= BINS; bin++) {
      seen += this.bins[bin]!; // bin <= BINS
      if (seen >= target && seen > 0) return (bin + 0.5) * BIN_TICKS;
    }
    return 0;
  }
}
