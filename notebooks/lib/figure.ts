import type { ColumnTable } from 'arquero';
import embed, { type Result, vega, vegaLite } from 'vega-embed';
import type { View } from 'vega';
import type { TopLevelSpec } from 'vega-lite';
import { type Theme, themed } from '../../src/chart/theme.ts';
import { arrow, csv } from '../../src/study/tables.ts';
import { splitData, type SplitSpec } from './chart-data.ts';
import { saveFile } from './save-file.ts';

const DARK = matchMedia('(prefers-color-scheme: dark)');

export function pageTheme(): Theme {
  return DARK.matches ? 'dark' : 'light';
}

/** Whether the page is too narrow for two panels beside each other. */
export function narrow(): boolean {
  return innerWidth < 760;
}

/** Width of a chart that fills the page up to `most` pixels. */
export function wide(most: number): number {
  return Math.max(300, Math.min(most, document.documentElement.clientWidth - 72));
}

/** A chart on the page. `update` draws other data in its place; the theme follows the page's. */
export class Figure {
  readonly element: HTMLElement = document.createElement('figure');
  private readonly canvas = document.createElement('div');
  private readonly name: string;
  private spec: TopLevelSpec | null = null;
  private data: ColumnTable | null = null;
  private embedded: Result | null = null;
  /** Of what is drawn. */
  private shape = '';
  private drawing: Promise<void> = Promise.resolve();
  /** Told the data of what the pointer is on, or was pressed on. */
  picked: (datum: unknown) => void = () => {};

  /** `name`: of the files that are downloaded, without an ending. `label`: what a screen reader calls it. */
  constructor(name: string, label: string) {
    this.name = name;
    this.element.className = 'figure';
    this.canvas.setAttribute('role', 'img');
    this.canvas.setAttribute('aria-label', label);
    this.element.append(this.canvas, this.menu());
    DARK.addEventListener('change', () => void this.redraw());
  }

  /** Draws a chart; `data`: what the table downloads hold. The promise is kept when it is on the page. */
  async update(spec: TopLevelSpec, data: ColumnTable): Promise<void> {
    this.spec = spec;
    this.data = data;
    return this.redraw();
  }

  private async redraw(): Promise<void> {
    // One after another: a drawing that was overtaken is not begun.
    const { spec } = this;
    this.drawing = this.drawing.then(async () => {
      if (spec === null || spec !== this.spec) return;
      const begun = performance.now();
      const split = splitData(themed(spec, pageTheme()));
      if (split.shape === this.shape && this.embedded !== null) await this.refill(this.embedded.view, split);
      else await this.embed(split);
      performance.measure(`rumpsim: draw ${this.name}`, { start: begun });
    });
    return this.drawing;
  }

  /** A chart of the same shape: only its data change, which takes a tenth of the time. */
  private async refill(view: View, { datasets }: SplitSpec): Promise<void> {
    for (const [name, values] of Object.entries(datasets)) view.data(name, [...values]);
    await view.runAsync();
  }

  private async embed({ spec, shape, datasets }: SplitSpec): Promise<void> {
    const old = this.embedded;
    this.embedded = await embed(this.canvas, { ...spec, datasets } as TopLevelSpec, { actions: false, renderer: 'svg', tooltip: true });
    this.shape = shape;
    old?.finalize();
    const pick = (_event: unknown, item: unknown): void => {
      if (typeof item === 'object' && item !== null && 'datum' in item) this.picked(item.datum);
    };
    this.embedded.view.addEventListener('mouseover', pick);
    this.embedded.view.addEventListener('click', pick);
  }

  private menu(): HTMLElement {
    const menu = document.createElement('figcaption');
    menu.className = 'downloads';
    const button = (text: string, save: () => Promise<void> | void): void => {
      const element = document.createElement('button');
      element.type = 'button';
      element.textContent = text;
      element.title = `Download as ${text}`;
      element.addEventListener('click', () => void save());
      menu.append(element);
    };
    button('CSV', () => this.saveTable((table) => saveFile(`${this.name}.csv`, csv(table), 'text/csv')));
    button('Arrow', () => this.saveTable((table) => saveFile(`${this.name}.arrow`, arrow(table), 'application/vnd.apache.arrow.file')));
    button('SVG', async () => {
      const svg = await this.printed()?.toSVG();
      if (svg !== undefined) saveFile(`${this.name}.svg`, svg, 'image/svg+xml');
    });
    button('PNG', async () => {
      const canvas = await this.printed()?.toCanvas(2);
      const blob = canvas === undefined ? null : await new Promise<Blob | null>((resolve) => (canvas as unknown as HTMLCanvasElement).toBlob(resolve, 'image/png'));
      if (blob !== null) saveFile(`${this.name}.png`, blob, 'image/png');
    });
    return menu;
  }

  /** The chart as it is printed: light, whatever the page is. */
  private printed(): View | undefined {
    if (this.spec === null) return undefined;
    return new vega.View(vega.parse(vegaLite.compile(themed(this.spec, 'light')).spec), { renderer: 'none' });
  }

  private saveTable(save: (table: ColumnTable) => void): void {
    if (this.data !== null) save(this.data);
  }
}
