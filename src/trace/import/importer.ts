import type { TraceKind } from '../format.ts';
import type { OpenSink, TraceSummary } from '../sink.ts';

/** What an importer is told. */
export interface ImportOptions {
  /** The file as the user named it, for messages. */
  readonly file: string;
  /** Refuse a file that is cut off, or a row that cannot be read, instead of a warning. */
  readonly strict: boolean;
  /** The kind of trace that is wanted, where the format can give several; the first of the format's kinds if left out. */
  readonly kind?: TraceKind | undefined;
  /** Wire: an address (IPv4, IPv6 or MAC) of the machine whose trace this is to be; if left out, the end that got most payload. */
  readonly local?: string | undefined;
  /** The importing command, for the metadata. */
  readonly command: string;
  readonly open: OpenSink;
  /** One line for the user. An importer warns of a thing once, with its number of occurrences at the end. */
  warn(text: string): void;
}

/** Reads a file in chunks of any size and writes rows; keeps bounded memory. Runs in a browser too: no Node API. */
export interface Importer {
  /** @throws TraceError naming file, byte offset or line, and remedy. */
  push(chunk: Uint8Array): void;
  /** The end of the file. @throws TraceError. */
  end(): TraceSummary;
}

/** A file format that can be imported. */
export interface ImportFormat {
  /** As in `--format`. */
  readonly name: string;
  readonly title: string;
  /** Kinds of trace it can give. */
  readonly kinds: readonly [TraceKind, ...TraceKind[]];
  /** Whether a file that begins with these bytes (up to 64 KiB, less for a shorter file) is of this format. */
  detect(head: Uint8Array): boolean;
  create(options: ImportOptions): Importer;
}
