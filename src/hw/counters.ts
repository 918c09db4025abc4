import type { Sequence } from './sequence.ts';

/** Named event counts of a machine, in one array so that a measurement window is the difference of two snapshots. */
export class Counters {
  readonly names: string[] = [];
  private readonly kept = new Float64Array(256);
  private readonly sequences: Sequence[] = [];

  /** By index. */
  get values(): Float64Array {
    for (const sequence of this.sequences) sequence.count(this.kept);
    return this.kept;
  }

  addSequence(sequence: Sequence): void {
    this.sequences.push(sequence);
  }

  /** Returns the index of the counter, new or known. */
  define(name: string): number {
    const known = this.names.indexOf(name);
    if (known >= 0) return known;
    if (this.names.length === this.kept.length) throw new RangeError(`no room for counter ${name}`);
    return this.names.push(name) - 1;
  }

  add(index: number): void {
    this.kept[index]!++; // index comes from define
  }

  addMany(index: number, count: number): void {
    this.kept[index]! += count;
  }
}
