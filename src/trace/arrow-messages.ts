import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CompressionType, compressionRegistry, DataType, Message, RecordBatchReader, RecordBatchStreamWriter, type RecordBatch, type Schema } from 'apache-arrow';
import { ArrowVerifier } from './arrow-verify.ts';
import { MOST_MESSAGE_BYTES } from './arrow-zstd.ts';
import { systemReason, TraceError } from './trace-error.ts';

const MAGIC = Buffer.from('ARROW1');
/** Magic and padding. */
const HEAD_BYTES = 8;
/** Length of the footer, and the magic. */
const TAIL_BYTES = 10;
/** Continuation mark and length of a message's metadata. */
const PREFIX_BYTES = 8;

/** Names of a dictionary; more would only come from a broken file. */
const MOST_NAMES = 1_000_000;

/** A dictionary of names by their places; it grows while batches are read. One that replaces it is another object. */
export interface Names {
  readonly names: (string | null)[];
}

/** A message of the file: its bytes, prefix included, and where they begin. */
interface MessageBytes {
  readonly message: Message;
  readonly bytes: Uint8Array;
  readonly at: number;
}

/**
 * An Arrow IPC file, read message by message from its start, in memory for one batch. The footer is only looked at to see that the file is whole, and for
 * the schema where the head has none (files that apache-arrow's own writer made).
 */
export class ArrowMessages {
  readonly file: string;
  readonly schema: Schema;
  /** Whether the file ends as it should. */
  readonly whole: boolean;
  private readonly descriptor: number;
  private readonly size: number;
  /** Where the messages end. */
  private readonly end: number;
  private readonly schemaBytes: Uint8Array;
  /** What the footer says, which is more than the head where that had no room. */
  private readonly footer: Schema | null;
  private readonly dictionaries = new Map<number, Names>();
  private position: number;
  private buffer = new Uint8Array(0);
  private closed = false;

  /** `file`: what messages call it; `tolerate`: a file that was cut off is read up to the cut. @throws TraceError when it cannot be opened, is no Arrow file, or is cut off. */
  constructor(path: string, file: string, tolerate: boolean) {
    this.file = file;
    this.descriptor = open(path, file);
    try {
      const status = fstatSync(this.descriptor);
      if (!status.isFile()) throw this.error('', status.isDirectory() ? 'this is a directory' : 'this is not a regular file', 'give a trace file');
      this.size = status.size;
      this.checkHead();
      const footerBytes = this.footerBytes();
      this.whole = footerBytes > 0;
      if (!this.whole && !tolerate) throw this.cut();
      this.end = this.size - (this.whole ? footerBytes + TAIL_BYTES : 0);
      this.position = HEAD_BYTES;
      this.footer = this.whole ? this.guarded(this.end, () => footerSchema(this.read(this.end, footerBytes))) : null;
      const first = this.next();
      if (first?.message.isSchema() === true) {
        this.schemaBytes = first.bytes.slice();
      } else {
        if (this.footer === null) throw this.error(`byte ${HEAD_BYTES}`, 'the file is cut off and has no schema at its start', 'copy or record it again');
        this.position = HEAD_BYTES;
        this.schemaBytes = schemaMessage(this.footer);
      }
      this.schema = this.guarded(HEAD_BYTES, () => openReader([this.schemaBytes]).schema);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** A text of the schema's metadata. */
  metadata(key: string): string | undefined {
    return this.footer?.metadata.get(key) ?? this.schema.metadata.get(key);
  }

  /** The next record batch and the byte it begins at, valid until the next call; null at the end. @throws TraceError with the byte when it cannot be read. */
  nextBatch(): { readonly batch: RecordBatch; readonly at: number } | null {
    for (let found = this.next(); found !== null; found = this.next()) {
      const { message, bytes, at } = found;
      if (message.isDictionaryBatch()) this.guarded(at, () => this.learn(message.header(), bytes));
      if (!message.isRecordBatch()) continue;
      const result = this.guarded(at, () => this.decode(bytes).next() as IteratorResult<RecordBatch>);
      if (result.done === true) throw this.error(`byte ${at}`, 'the record batch is empty', 'record it again');
      return { batch: result.value, at };
    }
    return null;
  }

  /** The dictionary of that number as far as it has been read; undefined when there is none, or none of names. */
  names(id: number): Names | undefined {
    return this.dictionaries.get(id);
  }

  /** One message by itself. */
  private decode(bytes: Uint8Array): RecordBatchReader {
    return openReader([this.schemaBytes, bytes]);
  }

  /** A dictionary, or what it has grown by. Kept as names: the library would walk over all pieces of it for every batch. */
  private learn({ id, isDelta }: { readonly id: number; readonly isDelta: boolean }, bytes: Uint8Array): void {
    const reader = this.decode(bytes);
    const { dictionaries } = reader;
    reader.next();
    const piece = dictionaries.get(id);
    if (piece === undefined || !DataType.isUtf8(piece.type)) return;
    let known = this.dictionaries.get(id);
    if (known === undefined || !isDelta) {
      known = { names: [] };
      this.dictionaries.set(id, known);
    }
    const { names } = known;
    if (names.length + piece.length > MOST_NAMES) throw new RangeError(`${names.length + piece.length} names, more than ${MOST_NAMES}`);
    for (let i = 0; i < piece.length; i++) names.push(piece.get(i) as string | null);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    closeSync(this.descriptor);
  }

  private next(): MessageBytes | null {
    const at = this.position;
    const left = this.end - at;
    if (left === 0) return null;
    if (left < PREFIX_BYTES) return this.cutAt(at);
    const prefix = new DataView(this.read(at, PREFIX_BYTES).slice().buffer);
    const length = prefix.getInt32(4, true);
    if (prefix.getInt32(0, true) !== -1 || length < 0) throw this.error(`byte ${at}`, 'no Arrow message begins here', 'the file is damaged: copy or record it again');
    if (length === 0) return null;
    if (length > left - PREFIX_BYTES) return this.cutAt(at);
    const message = this.guarded(at, () => {
      const bytes = this.read(at + PREFIX_BYTES, length).slice();
      new ArrowVerifier(bytes).message(left - PREFIX_BYTES - length);
      return Message.decode(bytes);
    });
    this.checkCompression(message, at);
    const body = message.bodyLength;
    const total = PREFIX_BYTES + length + body;
    if (!Number.isSafeInteger(body) || body < 0 || (this.whole && total > left)) throw this.error(`byte ${at}`, `the message claims ${body} bytes`, 'the file is damaged: copy or record it again');
    if (total > left) return this.cutAt(at);
    if (total > MOST_MESSAGE_BYTES) throw this.error(`byte ${at}`, `a record batch of ${total} bytes`, 'write the trace with batches of up to 262,144 rows');
    this.position = at + total;
    return { message, bytes: this.read(at, total), at };
  }

  private checkCompression(message: Message, at: number): void {
    const compression = this.guarded(at, () => {
      if (message.isRecordBatch()) return message.header().compression;
      return message.isDictionaryBatch() ? message.header().data.compression : null;
    });
    if (compression === null || compressionRegistry.get(compression.type) !== null) return;
    throw this.error(`byte ${at}`, `the batches are compressed (${CompressionType[compression.type]}), which this program cannot read`, 'write the trace uncompressed or with ZSTD');
  }

  /** Bytes of the footer, 0 when the file does not end with one. */
  private footerBytes(): number {
    if (this.size < HEAD_BYTES + TAIL_BYTES) return 0;
    const tail = Buffer.from(this.read(this.size - TAIL_BYTES, TAIL_BYTES));
    const length = tail.readInt32LE(0);
    return tail.subarray(4).equals(MAGIC) && length > 0 && length <= this.size - HEAD_BYTES - TAIL_BYTES ? length : 0;
  }

  private checkHead(): void {
    const length = Math.min(MAGIC.length, this.size);
    const head = this.read(0, length);
    if (!MAGIC.subarray(0, length).equals(head)) throw this.error('byte 0', 'this is not an Arrow file', 'give a file that was recorded as a trace');
    if (this.size < HEAD_BYTES) throw this.error(`byte ${this.size}`, this.size === 0 ? 'the file is empty' : 'the file is cut off', 'copy or record it again');
  }

  /** The bytes [at, at + length), valid until the next read. */
  private read(at: number, length: number): Uint8Array {
    if (this.buffer.byteLength < length) this.buffer = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const got = this.guarded(at, () => readSync(this.descriptor, this.buffer, done, length - done, at + done));
      if (got === 0) throw this.error(`byte ${at + done}`, 'the file became shorter while it was read', 'read it when it is complete');
      done += got;
    }
    return this.buffer.subarray(0, length);
  }

  /** The library reports a damaged file by whatever goes wrong in it. */
  private guarded<T>(at: number, act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof TraceError) throw error;
      throw this.error(`byte ${at}`, `cannot be read (${systemReason(error)})`, 'the file is damaged: copy or record it again');
    }
  }

  private cut(): TraceError {
    return this.error(`byte ${this.size}`, 'the file is cut off: it does not end as an Arrow file', 'copy or record it again');
  }

  /** The messages end inside one that begins at `at`: the end, for a reader that tolerates it. */
  private cutAt(at: number): null {
    if (this.whole) throw this.error(`byte ${at}`, 'a message reaches into the footer', 'the file is damaged: copy or record it again');
    return null;
  }

  private error(place: string, problem: string, remedy: string): TraceError {
    return new TraceError(this.file, place, problem, remedy);
  }
}

function open(path: string, file: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw new TraceError(file, '', `cannot be read: ${systemReason(error)}`, 'give the path of a trace file');
  }
}

function openReader(messages: Iterable<Uint8Array>): RecordBatchReader {
  return RecordBatchReader.from(messages).open();
}

function schemaMessage(schema: Schema): Uint8Array {
  const writer = new RecordBatchStreamWriter();
  writer.reset(undefined, schema);
  return writer.toUint8Array(true);
}

/** Reads the schema of a footer: a file of nothing else, whose list of dictionary blocks (flatbuffer field 2) is taken for empty. */
function footerSchema(footer: Uint8Array): Schema {
  const file = Buffer.concat([MAGIC, Buffer.alloc(2), footer, Buffer.alloc(4), MAGIC]);
  file.writeInt32LE(footer.byteLength, HEAD_BYTES + footer.byteLength);
  new ArrowVerifier(footer).footer();
  const table = HEAD_BYTES + file.readInt32LE(HEAD_BYTES);
  const vtable = table - file.readInt32LE(table);
  const field = file.readUInt16LE(vtable + 8);
  if (field !== 0) file.writeInt32LE(0, table + field + file.readInt32LE(table + field));
  return openReader([file]).schema;
}
