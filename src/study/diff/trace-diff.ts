import { IDLE_NAME, TRACE_FORMATS } from '../../trace/format.ts';
import type { TraceBatch, TraceSource } from '../../trace/source.ts';
import { UserError } from '../user-error.ts';
import { accountFrames, compare, type Difference, type Parting } from './difference.ts';
import { rowText, TraceTally } from './trace-tally.ts';

/**
 * Compares two traces of one kind, in memory that does not depend on their length: sums by account, counts by event, the first row in which anything differs and the first at which
 * something else happened. Times of traces with different clocks are compared in picoseconds.
 * @throws UserError for traces of different kinds.
 */
export function diffTraces(a: TraceSource, b: TraceSource): Difference {
  const { kind } = a.metadata;
  if (kind !== b.metadata.kind) throw new UserError('diff', `${a.file} is a ${kind} trace, ${b.file} a ${b.metadata.kind} trace`, 'give two traces of one kind');
  const tallies = [new TraceTally(a), new TraceTally(b)] as const;
  const finder = new PartingFinder(a, b);
  const [left, right] = [new Cursor(a, tallies[0]), new Cursor(b, tallies[1])];
  while (left.more() && right.more()) {
    const rows = Math.min(left.left, right.left);
    finder.compare(left, right, rows);
    left.skip(rows);
    right.skip(rows);
  }
  finder.end(left, right);
  while (left.more()) left.skip(left.left);
  while (right.more()) right.skip(right.left);
  for (const tally of tallies) tally.finish();
  const timed = kind === 'kernel' || kind === 'ledger';
  const scaled = (trace: TraceSource, tally: TraceTally): Map<string, number> => {
    const { numerator, denominator } = trace.metadata.clock.picoseconds;
    const factor = timed ? numerator / denominator / 1e9 : 1;
    return new Map([...tally.amounts].map(([name, sum]) => [name, sum * factor]));
  };
  const accounts = compare(scaled(a, tallies[0]), scaled(b, tallies[1]));
  return {
    a: a.file, b: b.file,
    unit: timed ? 'ms' : kind === 'wire' ? 'bytes' : '',
    accounts,
    countUnit: 'in all',
    counts: compare(tallies[0].counts, tallies[1].counts),
    stacks: accounts.filter(({ name }) => name !== `${IDLE_NAME}/${IDLE_NAME}`).map(({ name, a: before, b: value }) => ({ frames: framesOf(name), before, value })),
    firstDifference: finder.difference,
    firstOtherEvent: finder.otherEvent,
    notes: [...a.warnings, ...b.warnings],
  };
}

function framesOf(account: string): string[] {
  return account.includes('/') ? accountFrames(account) : account.split(' ');
}

/** A place in a trace. */
class Cursor {
  readonly trace: TraceSource;
  batch: TraceBatch | null = null;
  /** Row in the batch. */
  row = 0;
  private readonly tally: TraceTally;
  private ended = false;

  constructor(trace: TraceSource, tally: TraceTally) {
    this.trace = trace;
    this.tally = tally;
  }

  get left(): number {
    return (this.batch?.rows ?? 0) - this.row;
  }

  /** Whether there is a row; gets the next batch when it must. */
  more(): boolean {
    while (this.left === 0) {
      if (this.ended) return false;
      this.batch = this.trace.next();
      this.row = 0;
      this.ended = this.batch === null;
      if (this.batch === null) return false;
      this.tally.add(this.batch);
    }
    return true;
  }

  skip(rows: number): void {
    this.row += rows;
  }
}

/** A column as numbers that can be compared between two traces. */
interface Column {
  readonly name: string;
  readonly values: (cursor: Cursor) => ArrayLike<number>;
  /** Whether it says what happened, not when or how much. */
  readonly event: boolean;
}

const EVENT_COLUMNS = new Set(['kind', 'device', 'address', 'operation', 'from_mode', 'to_mode', 'context', 'path', 'direction', 'payload', 'flags']);

class PartingFinder {
  difference: Parting | null = null;
  otherEvent: Parting | null = null;
  private rows = 0;
  private readonly columns: readonly Column[];
  private readonly scales: readonly [number, number];
  private readonly shared = new Map<string, number>();

  constructor(a: TraceSource, b: TraceSource) {
    const scale = ({ metadata: { clock: { picoseconds: { numerator, denominator } } } }: TraceSource): number => numerator / denominator;
    this.scales = scale(a) === scale(b) ? [1, 1] : [scale(a), scale(b)];
    this.columns = TRACE_FORMATS[a.metadata.kind].columns.map(({ name, type }) => ({
      name,
      event: EVENT_COLUMNS.has(name),
      values: (cursor) => {
        const { batch, trace } = cursor;
        if (batch === null) return [];
        if (type !== 'dictionary') return name === 't' ? batch.t : batch.integers(name);
        return this.sharedCodes(trace, name, batch.codes(name));
      },
    }));
  }

  /** Compares the next rows of both, until both partings are found. */
  compare(left: Cursor, right: Cursor, rows: number): void {
    if (this.difference === null || this.otherEvent === null) {
      for (const { name, event, values } of this.columns) {
        const [x, y] = [values(left), values(right)];
        const clocked = TIMES.has(name);
        const [p, q] = clocked ? this.scales : [1, 1];
        for (let i = 0; i < rows; i++) {
          if (x[left.row + i]! * p === y[right.row + i]! * q) continue; // both have `rows` rows from there
          const at = this.rows + i;
          if (this.difference === null || at < this.difference.row) this.difference = this.part(at, left, right, i);
          if (event && (this.otherEvent === null || at < this.otherEvent.row)) this.otherEvent = this.part(at, left, right, i);
          break;
        }
      }
    }
    this.rows += rows;
  }

  /** One of them has ended: if the other has not, they part there. */
  end(left: Cursor, right: Cursor): void {
    const [more, others] = [left.more(), right.more()];
    if (more === others) return;
    const parting = { row: this.rows, a: more ? this.text(left, 0) : null, b: others ? this.text(right, 0) : null };
    this.difference ??= parting;
    this.otherEvent ??= parting;
  }

  private part(row: number, left: Cursor, right: Cursor, offset: number): Parting {
    return { row, a: this.text(left, offset), b: this.text(right, offset) };
  }

  private text({ trace, batch, row }: Cursor, offset: number): Record<string, string> | null {
    return batch === null ? null : rowText(trace, batch, row + offset);
  }

  /** Codes by name, the same in both traces. */
  private sharedCodes(trace: TraceSource, column: string, codes: Int32Array): Float64Array {
    const map = trace.names(column).map((name) => {
      const known = this.shared.get(name);
      if (known !== undefined) return known;
      this.shared.set(name, this.shared.size);
      return this.shared.size - 1;
    });
    return Float64Array.from(codes, (code) => map[code] ?? -1);
  }
}

const TIMES = new Set(['t', 'duration', 'user']);
