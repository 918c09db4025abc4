import type { TopLevelSpec } from 'vega-lite';
import { INK } from './style.ts';

/** What one setting costs and what it delays. */
export interface TradeOff {
  /** What is varied: a point of one series. */
  readonly series: string;
  /** The setting as text: "ITR 384 us". */
  readonly label: string;
  /** CPU utilisation, per cent, and half of its 95 % interval. */
  readonly cpu: number;
  readonly half: number | null;
  /** From the last bit of a segment on the wire to the end of the read() that takes it, microseconds. */
  readonly latency: number;
  /** Nothing else found costs less of both. */
  readonly front: boolean;
}

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
const SERIES = ['#0072B2', '#D55E00', '#009E73', '#CC79A7', '#E69F00'];
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross'];

/** Marks the points that no other point beats in both CPU and latency. */
export function paretoFront<T extends { readonly cpu: number; readonly latency: number }>(points: readonly T[]): (T & { readonly front: boolean })[] {
  return points.map((point) => Object.assign({}, point, {
    front: !points.some((other) => other !== point && other.cpu <= point.cpu && other.latency <= point.latency && (other.cpu < point.cpu || other.latency < point.latency)),
  }));
}

/** CPU against delay for many settings, with the Pareto front: what is up and to the right of the line can be had for less. `now`: label of the setting in force. */
export function tradeOff(points: readonly TradeOff[], { now, width = 560 }: { readonly now?: string; readonly width?: number } = {}): TopLevelSpec {
  const series = [...new Set(points.map((point) => point.series))];
  const front = points.filter((point) => point.front).toSorted((a, b) => a.latency - b.latency);
  const labelled = points.map((point) => Object.assign({}, point, { low: point.cpu - (point.half ?? 0), high: point.cpu + (point.half ?? 0) }));
  const x = { field: 'latency', type: 'quantitative', title: 'mean delay from wire to read() (µs)', scale: { zero: true, nice: true }, axis: { grid: true } };
  const y = { field: 'cpu', type: 'quantitative', title: 'CPU utilisation (%)', scale: { zero: false, nice: true } };
  const colour = { field: 'series', type: 'nominal', title: null, scale: { domain: series, range: SERIES }, legend: { orient: 'bottom', columns: 2 } };
  return {
    $schema: SCHEMA,
    description: 'CPU utilisation in per cent against the mean delay from the wire to read() in microseconds, by interrupt settings, with the Pareto front',
    width, height: 330,
    layer: [
      { data: { values: front }, mark: { type: 'line', interpolate: 'step-after', color: INK, strokeWidth: 1, strokeDash: [5, 3] }, encoding: { x, y } },
      { data: { values: labelled }, mark: { type: 'rule', strokeWidth: 1 }, encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, color: colour } },
      {
        data: { values: labelled },
        mark: { type: 'point', filled: true, size: 60, opacity: 0.9 },
        encoding: {
          x, y, color: colour, shape: { field: 'series', type: 'nominal', title: null, scale: { domain: series, range: SHAPES }, legend: null },
          tooltip: [{ field: 'label', title: 'setting' }, { field: 'cpu', title: 'CPU (%)', format: '.3f' }, { field: 'latency', title: 'delay (µs)', format: '.1f' }],
        },
      },
      { data: { values: thinned(front) }, mark: { type: 'text', align: 'left', dx: 7, dy: -6, fontSize: 10, color: INK }, encoding: { x, y, text: { field: 'label' } } },
      ...(now === undefined ? [] : [{
        data: { values: labelled.filter(({ label }) => label === now) },
        mark: { type: 'point', size: 220, color: INK, strokeWidth: 1.5 },
        encoding: { x, y },
      }]),
    ],
  } as unknown as TopLevelSpec;
}

/** At most eight labels, evenly chosen, so that they do not lie on each other. */
function thinned<T>(points: readonly T[]): T[] {
  const step = Math.max(1, Math.ceil(points.length / 8));
  return points.filter((_, index) => index % step === 0);
}

/** Frames lost by ring size and throttle. */
export interface RingCell {
  readonly descriptors: number;
  /** Interrupts a second at most; 0: no throttle. */
  readonly rate: number;
  /** Share of the frames that found neither descriptor nor room in the packet buffer, per cent. */
  readonly lost: number;
}

/** Where the receive ring overflows: the share of frames lost, by the ring's size and the throttle. */
export function ringMap(cells: readonly RingCell[], width = 560): TopLevelSpec {
  const shown = cells.map(({ descriptors, rate, lost }) => ({ descriptors: String(descriptors), rate: rate === 0 ? 'none' : rate.toLocaleString('en'), lost, order: rate === 0 ? Infinity : rate, text: lost === 0 ? '0' : lost < 0.1 ? '<0.1' : lost.toFixed(1), dark: lost > 12 }));
  const rates = [...new Set(shown.toSorted((a, b) => a.order - b.order).map(({ rate }) => rate))];
  const x = { field: 'rate', type: 'ordinal', title: 'interrupts a second at most', sort: rates, axis: { labelAngle: width < 400 ? -45 : 0 } };
  const y = { field: 'descriptors', type: 'ordinal', title: 'receive descriptors', sort: [...new Set(cells.map(({ descriptors }) => descriptors))].toSorted((a, b) => b - a).map(String), axis: { grid: false } };
  return {
    $schema: SCHEMA,
    description: 'Share of frames lost in per cent by receive ring size and interrupt throttle',
    width, height: { step: 24 },
    data: { values: shown },
    layer: [
      { mark: { type: 'rect', stroke: 'white', strokeWidth: 1 }, encoding: { x, y, color: { field: 'lost', type: 'quantitative', title: 'frames lost (%)', scale: { type: 'sqrt', range: ['#eeeeee', '#D55E00'], interpolate: 'rgb' }, legend: { orient: 'bottom' } } } },
      { mark: { type: 'text', fontSize: 10.5, color: INK }, encoding: { x, y, text: { field: 'text' } } },
    ],
  } as unknown as TopLevelSpec;
}
