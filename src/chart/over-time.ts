import type { TopLevelSpec } from 'vega-lite';
import { INK } from './style.ts';

/** Colours of Okabe and Ito's palette, in the order in which series get them. */
const COLOURS = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00', '#56B4E9'];
const HEIGHT = 130;

/** A quantity over time: a value for each interval. */
export interface TimeSeries {
  readonly name: string;
  readonly values: readonly number[];
}

export interface TimePanel {
  /** The quantity with its unit: "CPU utilisation (%)". */
  readonly title: string;
  readonly series: readonly TimeSeries[];
  /** Top of the axis where it is fixed. */
  readonly top?: number;
}

export interface TimeOptions {
  readonly description: string;
  /** Length of an interval, seconds; the first begins at 0. */
  readonly interval: number;
  /** Cut from the results: drawn grey. Seconds. */
  readonly ignored?: number;
  /** Pixels. */
  readonly width: number;
}

/** Quantities over time, a panel each, one below the other on one time axis. */
export function overTime(panels: readonly TimePanel[], { description, interval, ignored = 0, width }: TimeOptions): TopLevelSpec {
  const end = interval * Math.max(1, ...panels.flatMap(({ series }) => series.map(({ values }) => values.length)));
  const [scale, unit] = end < 0.01 ? [1e6, 'µs'] : end < 2 ? [1e3, 'ms'] : [1, 's'];
  const drawn = panels.filter(({ series }) => series.length > 0);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description,
    spacing: 30,
    bounds: 'flush',
    resolve: { legend: { color: 'independent' }, scale: { color: 'independent' } },
    vconcat: drawn.map(({ title, series, top }, index) => {
      // A step holds until the next begins; the last is closed at the end.
      const values = series.flatMap(({ name, values: all }) => [...all, all.at(-1) ?? 0].map((value, at) => ({ name, value, at: at * interval * scale })));
      const x = { field: 'at', type: 'quantitative', title: index === drawn.length - 1 ? `time (${unit})` : null, scale: { domain: [0, end * scale], nice: false }, axis: { tickCount: Math.max(4, Math.round(width / 90)) } };
      const y = { field: 'value', type: 'quantitative', title, scale: top === undefined ? { zero: true, nice: true } : { domain: [0, top] }, axis: { tickCount: 5 } };
      const names = series.map(({ name }) => name);
      const color = names.length < 2
        ? { value: COLOURS[index % COLOURS.length] }
        : { field: 'name', type: 'nominal', title: null, scale: { domain: names, range: COLOURS.slice(0, names.length) }, legend: width < 400 ? { orient: 'bottom', columns: 2, labelLimit: 130 } : { orient: 'right', labelLimit: 130 } };
      return {
        width, height: HEIGHT,
        layer: [
          ...(ignored > 0 ? [{ data: { values: [{ at: 0, until: ignored * scale }] }, mark: { type: 'rect', color: '#dddddd', opacity: 0.5 }, encoding: { x, x2: { field: 'until' } } }] : []),
          { data: { values }, mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.3 }, encoding: { x, y, color, tooltip: [{ field: 'name', title: 'what' }, { field: 'value', title, format: '.4~g' }, { field: 'at', title: `from (${unit})`, format: '.6~g' }] } },
          ...(ignored > 0 && index === 0 ? [{ data: { values: [{}] }, mark: { type: 'text', text: 'ignored', align: 'left', baseline: 'top', dx: 4, dy: 3, fontSize: 10.5, color: INK }, encoding: { x: { value: 0 }, y: { value: 0 } } }] : []),
        ],
      };
    }),
  } as unknown as TopLevelSpec;
}
