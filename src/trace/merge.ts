import { RowCopier } from './copier.ts';
import { DIRECTION_IN } from './format.ts';
import type { TraceMetadata, TraceOrigin } from './metadata.ts';
import type { TraceSink, TraceSummary } from './sink.ts';
import type { TraceSource } from './source.ts';
import { TraceError } from './trace-error.ts';

/** A trace on its way into another, at its next row. */
interface Input {
  readonly source: TraceSource;
  readonly copier: RowCopier;
  readonly shift: number;
  t: Float64Array;
  direction: Float64Array | null;
  rows: number;
  row: number;
  /** Time of the next row in the merged trace; Infinity at the end. */
  next: number;
}

type Flows = NonNullable<TraceMetadata['flows']>;

/** How traces become one: what it says of itself, and what is added to the times and flow numbers of each. */
export interface MergePlan {
  readonly origin: TraceOrigin;
  readonly shifts: readonly { readonly time: number; readonly flow: number }[];
}

/**
 * Aligns traces of one kind and one clock by their origins: the earliest is that of the merged trace. Flows of different traces stay different ones. `note`: how it was made.
 * @throws TraceError naming the first trace that does not fit the others.
 */
export function planMerge(sources: readonly TraceSource[], note: string): MergePlan {
  const [first] = sources;
  if (first === undefined) throw new RangeError('nothing to merge');
  const { clock, recorded, producer } = first.metadata;
  for (const other of sources) refuseOther(first, other);
  const origins = sources.map(({ metadata }) => BigInt(metadata.clock.origin));
  const earliest = origins.reduce((a, b) => (b < a ? b : a));
  const flows: Flows = [];
  let flow = 0;
  const shifts = sources.map(({ file, metadata }, index) => {
    const time = Number(origins[index]! - earliest); // one each
    if (time + (metadata.span?.last ?? 0) > Number.MAX_SAFE_INTEGER) throw new TraceError(file, 'metadata', 'it is more than 2^53 units after the earliest of the traces', 'merge traces of one occasion');
    const shift = { time, flow };
    for (const known of metadata.flows ?? []) flows.push({ ...known, flow: known.flow + shift.flow });
    flow += 1 + (metadata.flows ?? []).reduce((most, known) => Math.max(most, known.flow), 0);
    return shift;
  });
  const same = sources.every(({ metadata }) => metadata.producer.name === producer.name && metadata.producer.version === producer.version);
  const names = [...new Set(sources.map(({ metadata }) => metadata.producer.name))].join(', ');
  return {
    origin: {
      clock: { ...clock, origin: String(earliest) },
      loop: sources.some(({ metadata }) => metadata.loop === 'closed') ? 'closed' : 'open',
      producer: same ? producer : { name: names, version: '' },
      recorded: { command: [...new Set(sources.map(({ metadata }) => metadata.recorded.command))].join(' && '), scenario: null, notes: recorded.notes === undefined ? note : `${recorded.notes}; ${note}` },
      ...(flows.length === 0 ? {} : { flows }),
    },
    shifts,
  };
}

function refuseOther(first: TraceSource, other: TraceSource): void {
  const { metadata: a, file } = first;
  const { metadata: b } = other;
  const refuse = (problem: string, remedy: string): never => {
    throw new TraceError(other.file, 'metadata', problem, remedy);
  };
  if (a.kind !== b.kind) refuse(`this is a ${b.kind} trace, ${file} a ${a.kind} trace`, 'merge traces of one kind');
  const [x, y] = [a.clock, b.clock];
  if (x.domain !== y.domain || x.unit !== y.unit || x.picoseconds.numerator * y.picoseconds.denominator !== y.picoseconds.numerator * x.picoseconds.denominator) {
    refuse(`its clock is ${y.domain} in ${y.unit}, that of ${file} ${x.domain} in ${x.unit}`, 'merge traces of one clock');
  }
  if (x.originMeaning !== y.originMeaning) refuse(`its clock counts from "${y.originMeaning}", that of ${file} from "${x.originMeaning}"`, 'merge traces of one clock');
}

/** Merges the rows of traces in time order; of equal times those of the earlier trace come first. Yields the rows written so far, now and then. */
export function* mergeTraces(sources: readonly TraceSource[], sink: TraceSink, { shifts }: MergePlan): Generator<number, TraceSummary> {
  const wire = sources[0]?.metadata.kind === 'wire';
  const frames = { in: 0, out: 0 };
  const inputs = sources.map((source, index): Input => {
    const shift = shifts[index]!; // one each
    return { source, copier: new RowCopier(source, sink, shift), shift: shift.time, t: new Float64Array(0), direction: null, rows: 0, row: -1, next: -1 };
  });
  for (const input of inputs) advance(input, wire);
  for (let written = 0; ;) {
    let best = inputs[0]!; // planMerge has seen one
    for (const input of inputs) if (input.next < best.next) best = input;
    if (best.next === Infinity) return wire ? { frames } : {};
    best.copier.copy(best.row);
    if (best.direction !== null) frames[best.direction[best.row] === DIRECTION_IN ? 'in' : 'out']++;
    if (++written % 65_536 === 0) yield written;
    advance(best, wire);
  }
}

/** To the next row. */
function advance(input: Input, wire: boolean): void {
  input.row++;
  while (input.row >= input.rows) {
    const batch = input.source.next();
    if (batch === null) {
      input.next = Infinity;
      return;
    }
    input.direction = wire ? batch.integers('direction').slice() : null;
    input.copier.load(batch);
    input.t = batch.t;
    input.rows = batch.rows;
    input.row = 0;
  }
  input.next = input.t[input.row]! + input.shift; // inside the batch
}
