import type { TopLevelSpec } from 'vega-lite';
import { render } from '../../src/chart/render.ts';
import type { PacingName } from '../../src/load/pacing/pacing.ts';
import { FIGURE_SYSTEMS } from '../../src/study/claims.ts';
import { FIGURE_LOADS } from '../../src/study/grid.ts';
import { PointSet } from '../../src/study/points.ts';
import { simulate } from '../../src/study/simulate.ts';
import { resolveStudy } from '../../src/study/study.ts';

export interface PaperOptions {
  readonly systems?: readonly string[];
  /** Mb/s. */
  readonly loads?: readonly number[];
  readonly pacing?: PacingName;
  /** Seconds. */
  readonly duration?: number;
  readonly warmup?: number;
  /** What --set of the command line takes. */
  readonly set?: readonly string[];
}

/** The points of Fig 4: each system at each load, one run each, as `rumpsim run` makes them. */
export function paper({ systems = FIGURE_SYSTEMS, loads = FIGURE_LOADS, pacing = 'fq', duration = 20, warmup = 10, set = [] }: PaperOptions = {}): PointSet {
  return new PointSet(systems.flatMap((system) => loads.map((load) => {
    const { scenario, costs } = resolveStudy({ system, load, pacing, duration, warmup, set });
    return simulate(scenario, costs);
  })));
}

/** Jupyter's key for what a value looks like. */
const DISPLAY = Symbol.for('Jupyter.display');

/** A chart that Jupyter shows: as a drawing, as a picture where there are none, and its specification. */
export async function show(spec: TopLevelSpec): Promise<Readonly<Record<symbol, () => Readonly<Record<string, unknown>>>>> {
  const { svg, png, spec: text } = await render(spec);
  return { [DISPLAY]: () => ({ 'text/html': svg, 'image/png': Buffer.from(png).toString('base64'), 'application/vnd.vegalite.v6+json': JSON.parse(text) as unknown }) };
}

/** A table that Jupyter shows. */
export function table(rows: readonly Readonly<Record<string, string | number>>[]): Readonly<Record<symbol, () => Readonly<Record<string, string>>>> {
  const names = Object.keys(rows[0] ?? {});
  const row = (cells: readonly (string | number)[], tag: string): string => `<tr>${cells.map((cell) => `<${tag}>${String(cell).replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${tag}>`).join('')}</tr>`;
  return { [DISPLAY]: () => ({ 'text/html': `<table>${row(names, 'th')}${rows.map((each) => row(names.map((name) => each[name] ?? ''), 'td')).join('')}</table>` }) };
}
