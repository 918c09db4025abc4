import type { Cost } from '../../src/hw/cost.ts';
import type { InterruptTimeline, TimelineSlice } from '../../src/study/interrupt-timeline.ts';
import { dataTable, element } from './dom.ts';

/** Nanoseconds by which a slice may differ from the runs of its path by rounding. */
const ROUNDING = 0.01;

/** What the steps of a slice cost, and the numbers behind them with range, kind and source. */
export function stepDetails({ paths }: Pick<InterruptTimeline, 'paths'>, { context, path, from, to, count }: TimelineSlice): HTMLElement {
  const took = (to - from) * 1e3;
  const { ns = 0, steps = [] } = paths[path] ?? {};
  const whole = count > 0 && Math.abs(took - count * ns) < ROUNDING * count;
  const byBytes = steps.some(({ costs }) => costs.some(({ unit }) => unit.endsWith('/byte')));
  const note = whole ? `${count} × ${ns.toFixed(2)} ns` : byBytes || steps.length === 0 ? 'its length depends on the bytes' : `one run costs ${ns.toFixed(2)} ns; this stretch is a part of it, or it was interrupted`;
  const rows = steps.map(({ label, times, ns: price, costs }) => [
    label, number(times === 1 ? '' : `× ${times}`), number(price.toFixed(2)), number(ns === 0 ? '' : `${((price / ns) * 100).toFixed(1)} %`),
    element('ul', { class: 'sources' }, ...costs.map((cost) => element('li', {}, element('b', {}, `${cost.id} = ${cost.value} ${cost.unit}`), ` (${rangeOf(cost)}${cost.kind}): ${cost.source}`))),
  ]);
  return element('div', {}, element('p', {}, element('b', {}, path), ` in ${context}: ${took.toFixed(1)} ns from ${from.toFixed(3)} µs; ${note}`), dataTable(['step', '', 'ns', 'share', 'cost, range, kind and source'], rows, `Steps of ${path}`));
}

function rangeOf({ low, high }: Cost): string {
  return low === high ? '' : `${low} to ${high}, `;
}

function number(text: string) {
  return { text, kind: 'number' };
}
