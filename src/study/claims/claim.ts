import type { PacingName } from '../../load/pacing/pacing.ts';
import type { Point } from '../points.ts';
import type { Summary } from '../statistics.ts';
import type { Reading } from './reading.ts';

/**
 * How much a claim that holds is worth.
 * - `structural`: it follows from how the systems are put together.
 * - `consistent`: a cost was chosen with this claim in view.
 * - `predicted`: no number was chosen for it.
 */
export type ClaimKind = 'structural' | 'consistent' | 'predicted';

export type Relation = '<' | '<=' | '>' | '>=';

/**
 * Of a claim's numbers: `share` of all CPU time, `share of kernel` time, `points` (a difference of two shares of CPU time), `ratio`,
 * `Mb/s`, `entries`. Shares and points are kept as 0..1 and printed in per cent.
 */
export type ClaimUnit = 'share' | 'share of kernel' | 'points' | 'ratio' | 'Mb/s' | 'entries';

/** One inequality: a number of the replications against its bound. */
export interface Inequality {
  readonly what: string;
  readonly value: number;
  /** 95 % Student-t interval of the value, where it is a mean of two replications or more. */
  readonly interval: readonly [number, number] | null;
  readonly relation: Relation;
  readonly bound: number;
}

/** An inequality with its verdict. The margin is positive on the side that holds, in the claim's unit. */
export interface Check extends Inequality {
  readonly loadMbps: number;
  readonly margin: number;
  readonly holds: boolean;
}

/** What a part of a claim looks at, at one load. */
export interface Scene {
  readonly loadMbps: number;
  /** The next lower load of the grid; null at the lowest. */
  readonly lowerMbps: number | null;
  readonly reading: Reading;
  /** The replications of a system at this load, or at another one. @throws MissingPoint when they are not there. */
  point(system: string, loadMbps?: number): Point;
}

/** Thrown by a scene: the part of the claim cannot be judged yet. */
export class MissingPoint extends Error {
  override readonly name = 'MissingPoint';
}

/** One statement of a claim; a claim holds when all its parts do. */
export interface PartDefinition {
  readonly text: string;
  /** Systems that the statement is about. */
  readonly systems: readonly string[];
  /** Whether it is about each load or about the highest of the grid. */
  readonly at: 'each load' | 'highest load';
  /** At how many of the loads it has to hold. */
  readonly needed: (loads: number) => number;
  /** The inequalities at one load, all of which have to hold there; none where there is nothing to say. */
  readonly checks: (scene: Scene) => readonly Inequality[];
}

export interface ClaimDefinition {
  readonly id: string;
  /** Where the paper says it. */
  readonly source: string;
  readonly kind: ClaimKind;
  readonly unit: ClaimUnit;
  readonly text: string;
  /** Why the model may say no, where that can be said without numbers. */
  readonly note?: string;
  /** `present`: the systems of the figure for which there are results, in the figure's order. */
  readonly parts: (present: readonly string[]) => readonly PartDefinition[];
}

/** The number that decides a verdict: the one nearest to turning it, or furthest into failing. */
export interface Decisive {
  readonly value: number | null;
  readonly interval: readonly [number, number] | null;
  readonly relation: Relation | null;
  readonly bound: number | null;
  readonly margin: number | null;
  readonly loadMbps: number | null;
  readonly what: string | null;
}

export interface PartVerdict extends Decisive {
  readonly text: string;
  /** null: cannot be judged, see `needs`. */
  readonly holds: boolean | null;
  /** Systems, or points of them, that are missing. */
  readonly needs: readonly string[];
  readonly loadsNeeded: number;
  readonly loadsHeld: number;
  readonly checks: readonly Check[];
}

/** A claim judged under one pacing model and one way of reading the results. */
export interface Verdict extends Decisive {
  readonly pacing: PacingName;
  readonly reading: Reading['name'];
  readonly holds: boolean | null;
  readonly needs: readonly string[];
  readonly parts: readonly PartVerdict[];
}

/** A claim with its verdict under the default pacing and the true sums, and beside it the verdicts under the other pacings and as the paper's instruments read. */
export interface Claim extends Omit<Verdict, 'pacing' | 'reading' | 'parts'> {
  readonly id: string;
  readonly text: string;
  readonly kind: ClaimKind;
  readonly unit: ClaimUnit;
  readonly source: string;
  /** The verdict in one sentence with its numbers. */
  readonly finding: string;
  readonly note: string;
  readonly verdicts: readonly Verdict[];
}

/** An inequality over the mean of replications, with its interval. */
export function compare(what: string, summary: Summary, relation: Relation, bound: number): Inequality {
  const interval = summary.half === null ? null : [summary.mean - summary.half, summary.mean + summary.half] as const;
  return { what, value: summary.mean, interval, relation, bound };
}

/** At every load. */
export function every(loads: number): number {
  return loads;
}

/** At one load or more. */
export function some(): number {
  return 1;
}
