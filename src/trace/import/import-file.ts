import { closeSync, createReadStream, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import type { TraceKind } from '../format.ts';
import { MemorySink, type MemoryTrace } from '../memory-sink.ts';
import type { TraceMetadata } from '../metadata.ts';
import { TraceReader } from '../reader.ts';
import type { OpenSink, TraceSummary } from '../sink.ts';
import { STANDARD_STREAM } from '../standard-stream.ts';
import { systemReason, TraceError } from '../trace-error.ts';
import { TraceWriter } from '../writer.ts';
import { ArrowCopy } from './arrow-copy.ts';
import { CutOff, Damaged, decompress } from './decompress.ts';
import { compressionOf, HEAD_BYTES } from './detect.ts';
import { ImportHead } from './import-head.ts';
import type { ImportFormat, Importer } from './importer.ts';

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

/**
 * Imports a file to a trace, which appears when it is whole. A trace that is compressed or comes from standard input is unpacked.
 * @throws TraceError naming file, place and remedy; then there is no trace.
 */
export async function importToFile(options: FileImport, output: string): Promise<TraceMetadata> {
  const { file, kind, strict } = options;
  const opened: TraceWriter[] = [];
  const copies: ArrowCopy[] = [];
  try {
    const summary = await importTo(options, (of, origin) => {
      const writer = new TraceWriter(output, of, origin);
      opened.push(writer);
      return writer;
    }, () => {
      const copy = new ArrowCopy(output);
      copies.push(copy);
      return copy;
    });
    const [copy] = copies;
    if (copy !== undefined) {
      const reader = new TraceReader(copy.part, { kind, tolerate: strict !== true, name: file });
      reader.close();
      copy.publish();
      return reader.metadata;
    }
    const [writer] = opened;
    if (writer === undefined) throw nothing(file);
    const metadata = writer.complete(summary);
    writer.publish();
    return metadata;
  } finally {
    for (const unfinished of [...opened, ...copies]) unfinished.abort();
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

/** `copy`: takes an Arrow file; without it one is refused. */
async function importTo(options: FileImport, open: OpenSink, copy?: () => Importer): Promise<TraceSummary> {
  const { file, signal } = options;
  const head = new ImportHead(options, open, copy);
  try {
    for await (const chunk of bytesOf(options)) {
      signal?.throwIfAborted();
      head.push(chunk);
    }
  } catch (error) {
    if (!(error instanceof CutOff)) throw error;
    if (options.strict === true) throw new TraceError(file, '', error.message, 'copy it again, or leave --strict out to import what is there');
    if (!head.begun) throw new TraceError(file, '', `${error.message} before anything in it can be unpacked`, 'copy it again');
    options.warn(`${file}: ${error.message}; what is there is imported`);
  }
  return head.end();
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
  const total = file === STANDARD_STREAM ? null : sizeOf(file);
  const source: Readable = file === STANDARD_STREAM ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
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
