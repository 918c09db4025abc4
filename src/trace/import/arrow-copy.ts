import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { partName } from '../part-name.ts';
import type { TraceSummary } from '../sink.ts';
import { systemReason, TraceError } from '../trace-error.ts';
import type { Importer } from './importer.ts';

/** Takes a trace that is no file yet, because it comes through a pipe or is compressed: its reader begins at its end. */
export class ArrowCopy implements Importer {
  /** Where the bytes are until `publish`. */
  readonly part: string;
  private readonly output: string;
  private readonly descriptor: number;
  private open = true;

  /** @throws TraceError when the file cannot be made. */
  constructor(output: string) {
    this.output = output;
    this.part = partName(output);
    this.descriptor = this.guarded(() => openSync(this.part, 'w'));
  }

  push(chunk: Uint8Array): void {
    this.guarded(() => {
      for (let done = 0; done < chunk.byteLength;) done += writeSync(this.descriptor, chunk, done);
    });
  }

  end(): TraceSummary {
    this.close();
    return {};
  }

  /** Gives the file its name. */
  publish(): void {
    this.guarded(() => renameSync(this.part, this.output));
  }

  /** Drops what has been written; nothing happens after `publish`. */
  abort(): void {
    this.close();
    rmSync(this.part, { force: true });
  }

  private close(): void {
    if (this.open) closeSync(this.descriptor);
    this.open = false;
  }

  private guarded<T>(act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw new TraceError(this.output, '', `cannot be written: ${systemReason(error)}`, 'choose another place');
    }
  }
}
