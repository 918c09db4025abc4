import { toTicks } from '../clock.ts';
import type { TraceClock } from '../metadata.ts';
import type { TraceSource } from '../source.ts';
import { TraceError } from '../trace-error.ts';

/** Several traces on one axis: time 0 is the earliest of their origins. */
export interface Alignment {
  readonly clock: TraceClock;
  /** What to add to the times of each source, in the clock's unit. */
  readonly offsets: readonly number[];
}

/** @throws TraceError when a source is not on the first one's clock, or begins too far from it. */
export function align(sources: readonly TraceSource[]): Alignment {
  const [first] = sources;
  if (first === undefined) throw new RangeError('there is no trace to align');
  const { clock } = first.metadata;
  for (const { file, metadata } of sources) {
    const { domain, unit, picoseconds } = metadata.clock;
    const same = domain === clock.domain && unit === clock.unit && picoseconds.numerator * clock.picoseconds.denominator === clock.picoseconds.numerator * picoseconds.denominator;
    if (!same) throw new TraceError(file, 'metadata', `its clock is ${nameOf(metadata.clock)}, that of ${first.file} ${nameOf(clock)}`, 'export traces of one run together, others alone');
  }
  const origins = sources.map(({ metadata }) => BigInt(metadata.clock.origin));
  const least = origins.reduce((low, origin) => (origin < low ? origin : low));
  const offsets = origins.map((origin) => Number(origin - least));
  const far = offsets.findIndex((offset) => !Number.isSafeInteger(offset));
  if (far >= 0) throw new TraceError(sources[far]?.file ?? '', 'metadata', 'its origin is more than 2^53 units from that of the others', 'export traces of one run together, others alone');
  return { clock: { ...clock, origin: String(least) }, offsets };
}

/** As a user reads it: `host time in ns`. */
export function nameOf({ domain, unit, picoseconds: { numerator, denominator } }: TraceClock): string {
  const length = unit === 'ps' || unit === 'ns' ? '' : ` of ${denominator === 1 ? numerator : `${numerator}/${denominator}`} ps`;
  return `${domain} time in ${unit}${length}`;
}

/** The conversion of a clock into nanoseconds, rounded down: what did not overlap before does not afterwards. */
export function toNanoseconds(clock: TraceClock): (units: number) => number {
  const { numerator, denominator } = clock.picoseconds;
  return toTicks({ ...clock, picoseconds: { numerator, denominator: denominator * 1000 } });
}

/** Units of the clock in a millisecond, rounded, at least 1. */
export function unitsPerMillisecond({ picoseconds: { numerator, denominator } }: TraceClock): number {
  return Math.max(1, Math.round((1e9 * denominator) / numerator));
}
