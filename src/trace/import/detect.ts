import { IMPORT_FORMATS } from './formats.ts';
import type { ImportFormat } from './importer.ts';

/** Bytes of a file's beginning that formats look at. */
export const HEAD_BYTES = 65_536;

/** Compressed files by their first bytes (RFC 1952, RFC 8878). */
export type Compression = 'gzip' | 'zstd';

const MAGICS: Readonly<Record<Compression, readonly number[]>> = { gzip: [0x1f, 0x8b], zstd: [0x28, 0xb5, 0x2f, 0xfd] };
const ARROW = [...'ARROW1'].map((letter) => letter.charCodeAt(0));

/** How a file is compressed; null when it is not. */
export function compressionOf(head: Uint8Array): Compression | null {
  for (const name of ['gzip', 'zstd'] as const) if (begins(head, MAGICS[name])) return name;
  return null;
}

/** Whether a file is an Arrow file, as traces are. */
export function isArrow(head: Uint8Array): boolean {
  return begins(head, ARROW);
}

/** The format of a file, by its content alone; null when it is none that can be imported. */
export function detect(head: Uint8Array): ImportFormat | null {
  const looked = head.subarray(0, HEAD_BYTES);
  return IMPORT_FORMATS.find((format) => format.detect(looked)) ?? null;
}

/** A format by its name; undefined when there is none. */
export function formatNamed(name: string): ImportFormat | undefined {
  return IMPORT_FORMATS.find((format) => format.name === name);
}

function begins(bytes: Uint8Array, magic: readonly number[]): boolean {
  return bytes.length >= magic.length && magic.every((byte, index) => bytes[index] === byte);
}
