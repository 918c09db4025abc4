import type { TopLevelSpec } from 'vega-lite';
import type { PacingName } from '../load/pacing/pacing.ts';
import { over, type Point, type PointSet } from '../study/points.ts';
import { TRUE_READING } from '../study/claims/reading.ts';
import { type RoundAxis, roundAxis } from './axis.ts';
import { INK, OPERATION_STYLES, PACING_LABELS } from './style.ts';

/** The paper's bound for IOAPIC and MSI, per cent of the CPU. */
const BOUND = 0.3;

/** Interrupt modes of Fig 5 by system. */
const MODES: Readonly<Record<string, string>> = { 'sel4-pic': 'PIC', 'sel4-ioapic': 'IOAPIC', 'sel4-msi': 'MSI' };
/** The mode whose bars dwarf the others', which therefore get a panel with a scale of their own. */
const TALL = 'sel4-pic';

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';

interface Segment {
  readonly mode: string;
  readonly pacing: string;
  readonly load: number;
  readonly operation: string;
  /** Place in the stack, from the bottom. */
  readonly order: number;
  /** Per cent of the CPU. */
  readonly share: number;
}

/** Whether a point is one of Fig 5's: an interrupt mode of the seL4 systems, with kernel time to show. */
export function hasKernel({ system, runs }: Point): boolean {
  return system in MODES && runs.some(({ kernelShare }) => kernelShare > 0);
}

function modesOf({ systems, points }: PointSet): string[] {
  return systems.filter((system) => points.some((point) => point.system === system && hasKernel(point)));
}

/** The parts of each bar: per cent of the CPU in each kind of kernel operation, inside the paper's hooks, mean over the replications. */
function segments(points: PointSet, systems: readonly string[], loads: readonly number[]): Segment[] {
  const rows: Segment[] = [];
  for (const point of points.points) {
    if (!hasKernel(point) || !systems.includes(point.system) || !loads.includes(point.loadMbps)) continue;
    for (const [order, { label, operations }] of OPERATION_STYLES.entries()) {
      const { mean } = over(point, (run) => operations.reduce((sum, operation) => sum + TRUE_READING.operation(run, operation), 0));
      rows.push({ mode: MODES[point.system] ?? point.system, pacing: pacingLabel(point.pacing), load: point.loadMbps, operation: label, order, share: mean * 100 });
    }
  }
  return rows;
}

function pacingLabel(pacing: PacingName): string {
  return PACING_LABELS[pacing] ?? pacing;
}

const colour = {
  field: 'operation', type: 'nominal', title: null,
  scale: { domain: OPERATION_STYLES.map(({ label }) => label), range: OPERATION_STYLES.map(({ colour }) => colour) },
  legend: { orient: 'bottom', columnPadding: 12, symbolType: 'square', symbolSize: 110 },
};

/** Height of a total's text as a part of its axis: a total just below the bound is written above it. */
const TEXT_HEIGHT = 0.11;

interface Panel {
  /** Title of the vertical axis. */
  readonly unit: string;
  /** Per cent of the CPU. */
  readonly axis: RoundAxis;
  /** Whether the paper's bound concerns the bars. */
  readonly bound: boolean;
  /** Fields that make a bar; its total stands on top. None: no totals. */
  readonly totalBy: readonly string[];
  /** Of the legend; 5 if left out. */
  readonly columns?: number;
}

/** Stacked bars over `x`. */
function bars(x: object, { unit, axis, bound, totalBy, columns = 5 }: Panel): object[] {
  const vertical = { type: 'quantitative', title: unit, scale: { domain: [0, axis.end], nice: false }, axis: { values: axis.ticks } };
  const y = { ...vertical, field: 'share' };
  const layer: object[] = [
    { mark: { type: 'bar', stroke: 'white', strokeWidth: 0.6, width: { band: 0.72 } }, encoding: { x, y, color: { ...colour, legend: { ...colour.legend, columns } }, order: { field: 'order', type: 'quantitative' } } },
  ];
  if (bound) layer.push({ mark: { type: 'rule', strokeDash: [5, 3], strokeWidth: 1, color: INK }, encoding: { y: { ...vertical, datum: BOUND } } });
  if (totalBy.length > 0) {
    const hidden = `datum.total <= ${BOUND} && datum.total > ${BOUND - TEXT_HEIGHT * axis.end}`;
    layer.push({
      transform: [
        { aggregate: [{ op: 'sum', field: 'share', as: 'total' }], groupby: totalBy },
        { calculate: bound ? `${hidden} ? ${BOUND} : datum.total` : 'datum.total', as: 'above' },
        { calculate: `format(datum.total, '.${bound ? 3 : 2}f')`, as: 'text' },
      ],
      mark: { type: 'text', baseline: 'bottom', dy: -2, fontSize: 11, color: INK },
      encoding: { x, y: { ...y, field: 'above' }, text: { field: 'text', type: 'nominal' } },
    });
  }
  return layer;
}

/** The vertical axis of bars of these segments, with room for a total above the highest. */
function axisOf(rows: readonly Segment[], least: number): RoundAxis {
  const totals = new Map<string, number>();
  for (const { mode, pacing, load, share } of rows) {
    const bar = `${mode} ${pacing} ${load}`;
    totals.set(bar, (totals.get(bar) ?? 0) + share);
  }
  const needed = Math.max(least, ...totals.values()) * 1.08;
  return roundAxis(needed);
}

/**
 * Fig 5: in-kernel CPU share by operation for the three interrupt modes, at one load, a column for each load model. The upper row has all three modes on one scale, as
 * the paper has them; the lower row has IOAPIC and MSI on a scale of their own with the paper's bound as a dashed rule. `narrow`: the legend in two columns.
 */
export function fig5(points: PointSet, loadMbps: number, narrow = false): TopLevelSpec {
  const systems = modesOf(points);
  const short = systems.filter((system) => system !== TALL);
  const row = (names: readonly string[], title: string, height: number, bound: boolean): object => {
    const values = segments(points, names, [loadMbps]);
    const x = { field: 'mode', type: 'nominal', title: null, sort: systems.map((name) => MODES[name]), axis: { labelAngle: 0 } };
    return {
      title: { text: title, color: INK },
      data: { values },
      facet: { column: { field: 'pacing', type: 'nominal', title: null, sort: points.pacings.map(pacingLabel), header: { labelPadding: 4 } } },
      spacing: 18,
      bounds: 'flush',
      spec: { width: 178, height, layer: bars(x, { unit: 'kernel (% of CPU)', axis: axisOf(values, bound ? BOUND : 0), bound, totalBy: ['mode', 'pacing'], columns: narrow ? 2 : 5 }) },
    };
  };
  const all = row(systems, `(a) Kernel time by operation at ${loadMbps} Mb/s`, 190, false);
  return {
    $schema: SCHEMA,
    description: `Kernel time by operation in per cent of the CPU at ${loadMbps} megabits per second, by interrupt mode and load model; dashed: the paper's bound of ${BOUND} % for IOAPIC and MSI`,
    vconcat: short.length === 0 ? [all] : [all, row(short, `(b) IOAPIC and MSI alone; dashed: the paper's bound of ${BOUND} %`, 165, true)],
    spacing: 24,
    resolve: { legend: { color: 'shared' } },
  } as TopLevelSpec;
}

/** Fig 5 at every load: a row for each load model, a column for each interrupt mode; IOAPIC and MSI share a scale. */
export function fig5Loads(points: PointSet): TopLevelSpec {
  const systems = modesOf(points);
  const all = systems.map((system) => ({ system, bound: system !== TALL, values: segments(points, [system], points.loads) }));
  const axis = (bound: boolean): RoundAxis => axisOf(all.filter((column) => column.bound === bound).flatMap(({ values }) => values), bound ? BOUND : 0);
  const rows = points.pacings.map((pacing) => ({
    spacing: 60,
    bounds: 'flush',
    hconcat: all.flatMap(({ system, bound, values }) => {
      const own = values.filter((segment) => segment.pacing === pacingLabel(pacing));
      if (own.length === 0) return [];
      const x = { field: 'load', type: 'ordinal', title: 'offered load (Mb/s)', axis: { labelAngle: 0 } };
      return [{
        title: { text: `${MODES[system] ?? system}, ${pacingLabel(pacing)}`, color: INK, fontWeight: 'normal', frame: 'group' },
        width: 150, height: 140,
        data: { values: own },
        layer: bars(x, { unit: '% of CPU time', axis: axis(bound), bound, totalBy: [] }),
      }];
    }),
  }));
  return {
    $schema: SCHEMA,
    description: `Kernel time by operation in per cent of the CPU against offered load, by interrupt mode and load model; dashed: the paper's bound of ${BOUND} % for IOAPIC and MSI`,
    vconcat: rows.filter(({ hconcat }) => hconcat.length > 0),
    spacing: 24,
    resolve: { legend: { color: 'shared' } },
  } as TopLevelSpec;
}
