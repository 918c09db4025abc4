import { DEFAULT_PACING, type Grid } from './grid.ts';
import type { Claim } from './claims/claim.ts';
import { evaluate } from './claims/evaluate.ts';
import { FIG4_CLAIMS } from './claims/fig4.ts';
import { FIG5_CLAIMS } from './claims/fig5.ts';
import type { PointSet } from './points.ts';

/** Fig 4's six systems, in the order of its legend; a claim that needs one without results is open. */
export const FIGURE_SYSTEMS = ['sel4-pic', 'sel4-ioapic', 'sel4-msi', 'bmk', 'netbsd', 'linux'] as const;

/** The paper's sentences on figures 4 and 5, judged by the results of a grid. A claim that does not hold is a result, not an error. */
export function judgeClaims(points: PointSet, { loads, pacings }: Pick<Grid, 'loads' | 'pacings'>): Claim[] {
  const others = pacings.filter((pacing) => pacing !== DEFAULT_PACING);
  return evaluate([...FIG4_CLAIMS, ...FIG5_CLAIMS], points, { systems: FIGURE_SYSTEMS, loads: loads.toSorted((a, b) => a - b), pacings: [DEFAULT_PACING, ...others] });
}
