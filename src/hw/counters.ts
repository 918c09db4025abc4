/** Named event counts of a machine, in one array so that a measurement window is the difference of two snapshots. */
export class Counters {
  readonly names: string[] = [];
  readonly values = new Float64Array(256);

  /** Returns the index of the counter, new or known. */
  define(name: string): number {
    const known = this.names.indexOf(name);
    if (known >= 0) return known;
    if (this.names.length === this.values.length) throw new RangeError(`no room for counter ${name}`);
    return this.names.push(name) - 1;
  }

  add(index: number): void {
    this.values[index]!++; // index comes from define
  }

  addMany(index: number, count: number): void {
    this.values[index]! += count;
  }
}
