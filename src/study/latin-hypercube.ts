import { Streams } from '../events/random.ts';
import type { Cost } from '../hw/cost.ts';
import { type CostValues, feasible } from './cost-values.ts';

/** Costs whose uncertainty is one and the same: reads and writes of one device on one slow bus. They share a quantile in every draw. */
const COUPLED: Readonly<Record<string, string>> = { 'pic.in': 'pic.out', 'pit.in': 'pit.out' };

/**
 * A point of the unit cube for each draw: `count` points, of which each coordinate has exactly one in each of `count` equal parts of 0..1 (McKay, Beckman and Conover 1979), at a uniform
 * place in it. A coordinate depends on its name, seed and count alone, so another coordinate changes none.
 */
export function latinHypercube(names: readonly string[], count: number, seed: number): ReadonlyMap<string, readonly number[]> {
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`${count} draws: give a whole number from 1 on`);
  const streams = new Streams(seed, 0);
  return new Map(names.map((name) => {
    const stream = streams.stream(`study/latin-hypercube/${name}`);
    const strata = Array.from({ length: count }, (_, index) => index);
    // Fisher and Yates.
    for (let last = count - 1; last > 0; last--) {
      const other = stream.integer(0, last);
      [strata[last], strata[other]] = [strata[other] ?? 0, strata[last] ?? 0];
    }
    return [name, strata.map((stratum) => (stratum + stream.uniform()) / count)];
  }));
}

/**
 * The value of a cost at a quantile: uniform between low and value with one half of the probability, and uniform between value and high with the other. The value in the table
 * is then the median, as it is meant, however lopsided the range; and nothing but the three published numbers goes in. A triangle would put its mode there, but
 * its median elsewhere, and would take ends that are readings of other machines for nearly impossible. Where an end is the value, half of the draws are the value.
 * @param quantile 0..1
 */
export function valueAt(cost: Cost, quantile: number): number {
  const { low, value, high } = cost;
  return feasible(cost, quantile < 0.5 ? low + (value - low) * 2 * quantile : value + (high - value) * (2 * quantile - 1));
}

/** Draws of all costs that have a range. Code that several systems share is one row, so it moves together in all of them. */
export function drawCosts(costs: readonly Cost[], count: number, seed: number): CostValues[] {
  const varied = costs.filter(({ low, high }) => low < high);
  const axes = latinHypercube([...new Set(varied.map(({ id }) => COUPLED[id] ?? id))], count, seed);
  return Array.from({ length: count }, (_, index) => Object.fromEntries(varied.map((cost) => [cost.id, valueAt(cost, axes.get(COUPLED[cost.id] ?? cost.id)?.[index] ?? 0.5)])));
}
