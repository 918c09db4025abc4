/**
 * Reads the record that begins at `at`, of which the bytes up to `end` are there. Returns its length, which may reach beyond `end` where the rest does not matter, but is
 * no less than what was asked for; or, negative, how many bytes from `at` on it has to see first: more than there are.
 */
export type ReadRecord = (view: DataView, at: number, end: number) => number;

/** Cuts a file that comes in chunks of any size into records. A record is read where it lies in its chunk; only one that is split is copied together. */
export class ChunkedRecords {
  /** Offset in the file of the byte at place 0 of the view that is being read. */
  base = 0;
  private readonly read: ReadRecord;
  private carry = new Uint8Array(1024);
  private carryView = new DataView(this.carry.buffer);
  private carried = 0;
  private needed = 0;
  /** Bytes of the last record that are still to be passed over. */
  private skip = 0;
  /** Offset of the record they belong to. */
  private skipped = 0;
  /** Offset in the file of the next byte. */
  private position = 0;

  constructor(read: ReadRecord) {
    this.read = read;
  }

  /** Bytes so far. */
  get length(): number {
    return this.position;
  }

  /** Whether the bytes so far end between two records. */
  get whole(): boolean {
    return this.carried === 0 && this.skip === 0;
  }

  /** Offset of the record that has begun and is not whole. */
  get begun(): number {
    return this.skip > 0 ? this.skipped : this.position - this.carried;
  }

  push(chunk: Uint8Array): void {
    const { length } = chunk;
    let at = Math.min(this.skip, length);
    this.skip -= at;
    if (this.carried > 0) at = this.complete(chunk, at);
    this.base = this.position;
    if (at < length) {
      const view = new DataView(chunk.buffer, chunk.byteOffset, length);
      while (at < length) {
        const taken = this.read(view, at, length);
        if (taken <= 0) {
          this.keep(chunk, at, length, -taken);
          break;
        }
        if (taken > length - at) this.skipped = this.base + at;
        at += taken;
      }
    }
    this.skip += Math.max(0, at - length);
    this.position += length;
  }

  /** Goes on with the record that the chunks before have left; returns where the chunk goes on behind it. */
  private complete(chunk: Uint8Array, from: number): number {
    let at = from;
    while (at < chunk.length) {
      const taken = Math.min(this.needed - this.carried, chunk.length - at);
      const start = this.position + at - this.carried;
      this.keep(chunk, at, at + taken, this.needed);
      at += taken;
      if (this.carried < this.needed) break;
      this.base = start;
      const length = this.read(this.carryView, 0, this.carried);
      if (length <= 0) {
        this.needed = -length;
        continue;
      }
      // No more was gathered than was asked for, so the record reaches at least to here.
      if (length - this.carried > chunk.length - at) this.skipped = start;
      at += length - this.carried;
      this.carried = 0;
      break;
    }
    return at;
  }

  private keep(chunk: Uint8Array, from: number, to: number, needed: number): void {
    const total = this.carried + to - from;
    if (total > this.carry.length) {
      const larger = new Uint8Array(Math.max(total, this.carry.length * 2));
      larger.set(this.carry.subarray(0, this.carried));
      this.carry = larger;
      this.carryView = new DataView(larger.buffer);
    }
    this.carry.set(chunk.subarray(from, to), this.carried);
    this.carried = total;
    this.needed = needed;
  }
}
