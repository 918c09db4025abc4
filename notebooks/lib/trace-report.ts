import { fromSeconds, toSeconds } from '../../src/trace/clock.ts';
import type { MemoryTrace } from '../../src/trace/memory-sink.ts';
import type { TraceMetadata } from '../../src/trace/metadata.ts';
import { readContents, type TraceContents } from '../../src/trace/summary.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { type PricedTrace, priceRecorded } from '../../src/study/price/priced-trace.ts';
import { readRecorded, type RecordedRun } from '../../src/study/price/read-recorded.ts';
import type { TimeSeries } from '../../src/chart/over-time.ts';

/** What a page says of a trace. */
export interface TraceReport {
  readonly metadata: TraceMetadata;
  readonly contents: TraceContents;
  /** Rows a second by what they are, over time; for frames megabits a second. */
  readonly series: readonly TimeSeries[];
  /** Seconds. */
  readonly interval: number;
  /** A kernel or hardware trace under the costs of the paper's machine. */
  readonly priced: { readonly trace: PricedTrace; readonly controller: RecordedRun['controller']; readonly timer: RecordedRun['timer'] } | null;
  readonly warnings: readonly string[];
}

/** Intervals that a chart over time has at most, and series, the most frequent first. */
const INTERVALS = 200;
const SERIES = 6;
/** Bits in a byte, in Mb. */
const MEGABITS = 8e-6;
/** What the rows of a kind are told apart by over time. */
const BY = { wire: 'kind', hardware: 'kind', kernel: 'operation', ledger: 'context' } as const;

/** Length of the intervals of a chart over `seconds`: a round number. */
function intervalOf(seconds: number): number {
  const least = Math.max(seconds, 1e-6) / INTERVALS;
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((digit) => digit * power >= least) ?? 10);
}

/** Reads a trace through for what it holds. */
export function reportOf(trace: MemoryTrace, warnings: readonly string[]): TraceReport {
  const { metadata } = trace;
  const reading = readContents(trace.open());
  let step = reading.next();
  while (step.done !== true) step = reading.next();
  const contents = step.value;
  const interval = intervalOf(contents.seconds);
  const series = seriesOf(trace, contents, interval);
  const priced = metadata.kind === 'kernel' || metadata.kind === 'hardware' ? price(trace) : null;
  return { metadata, contents, series, interval, priced, warnings };
}

function price(trace: MemoryTrace): TraceReport['priced'] {
  const recorded = readRecorded([trace.open()]);
  return { trace: priceRecorded(recorded, defaultCosts()), controller: recorded.controller, timer: recorded.timer };
}

function seriesOf(trace: MemoryTrace, { span, seconds }: TraceContents, interval: number): TimeSeries[] {
  if (span === null) return [];
  const source = trace.open();
  const { kind, clock } = source.metadata;
  const units = Math.max(1, fromSeconds(clock, interval));
  const length = toSeconds(clock, units);
  const bins = Math.max(1, Math.ceil(seconds / length + 1e-9));
  const sums = new Map<number, Float64Array>();
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const codes = batch.codes(BY[kind]);
    // Frames are told in megabits a second, slices of the ledger as their share of the time, anything else as rows a second.
    const weights = kind === 'wire' ? batch.integers('bytes') : kind === 'ledger' ? batch.integers('duration') : null;
    for (let row = 0; row < batch.rows; row++) {
      const code = codes[row]!; // all columns have the batch's rows, here and below
      let sum = sums.get(code);
      if (sum === undefined) sums.set(code, (sum = new Float64Array(bins)));
      const bin = Math.min(bins - 1, Math.floor((batch.t[row]! - span.first) / units));
      sum[bin]! += weights === null ? 1 : weights[row]!; // bin < bins
    }
  }
  const scale = kind === 'wire' ? MEGABITS / length : kind === 'ledger' ? 100 / units : 1 / length;
  const names = source.names(BY[kind]);
  const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
  return [...sums].toSorted(([, a], [, b]) => total(b) - total(a)).slice(0, SERIES).map(([code, values]) => ({ name: names[code] ?? String(code), values: Array.from(values, (value) => value * scale) }));
}
