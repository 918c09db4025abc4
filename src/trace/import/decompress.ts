import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Compression } from './detect.ts';

/** A compressed file that ends before its end. */
export class CutOff extends Error {
  constructor(compression: Compression) {
    super(`the ${compression} file is cut off`);
  }
}

/** A compressed file that holds something else than it should. */
export class Damaged extends Error {
  constructor(compression: Compression, reason: string) {
    super(`the ${compression} file is damaged (${reason})`);
  }
}

type Decoder = Transform & { readonly bytesWritten: number };

const DECODERS: Readonly<Record<Compression, () => Decoder>> = { gzip: createGunzip, zstd: createZstdDecompress };

/**
 * The bytes of a compressed file, several frames in a row too. Everything that can be decoded is given before an error is thrown, and no more is decoded than is asked for.
 * @throws CutOff, Damaged, and what `input` throws.
 */
export async function* decompress(input: AsyncIterable<Uint8Array>, compression: Compression): AsyncGenerator<Uint8Array> {
  let frame = new Frame(compression);
  try {
    for await (const chunk of input) {
      let rest = chunk;
      while (rest.byteLength > 0) {
        if (frame.ended) frame = new Frame(compression);
        const before = frame.consumed;
        yield* frame.decode(rest);
        const taken = frame.consumed - before;
        if (taken === 0 && !frame.ended) throw new Damaged(compression, 'its decoder takes nothing more');
        rest = rest.subarray(taken);
      }
    }
    yield* frame.decode(null);
  } finally {
    frame.close();
  }
}

/** A decoder that is driven by hand: a stream that fails throws away what it has decoded and nobody has read. */
class Frame {
  /** Nothing more belongs to it. */
  ended = false;
  private readonly compression: Compression;
  private readonly decoder: Decoder;
  private failure: Error | null = null;
  private taken = false;
  private wake: () => void = () => {};

  constructor(compression: Compression) {
    this.compression = compression;
    this.decoder = DECODERS[compression]();
    this.decoder.on('readable', () => this.wake());
    this.decoder.on('end', () => {
      this.ended = true;
      this.wake();
    });
    this.decoder.on('error', (error) => {
      this.failure = error;
      this.wake();
    });
  }

  /** Bytes of the file that it has taken. */
  get consumed(): number {
    return this.decoder.bytesWritten;
  }

  /** Decodes `bytes`, or as many of them as belong to it; null: there are no more. */
  async *decode(bytes: Uint8Array | null): AsyncGenerator<Uint8Array> {
    const { decoder } = this;
    if (this.ended) return;
    this.taken = false;
    if (bytes === null) decoder.end();
    else {
      decoder.write(bytes, () => {
        this.taken = true;
        this.wake();
      });
    }
    for (;;) {
      const woken = new Promise<void>((resolve) => {
        this.wake = resolve;
      });
      for (let out = decoder.read() as Uint8Array | null; out !== null; out = decoder.read() as Uint8Array | null) yield out;
      if (this.failure !== null) throw this.told(this.failure);
      if (this.ended || this.taken) return;
      await woken;
    }
  }

  close(): void {
    this.decoder.destroy();
  }

  private told(failure: Error): Error {
    return 'code' in failure && failure.code === 'Z_BUF_ERROR' ? new CutOff(this.compression) : new Damaged(this.compression, failure.message);
  }
}
