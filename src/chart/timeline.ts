import type { TopLevelSpec } from 'vega-lite';
import type { InterruptTimeline, TimelineEvent, TimelineSlice } from '../study/interrupt-timeline.ts';
import { INK } from './style.ts';

const ROW = 20;
/** Average width of a letter of a label, pixels, and the least that a label is cut to. */
const LETTER = 5.2;
const LEAST_LETTERS = 4;

/** Rows of what devices do, above those of the processor's contexts. Shapes tell the events of a row apart. */
const TRACKS: Readonly<Record<string, { readonly track: string; readonly name: string; readonly shape: string }>> = {
  wire: { track: 'wire', name: 'frame at the port', shape: 'triangle-down' },
  'dma-write': { track: 'memory', name: 'frame and descriptor in memory', shape: 'triangle-down' },
  'irq-raise': { track: 'interrupt', name: 'raised by the device', shape: 'triangle-up' },
  'irq-lower': { track: 'interrupt', name: 'line inactive again', shape: 'triangle-down' },
  msi: { track: 'interrupt', name: 'message at the local APIC', shape: 'diamond' },
  'irq-deliver': { track: 'interrupt', name: 'taken by the core', shape: 'square' },
  eoi: { track: 'interrupt', name: 'end of interrupt', shape: 'cross' },
  'mmio-read': { track: 'registers', name: 'register read', shape: 'circle' },
  'mmio-write': { track: 'registers', name: 'register written', shape: 'triangle-right' },
  'port-read': { track: 'registers', name: 'port read', shape: 'circle' },
  'port-write': { track: 'registers', name: 'port written', shape: 'triangle-right' },
  'timer-program': { track: 'timer', name: 'armed', shape: 'triangle-right' },
  'timer-expire': { track: 'timer', name: 'expires', shape: 'square' },
};
const TRACK_ORDER = ['wire', 'memory', 'interrupt', 'registers', 'timer'];
const ICR = 0xc0;
const PORTS: ReadonlySet<string> = new Set(['port-read', 'port-write']);

/** What the core does in a slice, by its path; the colours of Okabe and Ito. */
const KINDS: readonly { readonly name: string; readonly colour: string; readonly is: RegExp }[] = [
  { name: 'waits for a device', colour: '#D55E00', is: /^(?:mmio|port|pic)\// },
  { name: 'entry, exit, switch', colour: '#E69F00', is: /^(?:stub|refill|switch|interrupt|syscall|stage|softint)\/|^sched\.|switch|^linux\.(?:irq|syscall|softirq)$/ },
  { name: 'idle', colour: '#dddddd', is: /^idle$/ },
  { name: 'other code', colour: '#56B4E9', is: /(?:)/ },
];

export interface TimelineView {
  /** Microseconds. */
  readonly from: number;
  readonly to: number;
  /** Pixels. */
  readonly width: number;
}

/** A bar of the chart: what a page finds under the pointer. */
export interface TimelineBar extends TimelineSlice {
  /** Place of the slice in the timeline. */
  readonly index: number;
}

/** One interrupt as a Gantt chart: a row for each context of the processor in the order in which they come to run, and above them what the devices do. */
export function interruptChart({ slices, events, read, raised }: Pick<InterruptTimeline, 'slices' | 'events' | 'read' | 'raised'>, { from, to, width }: TimelineView): TopLevelSpec {
  const pixel = (to - from) / width;
  const bars = slices.map((slice, index) => Object.assign({}, slice, { index })).filter((slice) => slice.to > from && slice.from < to).map((slice) => describe(slice, { from, to, pixel }));
  const ticks = events.filter(({ at }) => at >= from && at <= to).flatMap((event) => tickOf(event));
  const tracks = TRACK_ORDER.filter((track) => ticks.some((tick) => tick.row === track));
  const rows = [...tracks, ...new Set(bars.map(({ row }) => row))];
  const x = { field: 'begin', type: 'quantitative', title: 'µs since the first frame\'s last bit was at the port', scale: { domain: [from, to], nice: false }, axis: { grid: true, tickCount: Math.max(4, Math.round(width / 90)) } };
  const y = { field: 'row', type: 'nominal', title: null, sort: rows, scale: { domain: rows }, axis: { grid: false, ticks: false, domain: false, labelLimit: 220 } };
  const marks = [{ at: raised, text: 'raised' }, ...(read === null ? [] : [{ at: read, text: 'read() returns' }])].filter(({ at }) => at >= from && at <= to);
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: 'What the processor and the devices do during one interrupt, in microseconds: a row for each device activity and each context, a bar for each path',
    width,
    height: rows.length * ROW,
    layer: [
      { data: { values: marks }, mark: { type: 'rule', color: INK, strokeDash: [4, 3], strokeWidth: 1 }, encoding: { x: { ...x, field: 'at' } } },
      { data: { values: marks }, mark: { type: 'text', align: 'right', baseline: 'bottom', dx: 0, dy: -3, fontSize: 10.5, color: INK }, encoding: { x: { ...x, field: 'at' }, y: { value: 0 }, text: { field: 'text' } } },
      {
        data: { values: bars },
        mark: { type: 'rect', height: { band: 0.82 }, stroke: 'white', strokeWidth: 0.4, cursor: 'pointer' },
        encoding: {
          x, x2: { field: 'finish' }, y,
          color: { field: 'kind', type: 'nominal', title: null, scale: { domain: KINDS.map(({ name }) => name), range: KINDS.map(({ colour }) => colour) }, legend: { orient: 'bottom', columns: width < 500 ? 2 : 4, symbolType: 'square' } },
          tooltip: [{ field: 'path', title: 'path' }, { field: 'context', title: 'context' }, { field: 'times', title: 'runs' }, { field: 'took', title: 'took' }, { field: 'when', title: 'from' }],
        },
      },
      { transform: [{ filter: 'datum.label != ""' }], data: { values: bars }, mark: { type: 'text', align: 'left', baseline: 'middle', dx: 3, fontSize: 10, color: '#000001' }, encoding: { x, y, text: { field: 'label' } } },
      {
        data: { values: ticks },
        mark: { type: 'point', filled: true, size: 46, color: INK, opacity: 0.85 },
        encoding: { x: { ...x, field: 'at' }, y, shape: { field: 'shape', type: 'nominal', scale: null }, tooltip: [{ field: 'what', title: 'device' }, { field: 'when', title: 'at' }] },
      },
    ],
  } as unknown as TopLevelSpec;
}

function describe(slice: TimelineBar, { from, to, pixel }: { readonly from: number; readonly to: number; readonly pixel: number }) {
  const begin = Math.max(from, slice.from);
  const finish = Math.min(to, slice.to);
  const letters = Math.floor(((finish - begin) / pixel - 6) / LETTER);
  const { path } = slice;
  const label = letters < LEAST_LETTERS ? '' : path.length <= letters ? path : `${path.slice(0, letters - 1)}…`;
  const kind = KINDS.find(({ is }) => is.test(path))?.name ?? '';
  return { ...slice, row: slice.context, begin, finish, label, kind, times: String(slice.count), took: `${((slice.to - slice.from) * 1e3).toFixed(1)} ns`, when: `${slice.from.toFixed(3)} µs` };
}

function tickOf({ at, kind, device, address, value }: TimelineEvent) {
  const track = TRACKS[kind];
  if (track === undefined) return [];
  const where = kind === 'mmio-read' && device === 'nic' && address === ICR ? `ICR, causes 0x${value.toString(16)}` : PORTS.has(kind) ? `port 0x${address.toString(16)}` : kind.startsWith('mmio') ? `register 0x${address.toString(16)}` : '';
  return [{ at, row: track.track, shape: track.shape, what: `${device}: ${track.name}${where === '' ? '' : ` (${where})`}`, when: `${at.toFixed(3)} µs` }];
}
