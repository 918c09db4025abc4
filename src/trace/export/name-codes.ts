import type { TraceSource } from '../source.ts';
import type { TimelineSink } from './timeline-sink.ts';

/** The names of a dictionary column as names of a timeline; a name is handed over when it is needed. */
export class NameCodes {
  private readonly names: readonly string[];
  private readonly sink: TimelineSink;
  private codes = new Int32Array(64);

  constructor(source: TraceSource, column: string, sink: TimelineSink) {
    this.names = source.names(column);
    this.sink = sink;
  }

  of(code: number): number {
    if (code >= this.codes.length) {
      const longer = new Int32Array(2 * (code + 1));
      longer.set(this.codes);
      this.codes = longer;
    }
    const known = this.codes[code]!; // it is long enough
    return known === 0 ? (this.codes[code] = this.sink.name(this.names[code] ?? `code ${code}`)) : known;
  }
}
