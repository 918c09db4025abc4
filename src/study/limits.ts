import { PACING_NAMES } from '../load/pacing/pacing.ts';
import { didYouMean } from './nearest.ts';
import { readQuantity, wrongUnit } from './quantity.ts';
import { UserError } from './user-error.ts';

/** A number of a scenario: its range, its unit, and what it means. Command line, scenario file and published schema all go by this table. */
export interface Limit {
  readonly means: string;
  readonly low: number;
  readonly high: number;
  /** Factors to the unit the number is kept in, by spelling; the first is that unit. */
  readonly units: Readonly<Record<string, number>>;
  readonly whole: boolean;
  readonly standard: number;
}

/** Longest run: what 2^53 picoseconds hold, in whole thousands of seconds. */
const LONGEST_SECONDS = 9000;
const SECONDS = { s: 1, ms: 1e-3, min: 60 };

export const LIMITS = {
  load: { means: 'TCP payload that the client offers', low: 0.001, high: 1000, units: { 'Mb/s': 1, 'Gb/s': 1000, 'kb/s': 1e-3, Mbps: 1, Gbps: 1000 }, whole: false, standard: 900 },
  duration: { means: 'simulated time, warm-up included', low: 0.001, high: LONGEST_SECONDS, units: SECONDS, whole: false, standard: 20 },
  warmup: { means: 'simulated time cut from the start; half of the duration when left out', low: 0, high: LONGEST_SECONDS, units: SECONDS, whole: false, standard: 10 },
  seed: { means: 'seed of all random streams', low: 0, high: Number.MAX_SAFE_INTEGER, units: {}, whole: true, standard: 1 },
  run: { means: 'number of the (first) replication: advances all random streams', low: 0, high: 1_000_000_000, units: {}, whole: true, standard: 0 },
  reps: { means: 'replications, with run numbers that follow each other', low: 1, high: 10_000, units: {}, whole: true, standard: 1 },
  jobs: { means: 'worker threads that share the replications', low: 1, high: 1024, units: {}, whole: true, standard: 1 },
} as const satisfies Readonly<Record<string, Limit>>;

export type LimitName = keyof typeof LIMITS;

/** `0.001..1000 Mb/s`. */
export function rangeText(limit: Limit): string {
  const unit = Object.keys(limit.units)[0];
  const high = limit.high === Number.MAX_SAFE_INTEGER ? '2^53 - 1' : String(limit.high);
  return `${limit.low}..${high}${unit === undefined ? '' : ` ${unit}`}`;
}

/** Reads a number of a scenario. @throws UserError at `place` unless it is a number in range, in a unit that fits. */
export function readLimited(name: LimitName, text: string, place: string): number {
  const limit: Limit = LIMITS[name];
  const quantity = readQuantity(text);
  const wanted = `give ${limit.whole ? 'a whole number' : 'a number'} in ${rangeText(limit)}`;
  if (quantity === null) throw new UserError(place, `'${text}' is not a number`, wanted);
  const units = Object.keys(limit.units);
  const factor = quantity.unit === '' ? 1 : limit.units[quantity.unit];
  if (factor === undefined) throw new UserError(place, units.length === 0 ? `'${text}' has a unit, this is a plain number` : wrongUnit(quantity.unit, units), wanted);
  const value = quantity.number * factor;
  if (limit.whole && !Number.isSafeInteger(value)) throw new UserError(place, `${text} is not a whole number`, wanted);
  if (!(value >= limit.low && value <= limit.high)) throw new UserError(place, `${text} is out of range`, wanted);
  return value;
}

/** Reads one of a few names. @throws UserError at `place` with the nearest valid spelling. */
export function readChoice<T extends string>(what: string, text: string, choices: readonly T[], place: string): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UserError(place, `unknown ${what} '${text}'`, didYouMean(text, choices));
  return found;
}

export function readPacing(text: string, place: string): (typeof PACING_NAMES)[number] {
  return readChoice('pacing', text, PACING_NAMES, place);
}
