import { LedgerColumn } from '../format.ts';
import type { TraceSink } from '../sink.ts';

const WORDS = 6;
/** Slices that wait for an older one to end. Then the oldest is cut in two, so that memory stays bounded. */
const MOST = 65_536;

/**
 * Writes the slices of several processors in the order in which they begin, although each is known only when it ends. Slices are begun in time order; those that have
 * ended wait for the older ones that have not. A slice that is cut in two counts once.
 */
export class SliceQueue {
  private readonly sink: TraceSink;
  private words = new Float64Array(64 * WORDS);
  private mask = 63;
  /** Numbers of the oldest slice that waits and of the next one. */
  private head = 0;
  private tail = 0;
  /** Number of the open slice of each processor. */
  private readonly open = new Map<number, number>();

  constructor(sink: TraceSink) {
    this.sink = sink;
  }

  /** Ends the processor's open slice at `t`, if there is one, and begins another there. `t` is not before any other given. */
  begin(t: number, cpu: number, context: number, path: number, count: number): void {
    this.end(t, cpu);
    if (this.tail - this.head > this.mask) this.makeRoom(t);
    const number = this.tail++;
    const { words } = this;
    const at = (number & this.mask) * WORDS;
    words[at] = t;
    words[at + 1] = -1;
    words[at + 2] = cpu;
    words[at + 3] = context;
    words[at + 4] = path;
    words[at + 5] = count;
    this.open.set(cpu, number);
  }

  /** Ends the processor's open slice at `t`, if there is one. */
  end(t: number, cpu: number): void {
    const number = this.open.get(cpu);
    if (number === undefined) return;
    this.open.delete(cpu);
    const at = (number & this.mask) * WORDS;
    this.words[at + 1] = Math.max(0, t - this.words[at]!); // the ring holds every open slice, here and below
    this.write();
  }

  /** Ends all slices at `t`. */
  endAll(t: number): void {
    for (const cpu of this.open.keys()) this.end(t, cpu);
  }

  private write(): void {
    const { words, sink } = this;
    const { columns } = sink;
    while (this.head < this.tail) {
      const at = (this.head & this.mask) * WORDS;
      const duration = words[at + 1]!;
      if (duration < 0) return;
      this.head++;
      if (duration === 0) continue;
      const row = sink.row(words[at]!);
      columns[LedgerColumn.duration]![row] = duration; // the ledger format has these columns, here and below
      columns[LedgerColumn.cpu]![row] = words[at + 2]!;
      columns[LedgerColumn.context]![row] = words[at + 3]!;
      columns[LedgerColumn.path]![row] = words[at + 4]!;
      columns[LedgerColumn.count]![row] = words[at + 5]!;
    }
  }

  private makeRoom(t: number): void {
    if (this.mask + 1 < MOST) {
      const old = this.words;
      const oldMask = this.mask;
      this.mask = oldMask * 2 + 1;
      this.words = new Float64Array((this.mask + 1) * WORDS);
      for (let number = this.head; number < this.tail; number++) {
        const from = (number & oldMask) * WORDS;
        this.words.set(old.subarray(from, from + WORDS), (number & this.mask) * WORDS);
      }
      return;
    }
    const at = (this.head & this.mask) * WORDS;
    const [cpu, context, path] = [this.words[at + 2]!, this.words[at + 3]!, this.words[at + 4]!];
    this.end(t, cpu);
    this.begin(t, cpu, context, path, 0);
  }
}
