import type { TopLevelSpec } from 'vega-lite';
import type { PacingName } from '../load/pacing/pacing.ts';
import { LINUX_FIXED } from '../study/grid.ts';
import { over, paired, type Point, type PointSet } from '../study/points.ts';
import type { RunResult } from '../study/simulate.ts';
import type { ReferencePoint } from '../study/reference.ts';
import type { Summary } from '../study/statistics.ts';
import { roundAxis } from './axis.ts';
import { DIAMOND, INK, MARKER_AREA, systemStyle } from './style.ts';

const WIDTH = 300;
const HEIGHT = 250;
/** Height of a marker as a part of the axis. */
const HIDDEN = 0.03;
/** What the second panel compares, and with what. */
const COMPARED: ReadonlySet<string> = new Set(['sel4-pic', 'sel4-ioapic', 'sel4-msi']);
const YARDSTICK = 'bmk';

interface Mark {
  readonly system: string;
  readonly load: number;
  /** Per cent, or percentage points. */
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** How Fig 4 is drawn where it is not for print. */
export interface Fig4Options {
  /** One panel below the other. */
  readonly narrow?: boolean;
  /** True busy time instead of what the system's instrument reads. */
  readonly trueTime?: boolean;
  /** Half the width of the 95 % interval of a point's utilisation, where it does not come from replications; 0..1. */
  readonly half?: (point: Point) => number | null;
}

/**
 * Fig 4: CPU utilisation against offered load, as each system's own instrument reads it (as in the paper), and beside it what Rumprun takes on seL4 more than on bare metal, in
 * which the nearly equal systems part. Error bars are one sample standard deviation of the replications.
 */
export function fig4(points: PointSet, pacing: PacingName, reference: readonly ReferencePoint[] = [], { narrow = false, trueTime = false, half }: Fig4Options = {}): TopLevelSpec {
  const read = (run: RunResult): number => (trueTime ? run.utilisation : run.utilisationMeasured);
  const systems = points.systems.filter((system) => system !== LINUX_FIXED);
  const drawn = points.points.filter((point) => point.pacing === pacing && systems.includes(point.system));
  const marks = drawn.map((point) => {
    const summary = over(point, read);
    return mark(point, half === undefined ? summary : { ...summary, sd: half(point) });
  });
  const differences = drawn.flatMap((point) => {
    const yardstick = points.at(YARDSTICK, point.loadMbps, pacing);
    if (yardstick === null || !COMPARED.has(point.system)) return [];
    return [mark(point, paired(point, yardstick, (run, base) => read(run) - read(base)))];
  });
  const runs = Math.max(0, ...drawn.map((point) => point.runs.length));
  const shown = [...systems, ...new Set(reference.map(({ system }) => system).filter((system) => !systems.includes(system)))];
  const panels = [panel('(a) CPU utilisation', marks, shown, points.loads, 'CPU utilisation (%)', reference, noteOf(runs, half !== undefined))];
  if (differences.length > 0) panels.push(panel('(b) seL4 less bare metal', differences, shown, points.loads, 'difference (% points)', [], null));
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `CPU utilisation in per cent against offered TCP load in megabits per second, and its difference to bare metal`,
    ...(narrow ? { vconcat: panels, spacing: 75 } : { hconcat: panels, spacing: 70 }),
    bounds: 'flush',
    resolve: { legend: { stroke: 'shared', fill: 'shared', shape: 'shared' } },
  } as TopLevelSpec;
}

/** What is said of the error bars, drawn or too small to be. */
interface BarNote {
  readonly drawn: string;
  readonly hidden: string;
}

function noteOf(runs: number, intervals: boolean): BarNote | null {
  if (intervals) return { drawn: 'bars: 95 % intervals', hidden: '95 % intervals are within the markers' };
  return runs > 1 ? { drawn: `bars: ± 1 sd of ${runs} runs`, hidden: '1 sd is within the markers' } : null;
}

function mark(point: Point, { mean, sd }: Summary): Mark {
  return { system: point.system, load: point.loadMbps, mean: mean * 100, low: sd === null ? null : (mean - sd) * 100, high: sd === null ? null : (mean + sd) * 100 };
}

function panel(title: string, marks: readonly Mark[], systems: readonly string[], loads: readonly number[], unit: string, reference: readonly ReferencePoint[], bar: BarNote | null): object {
  const styles = systems.map(systemStyle);
  const labels = styles.map(({ label }) => label);
  const labelled = marks.map((row) => ({ ...row, label: labels[systems.indexOf(row.system)] }));
  // A bar that its marker would hide is left out, so that it is not taken for a part of the marker.
  const hidden = HIDDEN * Math.max(...marks.map(({ mean, high }) => high ?? mean));
  const bars = labelled.filter(({ low, high }) => low !== null && high !== null && high - low > hidden);
  const scale = (range: readonly unknown[]): object => ({ domain: labels, range });
  const legend = { title: null, orient: 'bottom', columns: systems.length <= 4 ? systems.length : 3, columnPadding: 18, symbolSize: MARKER_AREA };
  const x = { field: 'load', type: 'quantitative', title: 'offered load (Mb/s of TCP payload)', scale: { domain: [0, Math.max(...loads) * 1.05], nice: false }, axis: { values: loads } };
  const highest = Math.max(...marks.map(({ mean, high }) => Math.max(mean, high ?? mean)), ...reference.map(({ utilisation }) => utilisation * 100));
  const lowest = Math.min(0, ...marks.map(({ mean, low }) => Math.min(mean, low ?? mean)));
  const axis = roundAxis(Math.max(highest, 1e-6));
  // A system below bare metal takes the axis below zero; vega then finds the round numbers itself.
  const vertical = lowest < 0 ? { scale: { nice: true } } : { scale: { domain: [0, axis.end], nice: false }, axis: { values: axis.ticks } };
  const y = { field: 'mean', type: 'quantitative', title: unit, ...vertical };
  const channel = (range: readonly unknown[]): object => ({ field: 'label', type: 'nominal', scale: scale(range), legend });
  const colours = styles.map(({ colour }) => colour);
  const stroke = channel(colours);
  const layer: object[] = [];
  for (const { label, colour, dash } of styles) {
    const values = labelled.filter((row) => row.label === label);
    if (values.length > 0) layer.push({ data: { values }, mark: { type: 'line', strokeWidth: 1.3, stroke: colour, strokeDash: dash }, encoding: { x, y } });
  }
  if (bars.length > 0) {
    layer.push(
      { data: { values: bars }, mark: { type: 'rule', strokeWidth: 1 }, encoding: { x, y: { ...y, field: 'low' }, y2: { field: 'high' }, stroke } },
      ...(['low', 'high'] as const).map((end) => ({
        data: { values: bars },
        mark: { type: 'point', shape: 'stroke', size: 60, strokeWidth: 1, opacity: 1 },
        encoding: { x, y: { ...y, field: end }, stroke },
      })),
    );
  }
  layer.push(
    {
      mark: { type: 'point', size: MARKER_AREA, strokeWidth: 1.4, opacity: 1 },
      encoding: {
        x, y, stroke,
        fill: channel(styles.map(({ colour, filled }) => (filled ? colour : 'transparent'))),
        shape: channel(styles.map(({ shape }) => shape)),
      },
    },
  );
  if (reference.length > 0) {
    layer.push({
      data: { values: reference.map(({ system, loadMbps, utilisation }) => ({ load: loadMbps, mean: utilisation * 100, label: labels[systems.indexOf(system)], source: 'paper (digitised)' })) },
      mark: { type: 'point', shape: DIAMOND, size: MARKER_AREA, filled: false, strokeWidth: 1.2, opacity: 1 },
      encoding: { x, y, stroke },
    }, ...key(WIDTH - 156, HEIGHT - 30, 'the paper, read off its figure'));
  }
  if (bar !== null) layer.push(note(WIDTH - 4, HEIGHT - 12, bars.length > 0 ? bar.drawn : bar.hidden));
  return { title: { text: title, color: INK, frame: 'group' }, width: WIDTH, height: HEIGHT, data: { values: labelled }, layer };
}

/** A hollow diamond with its meaning, at a place in the panel. */
function key(left: number, top: number, text: string): object[] {
  const encoding = { x: { value: left }, y: { value: top } };
  return [
    { data: { values: [{}] }, mark: { type: 'point', shape: DIAMOND, size: MARKER_AREA, filled: false, strokeWidth: 1.2, stroke: INK, opacity: 1 }, encoding },
    { data: { values: [{}] }, mark: { type: 'text', text, align: 'left', baseline: 'middle', dx: 10, fontSize: 11, color: INK }, encoding },
  ];
}

/** Text that ends at a place in the panel. */
function note(right: number, top: number, text: string): object {
  return { data: { values: [{}] }, mark: { type: 'text', text, align: 'right', baseline: 'middle', fontSize: 11, color: INK }, encoding: { x: { value: right }, y: { value: top } } };
}
