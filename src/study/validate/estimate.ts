import { DEFAULT_PIECES } from '../icount-pieces.ts';
import { DERIVED } from './collect.ts';
import { addEquations, type Fit, normalEquations, solve } from './least-squares.ts';
import { addStatistics, emptyStatistics, FITS, FIT_NAMES, type FitName, type Statistics } from './statistics.ts';

/** A recording's statistics and what it is known by. */
export interface Counted {
  readonly hash: string;
  readonly name: string;
  readonly statistics: Statistics;
}

/** Where the number of a piece comes from. */
export interface PieceEstimate {
  readonly id: string;
  readonly value: number;
  /** Runs or entries behind it in the recordings given; 0 where there were none. */
  readonly n: number;
  /** given: the other recordings given; bundled: recordings that come with the program; published: none has it. */
  readonly from: 'given' | 'bundled' | 'published';
}

/** Fewer occurrences than this in the recordings given, and the bundled ones are taken for a piece. */
const ENOUGH = 10;
/** Weight of the bundled recordings in a fit: as many rows, or this part of the rows given; terms that those do not tell apart are then still determined. */
const PRIOR_ROWS = 200;
const PRIOR_PART = 0.01;

/** Pieces that are the value of a term of a fit. */
const TERMS: Readonly<Record<string, readonly [FitName, string]>> = {
  'wm.rx.frame.recorded2desc': ['isr', 'frames'],
  'wm.tx.completion': ['isr', 'completions'],
  'softint.runFixed': ['softint', 'run'],
  'softint.ackSend': ['softint', 'acks'],
  'softint.etherPerFrame': ['firstTransmit', 'frames'],
  'iperf.runFixed': ['iperf', 'run'],
  'iperf.iteration': ['iperf', 'iterations'],
  'iperf.read.perMbuf': ['iperf', 'borders'],
  'iperf.windowUpdateSend': ['iperf', 'updates'],
};

/**
 * Estimates every piece from the other recordings: those given but for `leftOut`, and where these do not determine a piece, the bundled ones but for the same (known by its content, whatever its name).
 */
export function estimatePieces(given: readonly Counted[], bundled: readonly Counted[], leftOut: string): PieceEstimate[] {
  const own = sum(given, leftOut);
  const prior = sum(bundled, leftOut);
  const fits = new Map<FitName, Fit>(FIT_NAMES.map((name) => [name, fit(own, prior, name)]));
  return DEFAULT_PIECES.map((piece) => {
    const term = TERMS[piece.id];
    const derived = term === undefined ? fromOthers(piece.id, own, prior, fits) : fromFit(term, own, fits);
    return derived === null ? { id: piece.id, value: piece.value, n: 0, from: 'published' } : Object.assign({ id: piece.id }, derived);
  });
}

type Value = Omit<PieceEstimate, 'id'> | null;

function sum(recordings: readonly Counted[], leftOut: string): Statistics {
  const total = emptyStatistics();
  const seen = new Set([leftOut]);
  for (const { hash, statistics } of recordings) {
    if (!seen.has(hash)) addStatistics(total, statistics);
    seen.add(hash);
  }
  return total;
}

function fit(own: Statistics, prior: Statistics, name: FitName): Fit {
  const both = normalEquations(FITS[name]);
  addEquations(both, own.fits[name]);
  const rows = prior.fits[name].n;
  const weight = rows === 0 ? 0 : Math.min(1, Math.max(PRIOR_ROWS, PRIOR_PART * own.fits[name].n) / rows);
  const { xx, xy, yy, terms } = prior.fits[name];
  addEquations(both, { terms, n: rows * weight, xx: xx.map((value) => value * weight), xy: xy.map((value) => value * weight), yy: yy * weight });
  return solve(both);
}

function fromFit([name, term]: readonly [FitName, string], own: Statistics, fits: ReadonlyMap<FitName, Fit>): Value {
  const value = fits.get(name)?.values.get(term);
  const { n } = own.fits[name];
  return value === undefined ? null : { value, n, from: n >= ENOUGH ? 'given' : 'bundled' };
}

function fromOthers(id: string, own: Statistics, prior: Statistics, fits: ReadonlyMap<FitName, Fit>): Value {
  const mean = (key: string): Value => meanOf(own, prior, key);
  const less = (first: Value, second: Value): Value => (first === null || second === null ? null : { ...first, value: first.value - second.value });
  switch (id) {
    case 'idle.exitSame': return less(mean(DERIVED.sameThreadToFirstIcr), mean('isr.toFirstIcr'));
    case 'clock.expired': return less(mean(DERIVED.exitExpired), mean('idle.exitSwitch'));
    case 'softint.ipTcpPerFrame': return less(fromFit(['softint', 'frames'], own, fits), fromFit(['firstTransmit', 'frames'], own, fits));
    case 'isr.emptyLoopToSecondIcr': return perPass(own, prior, fits);
    default: return mean(id);
  }
}

/** A pass over the rings that finds nothing, over all passes: the first of a run and the further ones. */
function perPass(own: Statistics, prior: Statistics, fits: ReadonlyMap<FitName, Fit>): Value {
  const first = fromFit(['isr', 'run'], own, fits);
  const further = fromFit(['isr', 'extra'], own, fits);
  if (first === null || further === null) return first;
  const { xx, n } = own.fits.isr.n >= ENOUGH ? own.fits.isr : prior.fits.isr;
  const extra = xx[1] ?? 0; // run times extra: the sum of the further passes
  return { ...first, value: (n * first.value + extra * further.value) / (n + extra) };
}

function meanOf(own: Statistics, prior: Statistics, key: string): Value {
  const mine = own.pieces[key];
  const theirs = prior.pieces[key];
  if (mine !== undefined && (mine.n >= ENOUGH || (mine.n > 0 && (theirs?.n ?? 0) === 0))) return { value: mine.sum / mine.n, n: mine.n, from: 'given' };
  return theirs === undefined || theirs.n === 0 ? null : { value: theirs.sum / theirs.n, n: mine?.n ?? 0, from: 'bundled' };
}
