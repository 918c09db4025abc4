import type { PacingName } from '../load/pacing/pacing.ts';
import type { Claim, ClaimDefinition, ClaimUnit } from './claims/claim.ts';
import { evaluate } from './claims/evaluate.ts';
import { FIG4_CLAIMS } from './claims/fig4.ts';
import { FIG5_CLAIMS } from './claims/fig5.ts';
import { FIGURE_SYSTEMS } from './claims.ts';
import { over, type PointSet } from './points.ts';
import type { RunResult } from './simulate.ts';

/** A number whose dependence on the costs is studied. */
export interface Quantity {
  readonly id: string;
  readonly label: string;
  /** `points`, `share` and `share of kernel` are 0..1. */
  readonly unit: ClaimUnit;
  /** The claim whose margin it is; null for a share of CPU time. */
  readonly claim: string | null;
}

/** F4.3 compares spreads between runs of ten seconds; one short run has no spread. */
const OF_SPREADS: ReadonlySet<string> = new Set(['F4.3']);

/** The claims that single short runs can judge. */
export const JUDGED: readonly ClaimDefinition[] = [...FIG4_CLAIMS, ...FIG5_CLAIMS].filter(({ id }) => !OF_SPREADS.has(id));

/** Judges claims by the true sums under one load model. */
export function judgeShort(points: PointSet, loads: readonly number[], pacing: PacingName, definitions: readonly ClaimDefinition[] = JUDGED): Claim[] {
  return evaluate(definitions, points, { systems: FIGURE_SYSTEMS.filter((system) => points.systems.includes(system)), loads, pacings: [pacing] });
}

/** Shares of CPU time that the study is about, where the setting has the system. */
const SHARES: readonly (Omit<Quantity, 'unit' | 'claim'> & { system: string; read: (run: RunResult) => number })[] = [
  { id: 'u(sel4-msi)', label: 'CPU utilisation, seL4 with MSI', system: 'sel4-msi', read: (run) => run.utilisation },
  { id: 'u(sel4-pic)', label: 'CPU utilisation, seL4 with the PIC', system: 'sel4-pic', read: (run) => run.utilisation },
  { id: 'k(sel4-pic)', label: 'in-kernel share of the CPU, seL4 with the PIC', system: 'sel4-pic', read: (run) => run.kernelShare },
];

/** A quantity under one set of costs; null where runs are missing or, for a claim, where it cannot be judged. */
export interface Value {
  readonly quantity: Quantity;
  readonly value: number | null;
  readonly holds: boolean | null;
}

/** All quantities of a set of points: shares at one load, margins of the claims over all loads. */
export function quantitiesOf(points: PointSet, loadMbps: number, loads: readonly number[], pacing: PacingName): Value[] {
  const shares = SHARES.map(({ id, label, system, read }): Value => {
    const point = points.at(system, loadMbps, pacing);
    return { quantity: { id, label, unit: 'share', claim: null }, value: point === null ? null : over(point, read).mean, holds: null };
  });
  const margins = judgeShort(points, loads, pacing).map(({ id, text, unit, margin, holds }): Value => ({ quantity: { id, label: text, unit, claim: id }, value: holds === null ? null : margin, holds }));
  return [...shares, ...margins];
}
