/** Names that a dictionary column can hold: its indices are 16 bits wide, none negative. */
export const MOST_NAMES = 32_767;

/** The names of a dictionary column. A name's code is its place. */
export class Vocabulary {
  readonly names: string[] = [];
  private readonly codes = new Map<string, number>();

  constructor(names: readonly { readonly name: string }[] = []) {
    for (const { name } of names) this.code(name);
  }

  /** The code of a name, which is added when it is new. */
  code(name: string): number {
    const known = this.codes.get(name);
    if (known !== undefined) return known;
    const code = this.names.push(name) - 1;
    this.codes.set(name, code);
    return code;
  }
}

/** The vocabularies of a format's dictionary columns, by column. */
export function vocabularies(dictionaries: Readonly<Record<string, readonly { readonly name: string }[]>>): ReadonlyMap<string, Vocabulary> {
  return new Map(Object.entries(dictionaries).map(([column, names]) => [column, new Vocabulary(names)]));
}
