import type { TopLevelSpec } from 'vega-lite';
import type { PacingName } from '../load/pacing/pacing.ts';
import type { BandStudy } from '../study/bands.ts';
import { over, type PointSet } from '../study/points.ts';
import { roundAxis } from './axis.ts';
import { INK, systemStyle } from './style.ts';

const WIDTH = 180;
const HEIGHT = 150;
const COLUMNS = 3;

/** In lines no longer than the panels are wide together: a longer one would widen the picture. */
function subtitle(draws: number): string[] {
  return [
    `Shaded: middle 95 % of ${draws} draws of all costs from their ranges.`,
    'Dashed: median of the draws. Solid: all costs at their values,',
    'mean and standard deviation of the replications. Grey: other systems.',
  ];
}

/**
 * Fig 4 with what is not known about the costs: for each system the mean over the replications, as a light band the middle 95 % over the draws, and the other systems' lines in grey. Error bars are one
 * standard deviation of the replications, which is mostly less than the line is thick.
 */
export function fig4Bands({ bands, points: drawn }: BandStudy, points: PointSet, pacing: PacingName): TopLevelSpec {
  const systems = points.systems.filter((system) => bands.some((band) => band.system === system));
  const means = points.points.filter((point) => point.pacing === pacing && systems.includes(point.system)).map((point) => {
    const { mean, sd } = over(point, (run) => run.utilisation);
    return { system: point.system, load: point.loadMbps, mean: mean * 100, low: (mean - (sd ?? 0)) * 100, high: (mean + (sd ?? 0)) * 100 };
  });
  const shaded = bands.map(({ system, loadMbps, low, high, median }) => ({ system, load: loadMbps, low: low * 100, high: high * 100, median: median * 100 }));
  const axis = roundAxis(Math.max(...shaded.map(({ high }) => high), ...means.map(({ high }) => high)));
  const loads = [...new Set(bands.map(({ loadMbps }) => loadMbps))];
  const panels = systems.map((system, index) => {
    const { label, colour } = systemStyle(system, index);
    const x = { field: 'load', type: 'quantitative', title: index >= systems.length - COLUMNS ? 'offered load (Mb/s)' : null, scale: { domain: [0, Math.max(...loads) * 1.05], nice: false }, axis: { values: loads } };
    const y = { field: 'mean', type: 'quantitative', title: index % COLUMNS === 0 ? 'CPU busy (%)' : null, scale: { domain: [0, axis.end], nice: false }, axis: { values: axis.ticks } };
    const own = means.filter((row) => row.system === system);
    const band = shaded.filter((row) => row.system === system);
    return {
      width: WIDTH, height: HEIGHT,
      layer: [
        { data: { values: band }, mark: { type: 'area', color: colour, opacity: 0.2 }, encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } } },
        { data: { values: means.filter((row) => row.system !== system) }, mark: { type: 'line', strokeWidth: 0.8, color: '#9a9a9a' }, encoding: { x, y, detail: { field: 'system' } } },
        { data: { values: band }, mark: { type: 'line', strokeWidth: 1, strokeDash: [3, 3], color: colour }, encoding: { x, y: { ...y, field: 'median' } } },
        { data: { values: own }, mark: { type: 'line', strokeWidth: 1.6, color: colour }, encoding: { x, y } },
        { data: { values: own }, mark: { type: 'rule', strokeWidth: 1.2, color: colour }, encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' } } },
        { data: { values: [{}] }, mark: { type: 'text', text: label, align: 'left', baseline: 'top', fontSize: 12, fontWeight: 'bold', color: INK }, encoding: { x: { value: 8 }, y: { value: 4 } } },
        { data: { values: own }, mark: { type: 'point', filled: true, size: 22, opacity: 1, color: colour }, encoding: { x, y } },
      ],
    };
  });
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: 'CPU utilisation in per cent against offered TCP load in megabits per second, with the middle 95 per cent over draws of all costs from their published ranges',
    title: { text: 'What the uncertainty of the costs does to Fig 4', subtitle: subtitle(drawn.length) },
    columns: COLUMNS,
    concat: panels,
    spacing: { row: 44, column: 42 },
    bounds: 'flush',
  } as unknown as TopLevelSpec;
}
