import type { Config } from 'vega-lite';
import type { Operation } from '../kernel/sel4/operation.ts';

/** The font every chart is set in; its files come with the package @expo-google-fonts/arimo (Open Font License), so a picture needs no font of the machine. */
export const FONT = 'Arimo';

export const INK = '#222222';
const GRID = '#dddddd';

/** How a system is drawn. Shape, fill, dash and lightness tell it apart without colour, too. */
export interface SystemStyle {
  readonly label: string;
  readonly colour: string;
  /** SVG path in the square -1..1. */
  readonly shape: string;
  /** Hollow markers let a nearly equal system show through. */
  readonly filled: boolean;
  readonly dash: readonly number[];
}

function circle(radius: number): string {
  return `M${-radius},0A${radius},${radius},0,1,1,${radius},0A${radius},${radius},0,1,1,${-radius},0Z`;
}

function square(half: number): string {
  return `M${-half},${-half}H${half}V${half}H${-half}Z`;
}

const TRIANGLE_UP = 'M0,-0.8L0.8,0.65H-0.8Z';
const TRIANGLE_DOWN = 'M0,0.8L0.8,-0.65H-0.8Z';
const PLUS = 'M-0.2,-0.75H0.2V-0.2H0.75V0.2H0.2V0.75H-0.2V0.2H-0.75V-0.2H-0.2Z';
export const DIAMOND = 'M0,-1.2L0.9,0L0,1.2L-0.9,0Z';

/** Side of the square that marker shapes fill, squared, in square pixels. */
export const MARKER_AREA = 110;

/** Colours of Okabe and Ito's palette, which people with any common kind of colour blindness can tell apart; bare metal, the yardstick, in black. */
const SYSTEM_STYLES: Readonly<Record<string, SystemStyle>> = {
  'sel4-pic': { label: 'seL4, PIC', colour: '#D55E00', shape: TRIANGLE_UP, filled: true, dash: [1, 0] },
  'sel4-ioapic': { label: 'seL4, IOAPIC', colour: '#0072B2', shape: square(0.66), filled: false, dash: [6, 2] },
  'sel4-msi': { label: 'seL4, MSI', colour: '#009E73', shape: circle(0.42), filled: true, dash: [2, 2] },
  bmk: { label: 'bare metal (BMK)', colour: '#000000', shape: circle(1.05), filled: false, dash: [1, 0] },
  netbsd: { label: 'NetBSD', colour: '#E69F00', shape: TRIANGLE_DOWN, filled: true, dash: [8, 2, 2, 2] },
  linux: { label: 'Linux', colour: '#CC79A7', shape: PLUS, filled: true, dash: [4, 4] },
};

const OTHER_COLOURS = ['#56B4E9', '#8C510A', '#666666'];

/** The style of a system; one that the paper has not is drawn under its own name. `index` is its place among the systems drawn. */
export function systemStyle(name: string, index: number): SystemStyle {
  return SYSTEM_STYLES[name] ?? { label: name, colour: OTHER_COLOURS[index % OTHER_COLOURS.length] ?? INK, shape: square(0.5), filled: true, dash: [3, 3] };
}

/** A kernel operation of Fig 5, from the bottom of a bar up. Lightness alternates, so that neighbours part in black and white. */
export interface OperationStyle {
  readonly label: string;
  readonly colour: string;
  /** The ledger's operations that the drawn one takes together. */
  readonly operations: readonly Operation[];
}

/** The kernel's tick is an interrupt entry and counted with them, as the paper's hooks did; it is too thin to be drawn by itself. */
export const OPERATION_STYLES: readonly OperationStyle[] = [
  { label: 'I/O ports', colour: '#0072B2', operations: ['ioport'] },
  { label: 'interrupt delivery', colour: '#F0B43C', operations: ['irq-deliver', 'tick'] },
  { label: 'interrupt ack', colour: '#B5460F', operations: ['irq-ack'] },
  { label: 'send', colour: '#A8D8EA', operations: ['send'] },
  { label: 'receive', colour: '#8C8C8C', operations: ['recv'] },
];

/** Names of the load models as the axes say them. */
export const PACING_LABELS: Readonly<Record<string, string>> = { fq: 'fq bursts', onoff: 'on/off at 10 Hz', even: 'evenly spaced' };

/** One look for all charts: thin grid, no frame, type that is still read when a figure is 17 cm wide in print. */
export const CONFIG: Config = {
  background: 'white',
  font: FONT,
  padding: 8,
  view: { stroke: null },
  axis: {
    labelFontSize: 11, titleFontSize: 12, titleFontWeight: 'normal', labelColor: INK, titleColor: INK, titlePadding: 7,
    grid: true, gridColor: GRID, gridWidth: 0.5, domainColor: INK, domainWidth: 0.7, tickColor: INK, tickWidth: 0.7, tickSize: 4,
  },
  axisX: { grid: false },
  header: { labelFontSize: 12, titleFontSize: 12, labelColor: INK, titleColor: INK, labelFontWeight: 'normal' },
  legend: { labelFontSize: 11, titleFontSize: 12, labelColor: INK, titleColor: INK, titleFontWeight: 'normal', labelLimit: 260, symbolStrokeWidth: 1.5 },
  title: { fontSize: 12, fontWeight: 'bold', color: INK, anchor: 'start', offset: 8, subtitleFontSize: 11, subtitleColor: INK, subtitlePadding: 4 },
};
