import { systemStyle } from '../src/chart/style.ts';
import { tornado } from '../src/chart/tornado.ts';
import type { Cost } from '../src/hw/cost.ts';
import { FIGURE_SYSTEMS } from '../src/study/claims.ts';
import { defaultCosts } from '../src/study/cost-tables.ts';
import { costsRead } from '../src/study/cost-use.ts';
import type { Quantity } from '../src/study/quantities.ts';
import type { Swing } from '../src/study/sensitivity.ts';
import { tableOf } from '../src/study/tables.ts';
import { type Control, type Form, form } from './lib/controls.ts';
import { button, copyButton, dataTable, element, Status } from './lib/dom.ts';
import { Figure } from './lib/figure.ts';
import { commandOf, FULL, type Job, studyOf } from './lib/job.ts';
import { QUICK, QUICK_BATCH } from './lib/quick.ts';
import { Simulator } from './lib/simulator.ts';
import { UrlState } from './lib/url-state.ts';

const CONTROLS: readonly Control[] = [
  { kind: 'choice', name: 'system', label: 'system', choices: FIGURE_SYSTEMS.map((name) => [name, systemStyle(name, 0).label] as const) },
  { kind: 'range', name: 'load', label: 'load', low: 20, high: 940, step: 20, show: () => 'Mb/s of payload' },
  { kind: 'choice', name: 'pacing', label: 'sender', choices: [['fq', 'fq bursts'], ['onoff', 'on/off at 10 Hz'], ['even', 'evenly spaced']] },
];

/** Every number of the model with its range and source; one that is moved inside its range moves utilisation at once. */
export class CostsPage {
  readonly controls: Form;
  readonly tornado = new Figure('tornado', 'What each cost can move');
  readonly status = new Status();
  readonly answer: HTMLElement = element('p', { class: 'answer', role: 'status' });
  readonly table: HTMLElement = element('div');
  readonly toolbar: HTMLElement;
  readonly search: HTMLInputElement = element('input', { type: 'search', placeholder: 'cost, kind or source', 'aria-label': 'Search the costs' });
  private readonly state = new UrlState({ system: 'sel4-msi', load: '900', pacing: 'fq', costs: '', find: '' });
  private readonly quick = new Simulator(false);
  private readonly sweep = new Simulator(false);
  private readonly rows = defaultCosts().rows();
  /** Costs that have been moved. */
  private readonly moved = new Map<string, number>();
  private base: number | null = null;

  constructor() {
    this.controls = form(CONTROLS, this.state);
    for (const part of this.state.get('costs').split(',')) {
      const [id = '', value = ''] = part.split('=');
      if (this.rows.some((row) => row.id === id) && Number.isFinite(Number(value))) this.moved.set(id, Number(value));
    }
    this.search.value = this.state.get('find');
    this.toolbar = element('div', { class: 'toolbar' },
      button('all as published', () => this.reset()), copyButton('copy link', () => new URL(this.state.link(), location.href).href), copyButton('copy as command', () => commandOf(this.job(FULL))),
      button('what matters most', () => void this.rank(), 'Move every cost to the ends of its range, one at a time'));
    this.controls.addEventListener('input', () => {
      this.base = null;
      this.listCosts();
      void this.simulate();
    });
    this.search.addEventListener('input', () => {
      this.state.set({ find: this.search.value });
      this.listCosts();
    });
    this.listCosts();
  }

  /** Utilisation with the costs as they are set, beside that with all as published. */
  async simulate(): Promise<void> {
    const published = { ...this.job(QUICK), set: [] };
    const jobs = this.base === null ? [published, this.job(QUICK)] : [this.job(QUICK)];
    const outcome = await this.quick.run(jobs, { batch: QUICK_BATCH });
    if (outcome.kind === 'refused') return this.status.complain(outcome.message);
    if (outcome.kind === 'cancelled') return;
    const now = outcome.results.at(-1);
    this.base ??= outcome.results[0]?.result.utilisation ?? null;
    if (now === undefined || this.base === null) return;
    this.answer.dataset['result'] = JSON.stringify({ job: now.job, result: now.result });
    const { utilisation, kernelShare } = now.result;
    const difference = (utilisation - this.base) * 100;
    this.answer.textContent = `${(utilisation * 100).toFixed(3)} % of the CPU (95 %: ± ${((now.batches?.half ?? 0) * 100).toFixed(3)}), ${(kernelShare * 100).toFixed(3)} % in the kernel${this.moved.size === 0 ? ', all costs as published' : `; ${difference >= 0 ? '+' : ''}${difference.toFixed(3)} points against the published costs`}`;
  }

  /** Every cost that the system reads at both ends of its range, one at a time. */
  async rank(): Promise<void> {
    const job = this.job(QUICK);
    const { scenario, costs } = studyOf(job);
    const read = costsRead(scenario, costs);
    const varied = costs.rows().filter(({ id, low, high }) => read.has(id) && low < high);
    const ends = varied.flatMap((cost) => [cost.low, cost.high].map((value) => ({ cost, value })));
    const jobs = [job, ...ends.map(({ cost, value }) => this.with(job, `cost.${cost.id}=${value}`))];
    const begun = performance.now();
    const outcome = await this.sweep.run(jobs, { progress: (_result, done, total) => this.status.say(`${done} of ${total} short runs`) });
    if (outcome.kind === 'refused') return this.status.complain(outcome.message);
    if (outcome.kind === 'cancelled') return;
    const [first, ...others] = outcome.results;
    const base = first?.result.utilisation ?? 0;
    const quantity: Quantity = { id: 'u', label: `CPU utilisation, ${systemStyle(job.system, 0).label}`, unit: 'share', claim: null };
    const swings = varied.map((cost, index): Swing => {
      const at = (end: number): number | null => others[2 * index + end]?.result.utilisation ?? null;
      const values = [base, at(0) ?? base, at(1) ?? base];
      return { cost, quantity, base, atLow: cost.low === cost.value ? base : at(0), atHigh: cost.high === cost.value ? base : at(1), swing: Math.max(...values) - Math.min(...values), holds: null, holdsAtLow: null, holdsAtHigh: null };
    }).toSorted((a, b) => b.swing - a.swing);
    await this.tornado.update(tornado({ swings, baseLines: [{ quantity, value: base, holds: null, long: null, noise: 0 }], loadMbps: job.load }),
      tableOf(swings.map(({ cost, atLow, atHigh, swing }) => ({ cost: cost.id, unit: cost.unit, value: cost.value, low: cost.low, high: cost.high, utilisation: base, at_low: atLow, at_high: atHigh, swing }))));
    this.status.say(`${jobs.length} runs of ${(QUICK.duration - QUICK.warmup).toFixed(1)} s in ${((performance.now() - begun) / 1e3).toFixed(1)} s; ${varied.length} costs have a range and are read by this system`);
  }

  private with(job: Job, setting: string): Job {
    return { ...job, set: [...job.set, setting] };
  }

  private job(window: Pick<Job, 'duration' | 'warmup'>): Job {
    const { system = 'sel4-msi', load = '900', pacing = 'fq' } = this.controls.value;
    return { system, load: Number(load), pacing: pacing === 'onoff' || pacing === 'even' ? pacing : 'fq', ...window, run: 0, set: [...this.moved].map(([id, value]) => `cost.${id}=${value}`) };
  }

  private listCosts(): void {
    const { scenario, costs } = studyOf({ ...this.job(QUICK), set: [] });
    const read = costsRead(scenario, costs);
    const wanted = this.search.value.trim().toLowerCase();
    const shown = this.rows.filter((row) => read.has(row.id) && (wanted === '' || [row.id, row.kind, row.unit, row.source].some((text) => text.toLowerCase().includes(wanted))));
    const rows = shown.map((row) => [row.id, this.slider(row), row.unit, row.kind, { text: row.source, kind: 'source' }]);
    this.table.replaceChildren(element('p', { class: 'status' }, `${shown.length} of ${this.rows.length} costs; the others are not read by this system, or do not match`), dataTable(['cost', 'value in its range', 'unit', 'kind', 'source'], rows, 'Costs', 'tall'));
  }

  private slider(row: Cost): HTMLElement {
    const value = this.moved.get(row.id) ?? row.value;
    if (row.low === row.high) return element('span', {}, String(row.value));
    const slider = element('input', { type: 'range', min: String(row.low), max: String(row.high), step: String((row.high - row.low) / 200), 'aria-label': row.id });
    slider.value = String(value);
    const told = element('output', {}, `${value} (${row.low} to ${row.high})`);
    slider.addEventListener('input', () => {
      const set = Number(Number(slider.value).toPrecision(6));
      this.moved.set(row.id, set);
      told.textContent = `${set} (${row.low} to ${row.high}; published ${row.value})`;
      this.remember();
      void this.simulate();
    });
    return element('span', { class: 'cost' }, slider, told);
  }

  private remember(): void {
    this.state.set({ costs: [...this.moved].map(([id, value]) => `${id}=${value}`).join(',') });
  }

  private reset(): void {
    this.moved.clear();
    this.remember();
    this.listCosts();
    void this.simulate();
  }
}
