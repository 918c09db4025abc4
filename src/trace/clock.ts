import type { Tick } from '../events/time.ts';
import type { TraceClock } from './metadata.ts';

/** Turns times in the unit of a trace's clock into picoseconds, rounded down: exact for every unit of whole picoseconds, and never out of order. */
export type ToTicks = (units: number) => Tick;

/** The conversion of a clock. What exceeds 2^53 comes out as a number that is not a safe integer. */
export function toTicks({ picoseconds: { numerator, denominator } }: TraceClock): ToTicks {
  if (denominator === 1) return numerator === 1 ? (units) => units : (units) => units * numerator;
  if (numerator * denominator <= Number.MAX_SAFE_INTEGER) {
    return (units) => {
      // Whole fractions first: no product leaves the integers that doubles hold.
      const whole = Math.floor(units / denominator);
      return whole * numerator + Math.floor(((units - whole * denominator) * numerator) / denominator);
    };
  }
  const [times, by] = [BigInt(numerator), BigInt(denominator)];
  return (units) => Number((BigInt(units) * times) / by);
}

/** Seconds of a time in the unit of a trace's clock, to the digits of a double. */
export function toSeconds({ picoseconds: { numerator, denominator } }: TraceClock, units: number): number {
  return (units * numerator) / denominator / 1e12;
}

/** Units of the clock that begin at or before `seconds`. */
export function fromSeconds({ picoseconds: { numerator, denominator } }: TraceClock, seconds: number): number {
  return Math.round((seconds * 1e12 * denominator) / numerator);
}
