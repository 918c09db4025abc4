import { NS, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';

/** Bin width. */
const BIN_TICKS = 500 * NS;
/** Bins up to 20 ms; longer latencies fall in the last bin, which a percentile reports as its lower edge. */
const BINS = 40000;
/** Bins there are at first: 1 ms. */
const FIRST = 2048;

/** Whole numbers below twice this are added without rounding. */
const CARRY = 2 ** 52;

/** Latencies of frames from their last bit on the wire to the return of the read that took their last byte. Linear bins of 0.5 us. */
export class LatencyHistogram {
  private bins = new Float64Array(FIRST);
  /** Of all latencies, without `carried` times CARRY: they sum up to more than a double holds exactly after some 400 s at full load. */
  private sum = ZERO;
  private carried = 0;
  private count = 0;

  add(latency: Tick): void {
    const bin = Math.min(Math.floor(latency / BIN_TICKS), BINS);
    if (bin >= this.bins.length) this.grow(bin);
    this.bins[bin]!++; // inside
    this.count++;
    this.addToSum(latency);
  }

  /** Adds `count` latencies, the first one `latency` and each the next one `step` shorter. */
  addRun(latency: Tick, step: Tick, count: number): void {
    const last = latency - (count - 1) * step;
    const twice = (latency + last) * count;
    if (step < 0 || latency >= BINS * BIN_TICKS || twice >= CARRY) {
      for (let i = 0; i < count; i++) this.add(latency - i * step);
      return;
    }
    this.addToSum(twice / 2);
    this.count += count;
    // In whole bins and ticks above the bin's edge: divisions for the run, none for each of it.
    let bin = (latency / BIN_TICKS) | 0;
    let above = (latency - bin * BIN_TICKS) | 0;
    const binStep = (step / BIN_TICKS) | 0;
    const aboveStep = (step - binStep * BIN_TICKS) | 0;
    if (bin >= this.bins.length) this.grow(bin);
    const { bins } = this;
    for (let i = 0; i < count; i++) {
      bins[bin]!++; // the first one's bin is the highest
      // All of it is far below 2^31, so nothing is lost by the bit operations: -1 when the next one is below the edge of its bin, else 0.
      above = (above - aboveStep) | 0;
      const borrow = above >> 31;
      above = (above + (borrow & BIN_TICKS)) | 0;
      bin = (bin + borrow - binStep) | 0;
    }
  }

  clear(): void {
    this.bins.fill(0);
    this.sum = 0;
    this.carried = 0;
    this.count = 0;
  }

  get samples(): number {
    return this.count;
  }

  /** Mean in ticks; 0 without samples. */
  mean(): Tick {
    return this.count === 0 ? 0 : (this.carried * CARRY + this.sum) / this.count;
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

  /** Adds less than CARRY. */
  private addToSum(ticks: Tick): void {
    this.sum += ticks;
    if (this.sum < CARRY) return;
    this.sum -= CARRY;
    this.carried++;
  }

  private grow(bin: number): void {
    let size = this.bins.length;
    while (size <= bin) size *= 2;
    const bins = new Float64Array(Math.min(size, BINS + 1));
    bins.set(this.bins);
    this.bins = bins;
  }
}
