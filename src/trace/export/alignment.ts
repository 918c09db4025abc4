import { toTicks } from '../clock.ts';
import type { TraceClock } from '../metadata.ts';
import type { TraceSource } from '../source.ts';
import { TraceError } from '../trace-error.ts';
import { inNanoseconds } from './in-nanoseconds.ts';

/** Several traces on one axis: time 0 is the earliest of their origins. */
export interface Alignment {
  /** As they were given, or with their times in nanoseconds. */
  readonly sources: readonly TraceSource[];
  readonly clock: TraceClock;
  /** What to add to the times of each source, in the clock's unit. */
  readonly offsets: readonly number[];
}

/**
 * Puts traces on one axis. An emulated machine has one start that all its clocks count from, in instructions or in time: then the axis is in nanoseconds.
 * @throws TraceError when a source is not on the first one's clock, or begins too far from it.
 */
export function align(given: readonly TraceSource[]): Alignment {
  const [first] = given;
  if (first === undefined) throw new RangeError('there is no trace to align');
  const same = ({ metadata }: TraceSource): boolean => sameUnit(metadata.clock, first.metadata.clock);
  const sources = given.every(same) ? given : given.map((source) => (source.metadata.clock.domain === 'virtual' ? inNanoseconds(source) : source));
  const { clock } = sources[0]?.metadata ?? first.metadata;
  for (const [index, { file, metadata }] of sources.entries()) {
    if (sameUnit(metadata.clock, clock)) continue;
    throw new TraceError(file, 'metadata', `its clock is ${nameOf(given[index]?.metadata.clock ?? metadata.clock)}, that of ${first.file} ${nameOf(first.metadata.clock)}`, 'export traces of one run together, others alone');
  }
  const origins = sources.map(({ metadata }) => BigInt(metadata.clock.origin));
  const least = origins.reduce((low, origin) => (origin < low ? origin : low));
  const offsets = origins.map((origin) => Number(origin - least));
  const far = offsets.findIndex((offset) => !Number.isSafeInteger(offset));
  if (far >= 0) throw new TraceError(sources[far]?.file ?? '', 'metadata', 'its origin is more than 2^53 units from that of the others', 'export traces of one run together, others alone');
  return { sources, clock: { ...clock, origin: String(least) }, offsets };
}

function sameUnit(a: TraceClock, b: TraceClock): boolean {
  return a.domain === b.domain && a.unit === b.unit && a.picoseconds.numerator * b.picoseconds.denominator === b.picoseconds.numerator * a.picoseconds.denominator;
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
