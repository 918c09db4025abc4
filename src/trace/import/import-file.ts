import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { TraceKind } from '../format.ts';
import { MemorySink, type MemoryTrace } from '../memory-sink.ts';
import type { TraceMetadata } from '../metadata.ts';
import type { OpenSink, TraceSink, TraceSummary } from '../sink.ts';
import { systemReason, TraceError } from '../trace-error.ts';
import { TraceWriter } from '../writer.ts';
import { CutOff, Damaged, decompress } from './decompress.ts';
import { compressionOf, detect, HEAD_BYTES, isArrow } from './detect.ts';
import { IMPORT_FORMATS } from './formats.ts';
import type { ImportFormat, Importer } from './importer.ts';

/** Standard input, as a file. */
export const STDIN = '-';
const CHUNK_BYTES = 1 << 18;

/** What is to be imported. */
export interface FileImport {
  /** A path, or `-` for standard input. Compressed by gzip or zstd or not. */
  readonly file: string;
  /** If left out it is found from the content. */
  readonly format?: ImportFormat | undefined;
  readonly kind?: TraceKind | undefined;
  readonly local?: string | undefined;
  readonly strict?: boolean | undefined;
  readonly command: string;
  warn(text: string): void;
  /** Told now and then how many bytes of the file are read, and how many it has (null: not known). */
  readonly progress?: ((bytes: number, total: number | null) => void) | undefined;
  /** Ends the import: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Imports a file to a trace, which appears when it is whole. @throws TraceError naming file, place and remedy; then there is no trace. */
export async function importToFile(options: FileImport, output: string): Promise<TraceMetadata> {
  const opened: TraceWriter[] = [];
  try {
    const summary = await importTo(options, (kind, origin) => {
      const writer = new TraceWriter(output, kind, origin);
      opened.push(writer);
      return writer;
    });
    const [writer] = opened;
    if (writer === undefined) throw nothing(options.file);
    const metadata = writer.complete(summary);
    writer.publish();
    return metadata;
  } finally {
    for (const writer of opened) writer.abort();
  }
}

/** Imports a file to memory. @throws TraceError. */
export async function importToMemory(options: FileImport): Promise<MemoryTrace> {
  const opened: MemorySink[] = [];
  const summary = await importTo(options, (kind, origin) => {
    const sink = new MemorySink(options.file, kind, origin);
    opened.push(sink);
    return sink;
  });
  const [sink] = opened;
  if (sink === undefined) throw nothing(options.file);
  return sink.complete(summary);
}

/** The first bytes of a regular file, up to 64 KiB. @throws TraceError when it cannot be read. */
export function readHead(file: string): Uint8Array {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const head = new Uint8Array(fstatSync(descriptor).isFile() ? HEAD_BYTES : 0);
      return head.subarray(0, head.length === 0 ? 0 : readSync(descriptor, head, 0, head.length, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new TraceError(file, '', `cannot be read: ${systemReason(error)}`, 'give the path of a trace or of a recording');
  }
}

async function importTo(options: FileImport, open: OpenSink): Promise<TraceSummary> {
  const { file, signal } = options;
  const head = new Head(options, openOnce(open));
  try {
    for await (const chunk of bytesOf(options)) {
      signal?.throwIfAborted();
      head.push(chunk);
    }
  } catch (error) {
    if (!(error instanceof CutOff)) throw error;
    if (options.strict === true) throw new TraceError(file, '', error.message, 'copy it again, or leave --strict out to import what is there');
    options.warn(`${file}: ${error.message}; what is there is imported`);
  }
  return head.end();
}

/** Looks at the beginning of a file to find its format, then passes it on as it comes. */
class Head {
  private readonly options: FileImport;
  private readonly open: OpenSink;
  private readonly kept: Uint8Array[] = [];
  private bytes = 0;
  private importer: Importer | null = null;

  constructor(options: FileImport, open: OpenSink) {
    this.options = options;
    this.open = open;
  }

  push(chunk: Uint8Array): void {
    if (this.importer !== null) {
      this.importer.push(chunk);
      return;
    }
    this.kept.push(chunk);
    this.bytes += chunk.byteLength;
    if (this.bytes >= HEAD_BYTES) this.begin();
  }

  end(): TraceSummary {
    return (this.importer ?? this.begin()).end();
  }

  private begin(): Importer {
    const { file, kind, local, strict = false, command, warn } = this.options;
    const head = Buffer.concat(this.kept);
    const format = this.options.format ?? detect(head) ?? unknown(file, head);
    if (kind !== undefined && !format.kinds.includes(kind)) throw new TraceError(file, '', `a ${format.name} file gives no ${kind} trace`, `leave --kind out, or give ${format.kinds.join(' or ')}`);
    this.importer = format.create({ file, strict, kind, local, command, open: this.open, warn });
    this.importer.push(head);
    this.kept.length = 0;
    return this.importer;
  }
}

function openOnce(open: OpenSink): OpenSink {
  let sink: TraceSink | null = null;
  return (kind, origin) => {
    if (sink !== null) throw new Error('an importer opens one trace');
    sink = open(kind, origin);
    return sink;
  };
}

/** The bytes of a file, decompressed. */
async function* bytesOf(options: FileImport): AsyncGenerator<Uint8Array> {
  const chunks = readChunks(options);
  const first = await chunks.next();
  if (first.done === true) return;
  const all = async function* (): AsyncGenerator<Uint8Array> {
    yield first.value;
    yield* chunks;
  };
  const compression = compressionOf(first.value);
  try {
    yield* compression === null ? all() : decompress(all(), compression);
  } catch (error) {
    if (error instanceof Damaged) throw new TraceError(options.file, '', error.message, 'copy it again');
    throw error;
  }
}

/** The bytes of a file as they are. */
async function* readChunks({ file, progress }: FileImport): AsyncGenerator<Uint8Array> {
  const total = file === STDIN ? null : sizeOf(file);
  const source: Readable = file === STDIN ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  let read = 0;
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      read += chunk.byteLength;
      progress?.(read, total);
      yield chunk;
    }
  } catch (error) {
    if (error instanceof TraceError) throw error;
    throw new TraceError(file, `byte ${read}`, `cannot be read: ${systemReason(error)}`, 'copy it again');
  }
}

function sizeOf(file: string): number | null {
  try {
    const status = statSync(file);
    if (status.isDirectory()) throw new TraceError(file, '', 'this is a directory', 'give the path of a recording');
    return status.isFile() ? status.size : null;
  } catch (error) {
    throw error instanceof TraceError ? error : new TraceError(file, '', `cannot be read: ${systemReason(error)}`, 'give the path of a recording');
  }
}

function nothing(file: string): TraceError {
  return new TraceError(file, '', 'there is nothing in it to import', 'give the path of a recording');
}

function unknown(file: string, head: Uint8Array): never {
  const formats = IMPORT_FORMATS.map(({ name }) => name).join(', ');
  if (head.byteLength === 0) throw new TraceError(file, 'byte 0', 'the file is empty', 'give the path of a recording');
  if (isArrow(head)) throw new TraceError(file, 'byte 0', 'this is an Arrow file, which needs no import', 'give its path where a trace is wanted');
  throw new TraceError(file, 'byte 0', 'no known format begins like this', `give a file of one of the formats ${formats}, or name it: rumpsim trace convert --from FORMAT`);
}
