/* oxlint-disable eslint/no-underscore-dangle -- the library names its extension points so */
import { readSync, writeSync } from 'node:fs';
import { Message, RecordBatchFileWriter, type Schema } from 'apache-arrow';
import { ZSTD } from './arrow-zstd.ts';

/**
 * Arrow's file writer with two changes: bytes go to a file descriptor at once, so that a caller that never yields (a simulation) needs no
 * more memory than one batch; and the schema stands at the head, too, as the format asks for and the library leaves out, so that a file
 * that was cut off can still be read up to the cut.
 */
export class ArrowFileWriter extends RecordBatchFileWriter {
  private readonly descriptor: number;

  /** `descriptor`: an empty file, open for reading and writing; `compressed`: batches by zstd, a column by itself. */
  constructor(descriptor: number, schema: Schema, compressed = false) {
    super({ compressionType: compressed ? ZSTD : null });
    this.descriptor = descriptor;
    this.reset(undefined, schema);
  }

  protected override _write(chunk: unknown): this {
    if (!this._started || !ArrayBuffer.isView(chunk)) return this;
    writeWhole(this.descriptor, new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength), this._position);
    this._position += chunk.byteLength;
    return this;
  }

  protected override _writeSchema(schema: Schema): this {
    return super._writeSchema(schema)._writeMessage(Message.from(schema));
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.byteLength;) done += writeSync(descriptor, bytes, done, bytes.byteLength - done, position + done);
}

/** Replaces a text near the start of a file by one of the same length in bytes. @throws Error when it is not there. */
export function replaceInHead(descriptor: number, before: string, after: string): void {
  const old = Buffer.from(before);
  const text = Buffer.from(after);
  if (text.length !== old.length) throw new Error(`a text of ${old.length} bytes cannot become one of ${text.length}`);
  const head = Buffer.alloc(old.length + 65_536);
  const at = head.subarray(0, readSync(descriptor, head, 0, head.length, 0)).indexOf(old);
  if (at < 0) throw new Error('the text to replace is not at the head of the file');
  writeWhole(descriptor, text, at);
}

