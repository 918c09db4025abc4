import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { EXPORT_FORMATS } from '../trace/export/formats.ts';
import { TraceReader } from '../trace/reader.ts';
import { STANDARD_STREAM } from '../trace/standard-stream.ts';
import { systemReason, UserError } from './failure.ts';

/** An export, as plain data for a worker thread. */
export interface ExportTask {
  /** Its name. */
  readonly format: string;
  /** The Arrow files, and what the user calls them. */
  readonly traces: readonly { readonly arrow: string; readonly file: string }[];
  readonly output: string;
  /** Where the file is written until it is whole; null: straight to `output`, which is standard output (`-`) or a device. */
  readonly part: string | null;
  readonly command: string;
  /** Read traces that are cut off. */
  readonly tolerate: boolean;
}

/** Bytes that are written at once. */
const BUFFER_BYTES = 1 << 20;

/** Exports traces to a file of another format, which appears when it is whole. @throws TraceError, UserError. */
export default function exportFile({ format, traces, output, part, command, tolerate }: ExportTask, say: (text: string) => void): void {
  const exporter = EXPORT_FORMATS.find(({ name }) => name === format);
  if (exporter === undefined) throw new RangeError(`no format ${format}`);
  const sources: TraceReader[] = [];
  const file = new OutputFile(output, part);
  try {
    for (const { arrow, file: name } of traces) sources.push(new TraceReader(arrow, { tolerate, name }));
    exporter.write(sources, (bytes) => file.write(bytes), { file: output, command, warn: say });
    file.finish();
    for (const { warnings } of sources) warnings.forEach(say);
  } finally {
    file.abort();
    for (const source of sources) source.close();
  }
}

/** A file that is written beside its place and renamed, or a stream. */
class OutputFile {
  private readonly output: string;
  private readonly part: string | null;
  private readonly descriptor: number;
  private readonly buffer = new Uint8Array(BUFFER_BYTES);
  private filled = 0;
  private open = true;

  constructor(output: string, part: string | null) {
    this.output = output;
    this.part = part;
    this.descriptor = output === STANDARD_STREAM ? 1 : this.attempt(() => openSync(part ?? output, 'w'));
  }

  write(bytes: Uint8Array): void {
    if (this.filled + bytes.byteLength > BUFFER_BYTES) this.flush();
    if (bytes.byteLength > BUFFER_BYTES) {
      this.writeWhole(bytes);
      return;
    }
    this.buffer.set(bytes, this.filled);
    this.filled += bytes.byteLength;
  }

  finish(): void {
    this.flush();
    const { part } = this;
    this.open = false;
    if (part === null) return;
    this.attempt(() => {
      closeSync(this.descriptor);
      renameSync(part, this.output);
    });
  }

  /** Drops what has been written, unless it is finished. */
  abort(): void {
    if (!this.open || this.part === null) return;
    this.open = false;
    closeSync(this.descriptor);
    rmSync(this.part, { force: true });
  }

  private flush(): void {
    this.writeWhole(this.buffer.subarray(0, this.filled));
    this.filled = 0;
  }

  private writeWhole(bytes: Uint8Array): void {
    this.attempt(() => {
      for (let done = 0; done < bytes.byteLength;) done += writeSync(this.descriptor, bytes, done, bytes.byteLength - done);
    });
  }

  private attempt<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (this.part !== null) rmSync(this.part, { force: true });
      throw new UserError(this.output, `cannot be written: ${systemReason(error)}`, 'choose another place');
    }
  }
}
