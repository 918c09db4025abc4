import type { TopLevelSpec } from 'vega-lite';
import { DEFAULT_PACING } from '../study/grid.ts';
import type { PointSet } from '../study/points.ts';
import type { ReferencePoint } from '../study/reference.ts';
import { fig4 } from './fig4.ts';
import { fig5, fig5Loads, hasKernel } from './fig5.ts';

/** The figures that a set of points can fill, by file name. */
export function figures(points: PointSet, reference: readonly ReferencePoint[]): Map<string, TopLevelSpec> {
  const specs = new Map<string, TopLevelSpec>();
  if (points.pacings.includes(DEFAULT_PACING)) specs.set('fig4', fig4(points, DEFAULT_PACING, reference));
  const highest = Math.max(...points.loads);
  if (points.points.some((point) => hasKernel(point) && point.loadMbps === highest)) specs.set('fig5', fig5(points, highest));
  if (points.points.some(hasKernel)) specs.set('fig5-loads', fig5Loads(points));
  return specs;
}
