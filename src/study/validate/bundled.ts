import data from './bundled.json' with { type: 'json' };
import type { Counted } from './estimate.ts';
import { type NormalEquations } from './least-squares.ts';
import { addEquations } from './least-squares.ts';
import { emptyStatistics, FIT_NAMES } from './statistics.ts';

/** How a recording's statistics stand in bundled.json. */
export interface BundledRecording {
  readonly hash: string;
  readonly name: string;
  /** Piece, number, sum. */
  readonly pieces: readonly (readonly (string | number)[])[];
  /** For each fit: number of rows, y'y, X'y, upper half of X'X row by row. */
  readonly fits: readonly (readonly number[])[];
}

/** The statistics of all recordings that the instruction counts were taken from. Where they come from: `source` in bundled.json. */
export function bundledStatistics(): Counted[] {
  return data.recordings.map(unpack);
}

/** What `bundled.json` keeps of a recording. */
export function pack({ hash, name, statistics }: Counted): BundledRecording {
  return {
    hash, name,
    pieces: Object.entries(statistics.pieces).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([id, { n, sum }]) => [id, n, sum]),
    fits: FIT_NAMES.map((fit) => {
      const { n, yy, xy, xx, terms } = statistics.fits[fit];
      return [n, yy, ...xy, ...xx.filter((_, i) => i % terms.length >= Math.floor(i / terms.length))];
    }),
  };
}

export function unpack({ hash, name, pieces, fits }: BundledRecording): Counted {
  const statistics = emptyStatistics();
  for (const [id, n, sum] of pieces) statistics.pieces[String(id)] = { n: Number(n), sum: Number(sum) };
  FIT_NAMES.forEach((fit, index) => {
    const [n = 0, yy = 0, ...rest] = fits[index] ?? [];
    const { terms } = statistics.fits[fit];
    const size = terms.length;
    const half = rest.slice(size);
    const xx = terms.flatMap((_, i) => terms.map((__, j) => half[place(Math.min(i, j), Math.max(i, j), size)] ?? 0));
    const packed: NormalEquations = { terms, n, yy, xy: rest.slice(0, size), xx };
    addEquations(statistics.fits[fit], packed);
  });
  return { hash, name, statistics };
}

/** Place of element (i, j), j from i on, in the upper half of a square matrix kept row by row. */
function place(i: number, j: number, size: number): number {
  return i * size - (i * (i - 1)) / 2 + (j - i);
}
