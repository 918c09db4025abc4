import type { TopLevelSpec } from 'vega-lite';
import type { Sensitivity, Swing } from '../study/sensitivity.ts';
import { INK } from './style.ts';

/** Bars of a panel. */
const MOST = 15;
const MOST_OF_CLAIM = 6;
/** Height of a bar with its gap. */
const STEP = 19;

/** Width of a digit of the values. */
const DIGIT = 5.6;

const LOW = '#0072B2';
const HIGH = '#D55E00';
const ENDS = ['low end of the range', 'high end of the range'] as const;
const UNITS: Readonly<Record<string, string>> = { 'cycles/instruction': 'cycles/insn', instructions: 'insn', 'instructions/byte': 'insn/byte' };

interface Bar {
  readonly cost: string;
  readonly place: number;
  readonly end: (typeof ENDS)[number];
  /** In per cent or the claim's unit. */
  readonly from: number;
  readonly to: number;
  /** The cost's value at this end. */
  readonly text: string;
}

/** The costs that move utilisation and kernel share most: a panel each, the largest swing on top, each bar from the value with all costs as published to what an end of the range makes of it. */
export function tornado({ swings, baseLines, loadMbps }: Pick<Sensitivity, 'swings' | 'baseLines' | 'loadMbps'>): TopLevelSpec {
  const panels = baseLines.filter(({ quantity }) => quantity.claim === null).map(({ quantity, value, noise }, index) => {
    const rows = swings.filter((swing) => swing.quantity.id === quantity.id && swing.swing > 2 * noise).slice(0, MOST);
    return panel({ title: `(${'abcdefgh'[index]}) ${quantity.label}, ${loadMbps} Mb/s`, axis: '% of CPU time', rows, base: (value ?? 0) * 100, scale: 100, zero: false, width: 420 });
  });
  return chart('One-at-a-time swings of utilisation and kernel share over the published range of each cost', { vconcat: panels.filter(({ data }) => data.values.length > 0) });
}

/** The sentence of a claim without its formula. */
function gist(text: string): string {
  const words = (text.split(/: | \(/)[0] ?? text).split(', for every')[0] ?? text;
  return words.length <= 50 ? words : `${words.slice(0, words.lastIndexOf(' ', 47))} ...`;
}

/** The same for the margins of the claims: right of the zero line the claim holds. */
export function claimTornado({ swings, baseLines }: Sensitivity): TopLevelSpec {
  const panels = baseLines.filter(({ quantity, value }) => quantity.claim !== null && value !== null).map(({ quantity, value, holds, noise }) => {
    const percent = quantity.unit === 'share' || quantity.unit === 'points' || quantity.unit === 'share of kernel';
    const scale = percent ? 100 : 1;
    const axis = { share: 'margin (% of CPU time)', points: 'margin (points)', 'share of kernel': 'margin (% of kernel time)', ratio: 'margin (ratio)', 'Mb/s': 'margin (Mb/s)', entries: 'margin' }[quantity.unit];
    const rows = swings.filter((swing) => swing.quantity.id === quantity.id && swing.swing > 2 * noise).slice(0, MOST_OF_CLAIM);
    return panel({ title: `${quantity.id} ${holds === true ? 'holds' : 'does not hold'}`, subtitle: gist(quantity.label), axis, rows, base: (value ?? 0) * scale, scale, zero: true, width: 230 });
  });
  return chart('One-at-a-time swings of the margin of each claim; right of zero it holds', { columns: 2, bounds: 'flush', spacing: { row: 96, column: 235 }, concat: panels.filter(({ data }) => data.values.length > 0) });
}

function chart(description: string, body: object): TopLevelSpec {
  return { $schema: 'https://vega.github.io/schema/vega-lite/v6.json', description, spacing: { row: 26, column: 40 }, resolve: { legend: { color: 'shared' } }, ...body } as unknown as TopLevelSpec;
}

interface Panel {
  readonly title: string;
  readonly subtitle?: string;
  readonly axis: string;
  readonly rows: readonly Swing[];
  readonly base: number;
  /** 100 for shares, which are drawn in per cent. */
  readonly scale: number;
  /** Whether the axis shows zero, as a line of its own. */
  readonly zero: boolean;
  readonly width: number;
}

function panel({ title, subtitle, axis, rows, base, scale, zero, width }: Panel) {
  const bars = rows.flatMap((swing, place) => barsOf(swing, place, base, scale));
  const names = rows.map((swing) => nameOf(swing));
  const ends = bars.map(({ to }) => to).concat(base, zero ? [0] : []);
  const [least, most] = [Math.min(...ends), Math.max(...ends)];
  // Room for the values that stand at the bars' ends.
  const [left, right] = [roomFor(labelsOf(bars, base, 'left')), roomFor(labelsOf(bars, base, 'right'))];
  const pixel = (most - least) / (width - left - right);
  const domain = [least - left * pixel, most + right * pixel];
  const x = { field: 'to', type: 'quantitative', title: axis, scale: { domain, nice: false, zero: false }, axis: { grid: true, tickCount: 6 } };
  const y = { field: 'cost', type: 'nominal', title: null, sort: names, axis: { labelLimit: 400, ticks: false, domain: false, grid: false, labelPadding: 4 } };
  const color = { field: 'end', type: 'nominal', title: null, scale: { domain: [...ENDS], range: [LOW, HIGH] }, legend: { orient: 'bottom', symbolType: 'square', symbolSize: 110, columnPadding: 16 } };
  // A white rim keeps the values readable over lines.
  const text = (side: 'left' | 'right'): object[] => [{ stroke: 'white', strokeWidth: 3, strokeJoin: 'round' }, {}].map((rim) => ({
    data: { values: labelsOf(bars, base, side) },
    mark: { type: 'text', align: side === 'left' ? 'right' : 'left', dx: side === 'left' ? -3 : 3, baseline: 'middle', fontSize: 10, color: INK, ...rim },
    encoding: { x, y, text: { field: 'text', type: 'nominal' } },
  }));
  const rule = (at: number, dash: readonly number[]): object => ({ data: { values: [{ to: at }] }, mark: { type: 'rule', color: INK, strokeWidth: 1, strokeDash: dash }, encoding: { x } });
  return {
    title: { text: title, color: INK, frame: 'group', ...(subtitle === undefined ? {} : { subtitle }) },
    width,
    height: { step: STEP },
    data: { values: bars },
    layer: [
      { mark: { type: 'bar', height: { band: 0.62 } }, encoding: { x: { ...x, field: 'from' }, x2: { field: 'to' }, y, color } },
      rule(base, [1, 0]),
      ...(zero ? [rule(0, [4, 3])] : []),
      ...text('left'), ...text('right'),
    ],
  };
}

function barsOf(swing: Swing, place: number, base: number, scale: number): Bar[] {
  const { cost, atLow, atHigh } = swing;
  const ends = [
    { end: ENDS[0], value: cost.low, to: atLow },
    { end: ENDS[1], value: cost.high, to: atHigh },
  ];
  return ends.filter(({ value, to }) => value !== cost.value && to !== null).map(({ end, value, to }) => ({ cost: nameOf(swing), place, end, from: base, to: (to ?? 0) * scale, text: valueText(value, cost.unit) }))
    .toSorted((a, b) => Math.abs(b.to - base) - Math.abs(a.to - base));
}

/** The values at the ends on one side of the base, a line each; where both ends lie on it they stand behind each other as their bars end. */
function labelsOf(bars: readonly Bar[], base: number, side: 'left' | 'right'): { cost: string; to: number; text: string }[] {
  const own = bars.filter(({ to }) => (side === 'left') === to < base);
  return [...new Set(own.map(({ cost }) => cost))].map((cost) => {
    const ends = own.filter((bar) => bar.cost === cost).toSorted((a, b) => a.to - b.to);
    const far = side === 'left' ? ends[0] : ends.at(-1);
    return { cost, to: far?.to ?? base, text: ends.map((bar) => bar.text).join(' | ') };
  });
}

/** Pixels that the longest of some values takes. */
function roomFor(labels: readonly { readonly text: string }[]): number {
  return 8 + DIGIT * Math.max(0, ...labels.map(({ text }) => text.length));
}

/** Long times in milliseconds. */
function valueText(value: number, unit: string): string {
  return unit === 'ns' && value >= 1e6 ? `${value / 1e6} ms` : String(value);
}

function nameOf({ cost: { id, unit } }: Swing): string {
  return `${id.replace(/^insn\./, '')} (${UNITS[unit] ?? unit})`;
}
