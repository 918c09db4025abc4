import type { PacingName } from '../../load/pacing/pacing.ts';
import type { PointSet } from '../points.ts';
import { type Check, type Claim, type ClaimDefinition, type Decisive, type Inequality, MissingPoint, type PartDefinition, type PartVerdict, type Scene, type Verdict } from './claim.ts';
import { finding } from './finding.ts';
import { READINGS, type Reading, TRUE_READING } from './reading.ts';

/** What the results are meant to cover; a claim about a point of it that is missing is open. */
export interface Scope {
  /** Systems of the figure, in its order. */
  readonly systems: readonly string[];
  /** Ascending. */
  readonly loads: readonly number[];
  /** The first is that of the headline. */
  readonly pacings: readonly [PacingName, ...PacingName[]];
}

const UNDECIDED: Decisive = { value: null, interval: null, relation: null, bound: null, margin: null, loadMbps: null, what: null };

/**
 * Judges claims by the means of replications. The headline is the verdict under the first pacing and the true sums.
 * @throws RangeError when a number of a claim is not finite: that is an error of the model, not a claim that fails.
 */
export function evaluate(definitions: readonly ClaimDefinition[], points: PointSet, scope: Scope): Claim[] {
  const present = scope.systems.filter((system) => points.systems.includes(system));
  return definitions.map((definition) => {
    const parts = definition.parts(present);
    const verdicts = scope.pacings.flatMap((pacing) => READINGS.map((reading) => judge(parts, points, scope.loads, pacing, reading)));
    const headline = judge(parts, points, scope.loads, scope.pacings[0], TRUE_READING);
    const { pacing: _pacing, reading: _reading, parts: _parts, ...numbers } = headline;
    const { id, text, kind, unit, source, note = '' } = definition;
    return { id, ...numbers, text, kind, unit, source, finding: finding(headline, unit), note, verdicts };
  });
}

function judge(definitions: readonly PartDefinition[], points: PointSet, loads: readonly number[], pacing: PacingName, reading: Reading): Verdict {
  const parts = definitions.map((definition) => judgePart(definition, points, loads, pacing, reading));
  const failed = parts.filter(({ holds }) => holds === false);
  const open = parts.filter(({ holds }) => holds === null);
  const holds = failed.length > 0 ? false : open.length > 0 ? null : true;
  const judged = failed.length > 0 ? failed : parts.filter((part) => part.holds === true);
  const worst = judged.toSorted((a, b) => (a.margin ?? 0) - (b.margin ?? 0))[0];
  const { value, interval, relation, bound, margin, loadMbps, what } = worst ?? UNDECIDED;
  return { pacing, reading: reading.name, holds, needs: [...new Set(open.flatMap(({ needs }) => needs))], value, interval, relation, bound, margin, loadMbps, what, parts };
}

function judgePart(definition: PartDefinition, points: PointSet, allLoads: readonly number[], pacing: PacingName, reading: Reading): PartVerdict {
  const { text, systems } = definition;
  const missing = systems.filter((system) => !points.systems.includes(system));
  const loads = definition.at === 'highest load' ? allLoads.slice(-1) : allLoads;
  const unjudged = (needs: readonly string[]): PartVerdict => ({ text, holds: null, needs, loadsNeeded: definition.needed(loads.length), loadsHeld: 0, checks: [], ...UNDECIDED });
  if (missing.length > 0) return unjudged(missing);
  const checks: Check[] = [];
  /** The worst check of each load. */
  const perLoad: Check[] = [];
  try {
    for (const [index, loadMbps] of loads.entries()) {
      const scene: Scene = { loadMbps, lowerMbps: loads[index - 1] ?? null, reading, point: (system, load = loadMbps) => need(points, system, load, pacing) };
      const here = definition.checks(scene).map((inequality) => verdictOf(inequality, loadMbps));
      checks.push(...here);
      const worst = here.toSorted(byMargin)[0];
      if (worst !== undefined) perLoad.push(worst);
    }
  } catch (error) {
    if (error instanceof MissingPoint) return unjudged([error.message]);
    throw error;
  }
  const needed = definition.needed(perLoad.length);
  // The load that decides: the last of those needed, counted from the safest.
  const decisive = perLoad.toSorted(byMargin)[perLoad.length - needed];
  if (decisive === undefined) return unjudged(['more than one load']);
  const held = perLoad.filter(({ holds }) => holds).length;
  const { value, interval, relation, bound, margin, loadMbps, what } = decisive;
  return { text, holds: held >= needed, needs: [], loadsNeeded: needed, loadsHeld: held, checks, value, interval, relation, bound, margin, loadMbps, what };
}

/** From the worst to the safest; of two with the same margin the one that fails comes first. */
function byMargin(a: Check, b: Check): number {
  return a.margin - b.margin || Number(a.holds) - Number(b.holds);
}

function need(points: PointSet, system: string, loadMbps: number, pacing: PacingName): ReturnType<Scene['point']> {
  const point = points.at(system, loadMbps, pacing);
  if (point === null) throw new MissingPoint(`${system} at ${loadMbps} Mb/s, ${pacing}`);
  return point;
}

function verdictOf(inequality: Inequality, loadMbps: number): Check {
  const { value, relation, bound, what } = inequality;
  if (!Number.isFinite(value) || !Number.isFinite(bound)) throw new RangeError(`${what} at ${loadMbps} Mb/s: ${value} ${relation} ${bound} is not a comparison of numbers`);
  const margin = relation === '<' || relation === '<=' ? bound - value : value - bound;
  const holds = relation === '<' || relation === '>' ? margin > 0 : margin >= 0;
  return { ...inequality, loadMbps, margin, holds };
}
