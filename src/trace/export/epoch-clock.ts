import type { TraceClock } from '../metadata.ts';

/** Turns times of a trace into nanoseconds since what its clock counts from, rounded down. */
export class EpochClock {
  /** One unit is numerator / denominator nanoseconds, in lowest terms. */
  private readonly numerator: number;
  private readonly denominator: number;
  private readonly originSeconds: number;
  private readonly originNanoseconds: number;
  /** What is left of the origin, in 1/denominator nanoseconds. */
  private readonly originRest: number;
  /** The last result: whole seconds and the nanoseconds of the next one. */
  seconds = 0;
  nanoseconds = 0;

  constructor({ origin, picoseconds }: TraceClock) {
    const common = divisor(BigInt(picoseconds.numerator), BigInt(picoseconds.denominator) * 1000n);
    const numerator = BigInt(picoseconds.numerator) / common;
    const denominator = (BigInt(picoseconds.denominator) * 1000n) / common;
    const product = BigInt(origin) * numerator;
    const rest = ((product % denominator) + denominator) % denominator;
    const nanoseconds = (product - rest) / denominator;
    const fraction = ((nanoseconds % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    this.numerator = Number(numerator);
    this.denominator = Number(denominator);
    this.originRest = Number(rest);
    this.originNanoseconds = Number(fraction);
    this.originSeconds = Number((nanoseconds - fraction) / 1_000_000_000n);
  }

  /** Sets `seconds` and `nanoseconds` for a time of the trace. */
  set(t: number): void {
    const elapsed = this.elapsed(t) + this.originNanoseconds;
    this.nanoseconds = elapsed % 1e9;
    this.seconds = this.originSeconds + (elapsed - this.nanoseconds) / 1e9;
  }

  private elapsed(t: number): number {
    const product = t * this.numerator + this.originRest;
    if (product <= Number.MAX_SAFE_INTEGER) return (product - (product % this.denominator)) / this.denominator;
    return Number((BigInt(t) * BigInt(this.numerator) + BigInt(this.originRest)) / BigInt(this.denominator));
  }
}

function divisor(a: bigint, b: bigint): bigint {
  return b === 0n ? a : divisor(b, a % b);
}
