import { ProbeEvent } from '../../hw/probe.ts';
import { toTicks } from '../clock.ts';
import { TRACE_FORMATS } from '../format.ts';
import type { TraceClock } from '../metadata.ts';
import type { TraceBatch, TraceSource } from '../source.ts';

/** A trace with its times in nanoseconds, rounded down: what did not overlap before does not afterwards. */
export function inNanoseconds(source: TraceSource): TraceSource {
  const { metadata } = source;
  const { clock, kind } = metadata;
  const { numerator, denominator } = clock.picoseconds;
  const convert = toTicks({ ...clock, picoseconds: { numerator, denominator: denominator * 1000 } });
  const times = new Set(TRACE_FORMATS[kind].columns.filter(({ unit }) => unit === 'clock').map(({ name }) => name));
  const batchOf = (batch: TraceBatch): TraceBatch => {
    const { rows, firstRow } = batch;
    const integers = (name: string, some?: Int32Array): Float64Array => {
      const values = batch.integers(name, some);
      if (times.has(name)) return convertAll(values, convert);
      // A timer's delay stands in a column of many meanings.
      return kind === 'hardware' && name === 'value' ? convertDelays(values, batch.codes('kind'), some, convert) : values;
    };
    return { rows, firstRow, t: convertAll(batch.t, convert), integers, codes: (name) => batch.codes(name) };
  };
  return {
    file: source.file,
    warnings: source.warnings,
    metadata: { ...metadata, clock: nanosecondClock(clock) },
    names: (column) => source.names(column),
    next: () => {
      const batch = source.next();
      return batch === null ? null : batchOf(batch);
    },
    close: () => source.close(),
  };
}

function nanosecondClock({ domain, picoseconds: { numerator, denominator }, origin, originMeaning }: TraceClock): TraceClock {
  return { domain, unit: 'ns', picoseconds: { numerator: 1000, denominator: 1 }, origin: String((BigInt(origin) * BigInt(numerator)) / (BigInt(denominator) * 1000n)), originMeaning };
}

/** In place: a column that a batch gives belongs to its reader. */
function convertAll(values: Float64Array, convert: (units: number) => number): Float64Array {
  for (let i = 0; i < values.length; i++) values[i] = convert(values[i]!); // inside, here and below
  return values;
}

function convertDelays(values: Float64Array, kinds: Int32Array, some: Int32Array | undefined, convert: (units: number) => number): Float64Array {
  for (let i = 0; i < values.length; i++) if (kinds[some === undefined ? i : some[i]!] === ProbeEvent.timerProgram) values[i] = convert(values[i]!);
  return values;
}
