import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { FONT } from './style.ts';
import { themed } from './theme.ts';

/** A chart in the three forms it is kept in. */
export interface Rendered {
  /** The vega-lite specification with its data, as JSON text. */
  readonly spec: string;
  readonly svg: string;
  readonly png: Uint8Array;
  /** What vega had to guess at; none in a chart that is as it should be. */
  readonly warnings: readonly string[];
}

/** Pixels of the PNG per pixel of the SVG: 17 cm at 300 dots an inch is about 2,000 pixels. */
const SCALE = 2;

function fontFiles(): string[] {
  const home = dirname(createRequire(import.meta.url).resolve('@expo-google-fonts/arimo/package.json'));
  return ['400Regular/Arimo_400Regular.ttf', '700Bold/Arimo_700Bold.ttf', '400Regular_Italic/Arimo_400Regular_Italic.ttf'].map((file) => join(home, file));
}

/**
 * Draws a chart. The same specification gives the same bytes: nothing is random, and fonts are the package's own, not the machine's.
 * @throws Error when the specification does not compile.
 */
export async function render(spec: TopLevelSpec): Promise<Rendered> {
  const styled = themed(spec, 'light');
  const warnings: string[] = [];
  const logger = vega.logger(vega.Warn, undefined, (_method, _level, parts: readonly unknown[]) => warnings.push(parts.map(String).join(' ')));
  const { spec: compiled } = compile(styled, { logger });
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger });
  const svg = await view.toSVG();
  view.finalize();
  return { spec: `${JSON.stringify(styled, null, 2)}\n`, svg: `${svg}\n`, png: rasterise(svg), warnings };
}

function rasterise(svg: string): Uint8Array {
  const font = { loadSystemFonts: false, fontFiles: fontFiles(), defaultFontFamily: FONT, sansSerifFamily: FONT };
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: SCALE }, background: 'white' }).render().asPng();
}
