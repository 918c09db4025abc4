import { readFileSync } from 'node:fs';

/** A file of the fuzz corpus: pieces of real recordings, and a few texts by hand. */
export function corpus(name: string): Uint8Array {
  return readFileSync(new URL(`../../fuzz/corpus/${name}`, import.meta.url));
}

export function corpusText(name: string): string {
  return new TextDecoder().decode(corpus(name));
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** How often each value occurs. */
export function tally(values: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
