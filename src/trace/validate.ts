import { DIRECTION_IN, DIRECTION_OUT, WireKind } from './format.ts';
import type { TraceBatch, TraceSource } from './source.ts';
import { TraceError } from './trace-error.ts';

/** What a valid trace was found to hold. */
export interface Validated {
  readonly rows: number;
  readonly batches: number;
  /** What is odd but readable, one line each. */
  readonly remarks: readonly string[];
}

/** Something odd: told once, with the first row and how many there are. */
class Remarks {
  private readonly file: string;
  private readonly found = new Map<string, { readonly row: number; rows: number }>();

  constructor(file: string) {
    this.file = file;
  }

  add(text: string, row: number): void {
    const known = this.found.get(text);
    if (known === undefined) this.found.set(text, { row, rows: 1 });
    else known.rows++;
  }

  lines(): string[] {
    return [...this.found].map(([text, { row, rows }]) => `${this.file}: row ${row}: ${text}${rows === 1 ? '' : ` (${rows} rows, this is the first)`}`);
  }
}

/**
 * Reads every column of every batch of a trace and holds its metadata against what it holds. Yields the rows read so far after each batch.
 * @throws TraceError for the first thing that is wrong.
 */
export function* validateTrace(source: TraceSource): Generator<number, Validated> {
  const { metadata, file } = source;
  const { kind, columns } = metadata;
  const remarks = new Remarks(file);
  const check = CHECKS[kind](remarks);
  let [rows, batches, first, last] = [0, 0, 0, 0];
  const frames = { in: 0, out: 0 };
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    for (const { name, type } of columns) {
      if (type === 'dictionary') batch.codes(name);
      else batch.integers(name);
    }
    check(batch);
    if (kind === 'wire') {
      const direction = batch.integers('direction');
      for (let row = 0; row < batch.rows; row++) frames[direction[row] === DIRECTION_IN ? 'in' : 'out']++;
    }
    if (rows === 0 && batch.rows > 0) first = batch.t[0]!;
    if (batch.rows > 0) last = batch.t[batch.rows - 1]!;
    rows += batch.rows;
    batches++;
    yield rows;
  }
  const wrong = (what: string): never => {
    throw new TraceError(file, 'metadata', what, 'the file is damaged: copy or record it again');
  };
  if (metadata.rows !== null && metadata.rows !== rows) wrong(`${metadata.rows} rows are said, ${rows} are there`);
  if (metadata.rows !== null && rows > 0 && (metadata.span?.first !== first || metadata.span.last !== last)) wrong(`times ${metadata.span?.first} to ${metadata.span?.last} are said, ${first} to ${last} are there`);
  if (metadata.frames !== undefined && (metadata.frames.in !== frames.in || metadata.frames.out !== frames.out)) wrong(`${metadata.frames.in} frames in and ${metadata.frames.out} out are said, ${frames.in} and ${frames.out} are there`);
  if (metadata.rows !== null) for (const [column, names] of Object.entries(metadata.dictionaries)) checkNames(file, column, names.map(({ name }) => name), source.names(column));
  return { rows, batches, remarks: [...remarks.lines(), ...(metadata.rows === null ? [`${file}: metadata: the number of rows is not said`] : []), ...source.warnings] };
}

function checkNames(file: string, column: string, said: readonly string[], found: readonly string[]): void {
  const unknown = found.find((name) => !said.includes(name));
  if (unknown !== undefined) throw new TraceError(file, 'metadata', `${column}: the name '${unknown}' is in the rows and not in the dictionary`, 'record it again');
}

type Check = (batch: TraceBatch) => void;

const CHECKS: Readonly<Record<TraceSource['metadata']['kind'], (remarks: Remarks) => Check>> = {
  wire: (remarks) => (batch) => {
    const [direction, kind, bytes, payload] = [batch.integers('direction'), batch.codes('kind'), batch.integers('bytes'), batch.integers('payload')];
    for (let row = 0; row < batch.rows; row++) {
      const place = batch.firstRow + row;
      if (direction[row]! > DIRECTION_OUT) remarks.add('direction is neither 0 nor 1', place);
      else if (kind[row]! <= WireKind.txOther && kind[row]! >= WireKind.txData !== (direction[row] === DIRECTION_OUT)) remarks.add('kind and direction disagree', place);
      if (payload[row]! > bytes[row]!) remarks.add('more payload than frame', place);
    }
  },
  hardware: () => () => {},
  kernel: (remarks) => {
    let end = 0;
    return (batch) => {
      const duration = batch.integers('duration');
      for (let row = 0; row < batch.rows; row++) {
        if (batch.t[row]! < end) remarks.add('the kernel is entered before its last entry is over', batch.firstRow + row);
        end = batch.t[row]! + duration[row]!;
      }
    };
  },
  ledger: (remarks) => {
    const ends = new Map<number, number>();
    return (batch) => {
      const [duration, cpu] = [batch.integers('duration'), batch.integers('cpu')];
      for (let row = 0; row < batch.rows; row++) {
        if (batch.t[row]! < (ends.get(cpu[row]!) ?? 0)) remarks.add('the slice begins before the last one of its processor is over', batch.firstRow + row);
        ends.set(cpu[row]!, batch.t[row]! + duration[row]!);
      }
    };
  },
};
