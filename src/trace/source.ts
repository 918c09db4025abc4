import type { TraceMetadata } from './metadata.ts';

/** Some rows of a trace. What a column gives belongs to the caller, who may overwrite it, until the next batch or the same column is asked for. */
export interface TraceBatch {
  readonly rows: number;
  /** Number of the first of them in the trace. */
  readonly firstRow: number;
  /** The times, checked to be in order. */
  readonly t: Float64Array;
  /**
   * A column of integers; `rows`: only those rows of the batch, in that order.
   * @throws TraceError that names the row of a value that is missing, negative or fractional.
   */
  integers(name: string, rows?: Int32Array): Float64Array;
  /** A dictionary column as codes: places in the source's `names`, of which the first are those of the format. */
  codes(name: string): Int32Array;
}

/** The rows of a trace, a batch at a time: from a file (`TraceReader`) or from memory (`MemoryTrace`). */
export interface TraceSource {
  /** As the user named it, for messages. */
  readonly file: string;
  readonly metadata: TraceMetadata;
  /** What a reader should tell its user. */
  readonly warnings: readonly string[];
  /** The names of a dictionary column by their codes. It is the same array throughout, and grows while batches are read. */
  names(column: string): readonly string[];
  /** The next batch, null at the end of the trace. @throws TraceError that names the place of what cannot be read. */
  next(): TraceBatch | null;
  close(): void;
}
