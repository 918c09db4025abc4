import type { Cursor } from './bytes.ts';
import type { FtraceLine } from './ftrace-line.ts';

/** What is made of the events, by kind of trace. */
export interface FtraceRows {
  /** An event; its arguments come next on the line. */
  event(t: number, name: string, line: FtraceLine, args: Cursor): void;
  /** Events of a processor have been lost: what it did until its next one is not known. */
  lost(cpu: number): void;
  end(): void;
}
