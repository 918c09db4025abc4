import { addEquations, addRow, normalEquations, type NormalEquations } from './least-squares.ts';

/** Runs whose length is a linear function of what they did; see docs/instruction-counts.md. */
export const FITS = {
  /** First to last ICR read of the interrupt thread: `run` is its first pass over the rings, `extra` each further one. */
  isr: ['run', 'extra', 'frames', 'completions'],
  softint: ['run', 'frames', 'acks'],
  /** Position of the first TDT write in a softint run: `nth` is the frame that it acknowledges. */
  firstTransmit: ['run', 'frames', 'nth'],
  /** Less a quarter of the bytes read. */
  iperf: ['run', 'iterations', 'borders', 'updates'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type FitName = keyof typeof FITS;
export const FIT_NAMES = Object.keys(FITS) as readonly FitName[];

/** Everything that is kept of a recording to estimate the pieces: sums only, so that recordings can be added and taken out. Plain data. */
export interface Statistics {
  /** Number and sum of the lengths of each piece that is counted directly. */
  readonly pieces: Record<string, { n: number; sum: number }>;
  readonly fits: Record<FitName, NormalEquations>;
  /** Rump instructions in runs that no piece describes, and in all. */
  readonly coverage: { unexplained: number; rump: number };
}

export function emptyStatistics(): Statistics {
  const equations = (name: FitName): NormalEquations => normalEquations(FITS[name]);
  return { pieces: {}, fits: { isr: equations('isr'), softint: equations('softint'), firstTransmit: equations('firstTransmit'), iperf: equations('iperf') }, coverage: { unexplained: 0, rump: 0 } };
}

/** One piece of `length` instructions. */
export function addPiece(into: Statistics, id: string, length: number): void {
  const sum = (into.pieces[id] ??= { n: 0, sum: 0 });
  sum.n++;
  sum.sum += length;
}

export function addFitRow(into: Statistics, name: FitName, x: readonly number[], y: number): void {
  addRow(into.fits[name], x, y);
}

/** Adds the statistics of another recording; sign -1 takes them out. */
export function addStatistics(into: Statistics, from: Statistics, sign: 1 | -1 = 1): void {
  for (const [id, { n, sum }] of Object.entries(from.pieces)) {
    const total = (into.pieces[id] ??= { n: 0, sum: 0 });
    total.n += sign * n;
    total.sum += sign * sum;
  }
  for (const name of FIT_NAMES) addEquations(into.fits[name], from.fits[name], sign);
  into.coverage.unexplained += sign * from.coverage.unexplained;
  into.coverage.rump += sign * from.coverage.rump;
}
