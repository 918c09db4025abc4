import { TRACE_FORMATS } from './format.ts';
import type { TraceSink } from './sink.ts';
import type { TraceBatch, TraceSource } from './source.ts';

/** What changes on the way from a trace to another of its kind. */
export interface CopyShift {
  /** Added to every time. */
  readonly time?: number;
  /** Added to every flow number of a wire trace. */
  readonly flow?: number;
}

/** Copies rows of a trace into a sink of the same kind. */
export class RowCopier {
  private readonly source: TraceSource;
  private readonly sink: TraceSink;
  private readonly time: number;
  private readonly flow: number;
  private readonly columns: readonly { readonly name: string; readonly named: boolean }[];
  /** The sink's code of each of the source's, by column; grows as codes are met. */
  private readonly codes: number[][];
  private readonly values: (Float64Array | Int32Array)[] = [];

  constructor(source: TraceSource, sink: TraceSink, { time = 0, flow = 0 }: CopyShift = {}) {
    this.source = source;
    this.sink = sink;
    this.time = time;
    this.flow = flow;
    this.columns = TRACE_FORMATS[source.metadata.kind].columns.map(({ name, type }) => ({ name, named: type === 'dictionary' }));
    this.codes = this.columns.map(() => []);
  }

  /** Takes the columns of a batch: its rows can be copied until the next. */
  load(batch: TraceBatch): void {
    this.columns.forEach(({ name, named }, index) => {
      this.values[index] = named ? batch.codes(name) : index === 0 ? batch.t : batch.integers(name);
      if (name === 'flow' && this.flow > 0) for (let row = 0; row < batch.rows; row++) this.values[index]![row]! += this.flow; // just set
    });
  }

  copy(row: number): void {
    const { values, sink, columns } = this;
    const target = sink.row(values[0]![row]! + this.time); // a row of the batch that is loaded, here and below
    for (let column = 1; column < values.length; column++) {
      const value = values[column]![row]!;
      sink.columns[column]![target] = columns[column]!.named ? this.code(column, value) : value;
    }
  }

  /** Names get their code in the sink with the first row that is copied. */
  private code(column: number, code: number): number {
    const known = this.codes[column]!; // one a column
    const { name } = this.columns[column]!;
    return (known[code] ??= this.sink.code(name, this.source.names(name)[code] ?? ''));
  }
}
