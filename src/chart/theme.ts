import type { TopLevelSpec } from 'vega-lite';
import { CONFIG, INK } from './style.ts';

/** Paper and screen in light, screen in dark. */
export type Theme = 'light' | 'dark';

/** What colours of the light charts become in the dark: ink and paper change places, grid and bare metal's black follow, Okabe and Ito's colours stay but for the two that are too dark on black. */
const DARK: Readonly<Record<string, string>> = {
  [INK]: '#E6E6E6', '#dddddd': '#3A3F47', '#000000': '#FFFFFF', white: '#15181D', '#0072B2': '#4FA8DC', '#8C510A': '#C98F4A', '#B5460F': '#E07B45', '#666666': '#A0A0A0', '#eeeeee': '#2A2E35',
};

/** A chart in the house style, self-contained: its configuration in it. The light one is what the command line draws. */
export function themed(spec: TopLevelSpec, theme: Theme): TopLevelSpec {
  if (theme === 'light') return { ...spec, config: CONFIG };
  // The page's own background shows through.
  return { ...(recolour({ ...spec, config: CONFIG }) as TopLevelSpec), background: 'transparent' };
}

function recolour(value: unknown): unknown {
  if (typeof value === 'string') return DARK[value] ?? value;
  if (Array.isArray(value)) return value.map(recolour);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, recolour(part)]));
}
