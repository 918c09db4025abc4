import type { TraceKind } from './format.ts';
import type { TraceMetadata, TraceOrigin } from './metadata.ts';

/** Takes the rows of a trace, in time order: a file (`TraceWriter`), or memory. */
export interface TraceSink {
  /** Staging, an array a column in the order of the format; dictionary columns hold codes. Every column of a row has to be set. The arrays are the same for the sink's whole life. */
  readonly columns: readonly Float64Array[];
  /** Begins a row at `t` (the clock's unit, whole, not before the last) and returns its place in `columns`, valid until the next call. */
  row(t: number): number;
  /** The code of a name of a dictionary column; a name that is new is added, up to 32,767 a column. */
  code(column: string, name: string): number;
}

/** Opens the sink of a trace, once: when its producer knows of what kind it is and on which clock. */
export type OpenSink = (kind: TraceKind, origin: TraceOrigin) => TraceSink;

/** What a producer knows of its trace only at the end. */
export type TraceSummary = Pick<TraceMetadata, 'frames' | 'flows'>;
