/** Numbers names by their bytes, from 0 on, without making a string of a name that is known. */
export class NameTable {
  readonly names: string[] = [];
  private readonly most: number;
  private readonly texts: Uint8Array[] = [];
  private slots = new Int32Array(64);
  private readonly decoder = new TextDecoder();

  /** @param most names that it takes in. */
  constructor(most: number) {
    this.most = most;
  }

  /** The number of a name, which is added when it is new; -1 when it is new and the table is full. */
  number(bytes: Uint8Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193); // FNV-1a; the caller's range is inside
    const mask = this.slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const entry = this.slots[slot]! - 1; // the mask keeps it inside
      if (entry < 0) break;
      if (same(this.texts[entry]!, bytes, start, end)) return entry; // slots hold numbers of texts
      slot = (slot + 1) & mask;
    }
    if (this.texts.length >= this.most) return -1;
    const text = bytes.slice(start, end);
    this.texts.push(text);
    this.slots[slot] = this.names.push(this.decoder.decode(text));
    if (this.names.length * 2 > mask) this.grow();
    return this.names.length - 1;
  }

  private grow(): void {
    const old = this.slots;
    const mask = old.length * 2 - 1;
    this.slots = new Int32Array(mask + 1);
    this.texts.forEach((text, entry) => {
      let hash = 0x811c9dc5;
      for (const byte of text) hash = Math.imul(hash ^ byte, 0x01000193);
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = entry + 1;
    });
  }
}

function same(text: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = text;
  if (length !== end - start) return false;
  for (let i = 0; i < length; i++) {
    if (text[i] !== bytes[start + i]) return false;
  }
  return true;
}
