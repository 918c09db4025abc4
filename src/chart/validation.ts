import type { TopLevelSpec } from 'vega-lite';
import { INK } from './style.ts';

/** A quantity of a recording that was predicted. */
export interface RatioRow {
  /** What the chart has a row for: a quantity, or a recording. */
  readonly row: string;
  /** The other of the two. */
  readonly of: string;
  /** Predicted over recorded. */
  readonly ratio: number;
  /** Largest relative difference that is aimed at. */
  readonly aim: number;
  readonly verdict: Verdict;
  readonly predicted: number;
  readonly recorded: number;
}

export const VERDICTS = ['within the aim', 'too few to tell', 'outside'] as const;
export type Verdict = (typeof VERDICTS)[number];

const COLOURS = ['#0072B2', '#999999', '#D55E00'];
const SHAPES = ['circle', 'diamond', 'triangle-up'];
const STEP = 17;
/** Ratios beyond are drawn at the edge. */
const LEAST = 0.5;
const MOST = 2;

/** Predicted over recorded as a dot plot: a row for each quantity or recording, the aim as a band around one, ratios on a logarithmic axis. Those beyond it stand at its edge. */
export function ratioPlot(rows: readonly RatioRow[], width: number): TopLevelSpec {
  const names = [...new Set(rows.map(({ row }) => row))];
  const bands = names.map((row) => {
    const aim = Math.max(...rows.filter((other) => other.row === row).map((other) => other.aim));
    return { row, low: 1 / (1 + aim), high: 1 + aim };
  });
  const values = rows.map((row) => Object.assign({}, row, {
    at: Math.min(MOST, Math.max(LEAST, row.ratio)), text: row.ratio.toFixed(3), was: `${format(row.predicted)} predicted, ${format(row.recorded)} recorded`,
    beyond: row.ratio > MOST ? '›' : row.ratio < LEAST ? '‹' : '',
  }));
  const x = { field: 'at', type: 'quantitative', title: 'predicted / recorded', scale: { type: 'log', domain: [LEAST * 0.97, MOST * 1.03], nice: false }, axis: { values: [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2], format: '~g', grid: true, labelOverlap: true } };
  const y = { field: 'row', type: 'nominal', title: null, sort: names, scale: { domain: names }, axis: { grid: false, ticks: false, domain: false, labelLimit: Math.max(150, width * 0.6) } };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: 'Predicted over recorded, with the aim as a band around one',
    width,
    height: Math.max(1, names.length) * STEP,
    layer: [
      { data: { values: bands }, mark: { type: 'rect', color: '#009E73', opacity: 0.22, height: { band: 1 } }, encoding: { x: { ...x, field: 'low' }, x2: { field: 'high' }, y } },
      { data: { values: [{ at: 1 }] }, mark: { type: 'rule', color: INK, strokeWidth: 0.8 }, encoding: { x } },
      {
        data: { values },
        mark: { type: 'point', filled: true, size: 42, opacity: 0.75 },
        encoding: {
          x, y,
          color: { field: 'verdict', type: 'nominal', title: null, scale: { domain: [...VERDICTS], range: COLOURS }, legend: { orient: 'top', symbolSize: 60 } },
          shape: { field: 'verdict', type: 'nominal', title: null, scale: { domain: [...VERDICTS], range: SHAPES }, legend: { orient: 'top' } },
          tooltip: [{ field: 'row', title: 'row' }, { field: 'of', title: 'of' }, { field: 'text', title: 'ratio' }, { field: 'was', title: 'numbers' }],
        },
      },
      { data: { values }, transform: [{ filter: 'datum.beyond != ""' }], mark: { type: 'text', fontSize: 12, fontWeight: 'bold', color: INK, dy: -1, dx: { expr: 'datum.beyond == "›" ? 8 : -8' } }, encoding: { x, y, text: { field: 'beyond' } } },
    ],
  } as unknown as TopLevelSpec;
}

function format(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : value.toPrecision(5);
}
