import { traceOfBytes } from '../../src/trace/arrow-bytes.ts';
import { compressionOf, isArrow } from '../../src/trace/import/detect.ts';
import { ImportHead } from '../../src/trace/import/import-head.ts';
import { MemorySink, type MemoryTrace } from '../../src/trace/memory-sink.ts';
import { TraceError } from '../../src/trace/trace-error.ts';

export interface LoadOptions {
  /** As the user named it, for messages. */
  readonly name: string;
  /** Of a capture: an address of the machine whose trace it is to be. */
  readonly local?: string | undefined;
  warn(text: string): void;
  /** Told how many bytes have been read, as they come out of a compressed file. */
  readonly progress?: (bytes: number) => void;
}

/** First bytes that say what a file is. */
const MAGIC_BYTES = 8;

/**
 * A trace, or a recording of any format that the command line imports, to memory; compressed by gzip or not.
 * @throws TraceError in one line with file, place and remedy
 */
export async function loadTrace(blob: Blob, options: LoadOptions): Promise<MemoryTrace> {
  const { name } = options;
  const compression = compressionOf(await head(blob));
  if (compression === 'zstd') throw new TraceError(name, 'byte 0', 'it is compressed by zstd, which a browser cannot undo', `unpack it first: zstd -d ${name}`);
  const packed = compression === 'gzip';
  const stream = packed ? blob.stream().pipeThrough(new DecompressionStream('gzip')) : blob.stream();
  const unpacked = chunksOf(stream, options, packed);
  const first = await unpacked.next();
  if (first.done !== true && isArrow(first.value)) {
    const parts: Uint8Array<ArrayBuffer>[] = [first.value];
    for await (const chunk of unpacked) parts.push(chunk);
    return traceOfBytes(name, new Uint8Array(await new Blob(parts).arrayBuffer()));
  }
  const sinks: MemorySink[] = [];
  const importer = new ImportHead({ file: name, local: options.local, command: `rumpsim trace convert ${name} trace.arrow`, warn: (text) => options.warn(text) }, (kind, origin) => {
    const sink = new MemorySink(name, kind, origin);
    sinks.push(sink);
    return sink;
  });
  if (first.done !== true) {
    importer.push(first.value);
    for await (const chunk of unpacked) importer.push(chunk);
  }
  const summary = importer.end();
  const [sink] = sinks;
  if (sink === undefined) throw new TraceError(name, '', 'there is nothing in it to import', 'choose another recording');
  return sink.complete(summary);
}

async function head(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.slice(0, MAGIC_BYTES).arrayBuffer());
}

async function* chunksOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>, { name, progress }: LoadOptions, packed: boolean): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      if (!packed) throw new TraceError(name, `byte ${bytes}`, `it cannot be read (${error instanceof Error ? error.message : String(error)})`, 'choose it again');
      throw new TraceError(name, `byte ${bytes} of what is in it`, 'the gzip file is damaged or cut off', 'copy it again');
    });
    if (done) return;
    bytes += value.byteLength;
    progress?.(bytes);
    yield value;
  }
}
