import type { TraceKind } from '../format.ts';
import type { TraceSource } from '../source.ts';

/** What an exporter is told. */
export interface ExportOptions {
  /** The file that is written, as the user named it, for messages. */
  readonly file: string;
  /** The exporting command, for formats that say where they come from. */
  readonly command: string;
  /** One line for the user: what the format cannot hold and was left out, once, with its number of occurrences. */
  warn(text: string): void;
}

/** A file format that traces can be written in. Runs in a browser too: no Node API. */
export interface ExportFormat {
  /** As in `--to`. */
  readonly name: string;
  readonly title: string;
  /** Of the files it writes, with the dot: '.pcap'. The format of a file whose name ends so, unless another is asked for. */
  readonly extension: string;
  /** Kinds of trace it can hold. */
  readonly kinds: readonly [TraceKind, ...TraceKind[]];
  /** Whether it takes several traces at once, of one clock, aligned by their origins; false if left out. */
  readonly several?: boolean;
  /**
   * Reads the sources to their end, a batch at a time, and gives the file in pieces, each valid until the call returns. The sources are of its kinds, one unless `several`;
   * whoever opened them closes them. @throws TraceError naming the source, the row and the remedy for what cannot be exported.
   */
  write(sources: readonly TraceSource[], out: (bytes: Uint8Array) => void, options: ExportOptions): void;
}
