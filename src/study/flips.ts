import type { Cost } from '../hw/cost.ts';
import type { Claim, ClaimDefinition } from './claims/claim.ts';
import { feasible } from './cost-values.ts';
import { FIGURE_LOADS } from './grid.ts';
import { JUDGED, judgeShort } from './quantities.ts';
import type { Swing } from './sensitivity.ts';
import type { SweepOptions } from './sweep.ts';
import type { Variants } from './variants.ts';

/** The value of one cost at which a claim's verdict turns, all other costs at their values. */
export interface Flip {
  readonly claim: string;
  /** The verdict at the published value, which the other side has not. */
  readonly holds: boolean;
  readonly cost: Cost;
  /** Which end of the range lies that way. */
  readonly end: 'low' | 'high';
  readonly value: number;
  /** Half of the interval that the value is known to lie in; null for an extrapolation. */
  readonly tolerance: number | null;
  /** Whether it lies inside the published range. */
  readonly inside: boolean;
}

/** Times that an interval around a flip is narrowed. */
const ROUNDS = 3;
/** An interval this small a part of the way from value to end is narrow enough. */
const NARROW = 0.01;
/** How many costs are named for a claim that none turns inside its range, and how far beyond the end, in units of the way from value to end, the line is followed. */
const NEAREST = 3;
const FARTHEST = 4;

/** An interval with the verdict of the base at `near` and the other at `far`. Margins are positive where the claim holds. */
interface Bracket {
  readonly swing: Swing;
  readonly end: 'low' | 'high';
  readonly holds: boolean;
  near: number;
  nearMargin: number;
  far: number;
  farMargin: number;
  /** How often in a row the same side has moved. */
  stale: number;
}

/**
 * Finds where verdicts turn. Inside a range the interval between value and end is narrowed by simulation (false position, bisection when that stalls); beyond it the line from value to
 * end is prolonged, and the nearest costs of each claim are kept.
 * @param noise standard deviation of a claim's margin between runs; a swing within two of it turns nothing
 */
export async function findFlips(variants: Variants, swings: readonly Swing[], noise: (quantity: string) => number, options: SweepOptions): Promise<{ flips: Flip[]; complete: boolean }> {
  const margins = swings.filter(({ quantity, swing }) => quantity.claim !== null && swing > 2 * noise(quantity.id));
  const brackets = margins.flatMap((swing) => (['low', 'high'] as const).flatMap((end) => bracketOf(swing, end)));
  let complete = true;
  for (let round = 0; round < ROUNDS && complete; round++) {
    const open = brackets.filter((bracket) => Math.abs(bracket.far - bracket.near) > NARROW * wayOf(bracket));
    const tries = open.map((bracket) => ({ bracket, value: between(bracket) })).filter(({ bracket, value }) => value !== bracket.near && value !== bracket.far);
    if (tries.length === 0) break;
    // A claim needs few of the systems, so each has a sweep's worth of its own systems.
    for (const definition of JUDGED) {
      const own = tries.filter(({ bracket }) => bracket.swing.quantity.claim === definition.id);
      if (own.length === 0) continue;
      const results = await variants.simulate(own.map(({ bracket, value }) => ({ [bracket.swing.cost.id]: value })), options, { systems: systemsOf(definition, variants), loads: FIGURE_LOADS });
      complete &&= results.complete;
      own.forEach(({ bracket, value }, index) => {
        const [claim] = judgeShort(results.points[index] ?? variants.base, FIGURE_LOADS, variants.setting.pacing, [definition]);
        if (claim !== undefined) narrow(bracket, value, claim);
      });
    }
  }
  const found = brackets.map((bracket): Flip => ({
    claim: bracket.swing.quantity.id, holds: bracket.holds, cost: bracket.swing.cost, end: bracket.end,
    value: (bracket.near + bracket.far) / 2, tolerance: Math.abs(bracket.far - bracket.near) / 2, inside: true,
  }));
  return { flips: [...found, ...beyond(margins, found)].toSorted((a, b) => order(a.claim) - order(b.claim) || Number(b.inside) - Number(a.inside)), complete };
}

function bracketOf(swing: Swing, end: 'low' | 'high'): Bracket[] {
  const margin = end === 'low' ? swing.atLow : swing.atHigh;
  const holds = end === 'low' ? swing.holdsAtLow : swing.holdsAtHigh;
  const before = swing.holds;
  if (margin === null || holds === null || before === null || holds === before) return [];
  return [{ swing, end, holds: before, near: swing.cost.value, nearMargin: swing.base, far: swing.cost[end], farMargin: margin, stale: 0 }];
}

function wayOf({ swing: { cost }, end }: Pick<Bracket, 'swing' | 'end'>): number {
  return Math.abs(cost[end] - cost.value);
}

/**
 * The next value to try: where the line between the margins is zero, and a little further from the side that is nearer to it, so that the interval shrinks from both sides. The
 * middle where the line has misled twice.
 */
function between(bracket: Bracket): number {
  const { swing, near, far, nearMargin, farMargin, stale } = bracket;
  const slope = nearMargin - farMargin;
  const zero = slope === 0 ? 0.5 : nearMargin / slope;
  const step = (0.4 * NARROW * wayOf(bracket)) / Math.abs(far - near);
  const part = stale >= 2 ? 0.5 : Math.min(0.98, Math.max(0.02, zero + (zero < 0.5 ? step : -step)));
  return feasible(swing.cost, near + (far - near) * part);
}

function narrow(bracket: Bracket, value: number, { holds, margin }: Claim): void {
  if (holds === null || margin === null) return;
  const side = holds === bracket.holds ? 'near' : 'far';
  bracket.stale = Math.abs(value - bracket[side]) < Math.abs(bracket.far - bracket.near) / 4 ? bracket.stale + 1 : 0;
  bracket[side] = value;
  if (side === 'near') bracket.nearMargin = margin;
  else bracket.farMargin = margin;
}

/** For each claim that no cost turns: the costs whose line reaches zero soonest beyond their range. */
function beyond(margins: readonly Swing[], found: readonly Flip[]): Flip[] {
  return [...new Set(margins.map(({ quantity }) => quantity.id))].filter((id) => !found.some(({ claim }) => claim === id)).flatMap((id) => {
    const candidates = margins.filter(({ quantity }) => quantity.id === id).flatMap((swing) => (['low', 'high'] as const).flatMap((end) => {
      const margin = end === 'low' ? swing.atLow : swing.atHigh;
      const { cost, base, holds } = swing;
      if (margin === null || holds === null) return [];
      const ways = base / (base - margin);
      const value = feasible(cost, cost.value + (cost[end] - cost.value) * ways);
      if (!(ways > 1 && ways <= FARTHEST && value >= 0)) return [];
      return [{ ways, flip: { claim: id, holds, cost, end, value, tolerance: null, inside: false } satisfies Flip }];
    }));
    return candidates.toSorted((a, b) => a.ways - b.ways).slice(0, NEAREST).map(({ flip }) => flip);
  });
}

/** Names of the systems that a claim is about, of those that are simulated. */
function systemsOf(definition: ClaimDefinition, { setting }: Variants): string[] {
  const present = setting.systems.map(({ name }) => name);
  const needed = new Set(definition.parts(present).flatMap(({ systems }) => systems));
  return present.filter((name) => needed.has(name));
}

function order(claim: string): number {
  return JUDGED.findIndex(({ id }) => id === claim);
}
