import type { TopLevelSpec } from 'vega-lite';
import { type FlameBox, flameLayout, type Stack } from './flame-layout.ts';

const ROW = 17;
/** Average width of a letter at the size of the labels, pixels, and the least box that gets a label. */
const LETTER = 5.4;
const LEAST_LETTERS = 3;
/** Boxes narrower than this many pixels are left out: they would only darken the edges. */
const LEAST_WIDTH = 0.4;

/** Ends of the difference scale, from less to more; white is no change. Orange and blue part for every common kind of colour blindness. */
const LESS = '#0072B2';
const MORE = '#D55E00';
/** Warm, light and even, so that black letters are read on all of them; which one a box gets depends on its name alone. */
const WARM = ['#F7D9A8', '#F5CBA0', '#F9E2B8', '#F2C48D', '#FBE8C8', '#F0D1B0'];

/** Letters on boxes. Boxes keep their colours in the dark, so these do, too: they are not the theme's. */
const ON_LIGHT = '#1f1f1f';
const ON_DARK = '#fdfdfd';

export interface FlameOptions {
  readonly title: string;
  readonly subtitle?: string;
  /** What the values are, with their unit: "% of CPU time". */
  readonly unit: string;
  readonly root: string;
  /** Pixels. */
  readonly width?: number;
}

/** Where the time of a run went: a box is as wide as what its name and everything above it took. */
export function flameGraph(stacks: readonly Stack[], options: FlameOptions): TopLevelSpec {
  const boxes = flameLayout(options.root, stacks);
  return chart(boxes, options, boxes.map((box) => WARM[hash(box.name) % WARM.length] ?? ON_DARK), 'value');
}

/** Where two runs differ: a box is as wide as the larger of the two, orange where the second took more, blue where it took less, as deep as the difference is large beside the greatest. */
export function differenceFlameGraph(stacks: readonly Stack[], options: FlameOptions): TopLevelSpec {
  const boxes = flameLayout(options.root, stacks);
  const most = Math.max(...boxes.map(({ value, before }) => Math.abs(value - before)), Number.MIN_VALUE);
  return chart(boxes, options, boxes.map(({ value, before }) => mix(value < before ? LESS : MORE, Math.sqrt(Math.abs(value - before) / most))), 'difference');
}

function chart(boxes: readonly FlameBox[], { title, subtitle, unit, width = 1000 }: FlameOptions, colours: readonly string[], what: 'value' | 'difference'): TopLevelSpec {
  const span = Math.max(...boxes.map(({ to }) => to), Number.MIN_VALUE);
  const depth = Math.max(0, ...boxes.map((box) => box.depth));
  const values = boxes.map((box, index) => describe(box, colours[index] ?? ON_DARK, span, width, what)).filter(({ pixels }) => pixels >= LEAST_WIDTH);
  const x = { field: 'from', type: 'quantitative', title: unit, scale: { domain: [0, span], nice: false }, axis: { grid: false, tickCount: 8 } };
  const y = { field: 'bottom', type: 'quantitative', title: null, scale: { domain: [0, depth + 1], nice: false }, axis: null };
  const tooltip = [{ field: 'path', title: 'where' }, { field: 'text', title: what === 'value' ? unit : `${unit}, before and after` }];
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: title,
    title: { text: title, ...(subtitle === undefined ? {} : { subtitle }) },
    width,
    height: (depth + 1) * ROW,
    data: { values },
    layer: [
      { mark: { type: 'rect', stroke: 'white', strokeWidth: 0.6 }, encoding: { x, x2: { field: 'to' }, y, y2: { field: 'top' }, color: { field: 'colour', type: 'nominal', scale: null }, tooltip } },
      {
        transform: [{ filter: 'datum.label != ""' }],
        mark: { type: 'text', align: 'left', baseline: 'middle', dx: 3, fontSize: 10.5, clip: true },
        encoding: { x, y: { ...y, field: 'middle' }, text: { field: 'label' }, color: { field: 'ink', type: 'nominal', scale: null } },
      },
    ],
  } as unknown as TopLevelSpec;
}

function describe(box: FlameBox, colour: string, span: number, width: number, what: 'value' | 'difference') {
  const { name, path, depth, from, to, value, before } = box;
  const pixels = ((to - from) / span) * width;
  const letters = Math.floor((pixels - 6) / LETTER);
  const change = value - before;
  const text = what === 'value' ? value.toPrecision(4) : `${before.toPrecision(4)} -> ${value.toPrecision(4)} (${change >= 0 ? '+' : ''}${change.toPrecision(3)})`;
  const label = letters < LEAST_LETTERS ? '' : name.length <= letters ? name : `${name.slice(0, letters - 1)}…`;
  return { path, text, from, to, bottom: depth, middle: depth + 0.5, top: depth + 1, pixels, label, colour, ink: dark(colour) ? ON_DARK : ON_LIGHT };
}

/** A small number that depends on a text alone. */
function hash(text: string): number {
  let sum = 7;
  for (let i = 0; i < text.length; i++) sum = (sum * 31 + text.charCodeAt(i)) % 65_521;
  return sum;
}

/** A colour between light grey (0) and itself (1). */
function mix(colour: string, amount: number): string {
  const part = (at: number): string => Math.round(0xed + (Number.parseInt(colour.slice(at, at + 2), 16) - 0xed) * amount).toString(16).padStart(2, '0');
  return `#${part(1)}${part(3)}${part(5)}`;
}

function dark(colour: string): boolean {
  const part = (at: number): number => Number.parseInt(colour.slice(at, at + 2), 16);
  return 0.299 * part(1) + 0.587 * part(3) + 0.114 * part(5) < 130;
}
