import type { TraceSink } from '../sink.ts';

/** Names that an importer adds to a column, at most; a column holds 32,767 (its format's own included). */
export const MOST_ADDED = 32_000;
/** Characters of them in all. */
const MOST_CHARACTERS = 1 << 25;
/** Stands for the names beyond. */
export const OTHER = '(other)';

/** Codes of the names of one dictionary column. Names beyond `MOST_ADDED`, or more text than 32 Mi characters, become `OTHER`: memory stays bounded. */
export class CodeTable {
  /** Names that became `OTHER`, each time one is asked for. */
  others = 0;
  private characters = 0;
  private readonly sink: TraceSink;
  private readonly column: string;
  private readonly codes = new Map<string, number>();

  constructor(sink: TraceSink, column: string) {
    this.sink = sink;
    this.column = column;
  }

  code(name: string): number {
    const known = this.codes.get(name);
    if (known !== undefined) return known;
    if (this.codes.size >= MOST_ADDED || this.characters > MOST_CHARACTERS) {
      this.others++;
      return this.sink.code(this.column, OTHER);
    }
    const code = this.sink.code(this.column, name);
    this.codes.set(name, code);
    this.characters += name.length;
    return code;
  }
}
