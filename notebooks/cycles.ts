import { differenceFlameGraph, flameGraph } from '../src/chart/flame-graph.ts';
import { systemStyle } from '../src/chart/style.ts';
import { interruptChart } from '../src/chart/timeline.ts';
import { FIGURE_SYSTEMS } from '../src/study/claims.ts';
import type { InterruptTimeline, TimelineSlice } from '../src/study/interrupt-timeline.ts';
import { runsTable, tableOf } from '../src/study/tables.ts';
import { Asker } from './lib/ask.ts';
import { type Control, type Form, form } from './lib/controls.ts';
import { button, copyButton, dataTable, element, Status } from './lib/dom.ts';
import { Figure, wide } from './lib/figure.ts';
import { commandOf, FULL, type Job, settingsFor } from './lib/job.ts';
import type { JobResult } from './lib/protocol.ts';
import { QUICK } from './lib/quick.ts';
import { pacingOf } from './lib/settings.ts';
import { Simulator } from './lib/simulator.ts';
import { stacksOf } from './lib/stacks.ts';
import { stepDetails } from './lib/step-details.ts';
import type { TimelineQuestion } from './lib/timeline-worker.ts';
import { UrlState } from './lib/url-state.ts';

const SYSTEMS = FIGURE_SYSTEMS.map((name) => [name, systemStyle(name, 0).label] as const);

function runControls(which: 'a' | 'b', label: string): Control {
  return {
    kind: 'group', label, open: true,
    controls: [
      { kind: 'choice', name: `${which}System`, label: 'system', choices: SYSTEMS },
      { kind: 'range', name: `${which}Load`, label: 'load', low: 20, high: 940, step: 20, show: () => 'Mb/s of payload' },
      { kind: 'text', name: `${which}Set`, label: 'settings', example: 'nic.throttle=8000/s cost.hpet.read=400ns', means: 'what --set of the command line takes, separated by spaces' },
    ],
  };
}

const CONTROLS: readonly Control[] = [
  runControls('a', 'first run'),
  runControls('b', 'second run'),
  { kind: 'choice', name: 'pacing', label: 'sender', choices: [['fq', 'fq bursts'], ['onoff', 'on/off at 10 Hz'], ['even', 'evenly spaced']] },
];
const TIMELINE_CONTROLS: readonly Control[] = [
  { kind: 'range', name: 'nth', label: 'interrupt', low: 1, high: 40, step: 1, means: 'counted from 0.3 s after the start, those with frames only', show: () => 'of those with frames, from 0.3 s on' },
];
const STANDARD = { aSystem: 'sel4-pic', aLoad: '900', aSet: '', bSystem: 'sel4-msi', bLoad: '900', bSet: '', pacing: 'fq', nth: '1', from: '', to: '' };

/** Where the time of one run goes, how another differs, and one interrupt step by step. */
export class CyclesPage {
  readonly controls: Form;
  readonly timelineControls: HTMLElement;
  readonly toolbar: HTMLElement;
  readonly flame = new Figure('flame', 'Where the time of the first run goes');
  readonly difference = new Figure('difference', 'Where the second run differs from the first');
  readonly timeline = new Figure('interrupt', 'One interrupt from the wire to read()');
  readonly status = new Status();
  readonly timelineStatus = new Status();
  readonly details: HTMLElement = element('div', { class: 'details', role: 'status' });
  readonly steps: HTMLElement = element('div');
  private readonly state = new UrlState(STANDARD);
  private readonly quick = new Simulator(false);
  private readonly full = new Simulator(true);
  private readonly asker = new Asker<TimelineQuestion, InterruptTimeline>(() => new Worker(new URL('./lib/timeline-worker.ts', import.meta.url), { type: 'module' }));
  private readonly interruptForm: Form;
  private shown: InterruptTimeline | null = null;

  constructor() {
    this.controls = form(CONTROLS, this.state);
    this.interruptForm = form(TIMELINE_CONTROLS, this.state);
    this.toolbar = element('div', { class: 'toolbar' }, button('swap', () => this.swap(), 'Exchange the two runs'), copyButton('copy link', () => new URL(this.state.link(), location.href).href), copyButton('copy as commands', () => this.jobs(FULL).map(commandOf).join('\n')));
    this.timelineControls = element('div', {}, this.interruptForm, element('div', { class: 'toolbar' },
      button('all of it', () => this.view(0, this.shown?.end ?? 0)), button('from its raising on', () => this.view(...this.handling())),
      button('zoom in', () => this.zoom(0.5, 0)), button('zoom out', () => this.zoom(2, 0)), button('←', () => this.zoom(1, -0.5), 'earlier'), button('→', () => this.zoom(1, 0.5), 'later')));
    this.controls.addEventListener('input', () => void this.simulate());
    this.interruptForm.addEventListener('input', () => void this.watch());
    this.timeline.picked = (datum) => {
      if (typeof datum === 'object' && datum !== null && 'index' in datum && typeof datum.index === 'number') this.show(datum.index);
    };
  }

  /** Both runs for a short window and the timeline, then both for 20 s. */
  async simulate(): Promise<void> {
    this.full.cancel();
    const begun = performance.now();
    const quick = await this.quick.run(this.jobs(QUICK));
    if (quick.kind === 'cancelled') return;
    if (quick.kind === 'refused') return this.status.complain(quick.message);
    await this.draw(quick.results);
    this.status.say(`${(QUICK.duration - QUICK.warmup).toFixed(1)} s of each after ${QUICK.warmup} s; ${(performance.now() - begun).toFixed(0)} ms. The 20 s runs follow ...`);
    await this.watch();
    const full = await this.full.run(this.jobs(FULL));
    if (full.kind === 'cancelled') return;
    if (full.kind === 'refused') return this.status.complain(full.message);
    await this.draw(full.results);
    this.status.say('20 s of each, of which the first 10 are ignored, as in the paper');
  }

  private async draw([a, b]: readonly JobResult[]): Promise<void> {
    if (a === undefined || b === undefined) return;
    const width = wide(900);
    const percent = ({ result }: JobResult): string => `${(result.utilisation * 100).toFixed(2)} %`;
    await Promise.all([
      this.flame.update(flameGraph(stacksOf(a.result), { title: `${nameOf(a.job)}: ${percent(a)} of the CPU`, unit: '% of CPU time', root: 'busy', width }), runsTable([a.result])),
      this.difference.update(differenceFlameGraph(stacksOf(b.result, a.result), { title: `${nameOf(a.job)}: ${percent(a)}`, subtitle: `to ${nameOf(b.job)}: ${percent(b)}`, unit: '% of CPU time', root: 'busy', width }), runsTable([a.result, b.result])),
    ]);
  }

  /** One interrupt of the first run. */
  private async watch(): Promise<void> {
    const [job] = this.jobs(QUICK);
    if (job === undefined) return;
    const begun = performance.now();
    const answered = await this.asker.ask({ job, nth: Number(this.interruptForm.value['nth']) });
    if (answered.kind === 'cancelled') return;
    if (answered.kind === 'refused') return this.timelineStatus.complain(answered.message);
    const timeline = answered.answer;
    this.shown = timeline;
    const { frames, raised, delivered, read, end } = timeline;
    const times = [`${frames} frame${frames === 1 ? '' : 's'} in memory when the NIC raised it after ${raised.toFixed(1)} µs`, `the core took it ${((delivered - raised) * 1e3).toFixed(0)} ns later`, ...(read === null ? [] : [`the last read() returned at ${read.toFixed(1)} µs`]), `idle again at ${end.toFixed(1)} µs`];
    this.timelineStatus.say(`${times.join('; ')} (${(performance.now() - begun).toFixed(0)} ms)`);
    this.steps.replaceChildren(this.table(timeline));
    this.details.replaceChildren();
    await this.drawTimeline();
  }

  private async drawTimeline(): Promise<void> {
    if (this.shown === null) return;
    const [from, to] = this.range(this.shown);
    const rows = this.shown.slices.map(({ context, path, from: begin, to: finish, count }) => ({ context, path, from_us: begin, to_us: finish, runs: count }));
    await this.timeline.update(interruptChart(this.shown, { from, to, width: wide(900) - 150 }), tableOf(rows));
  }

  private range(timeline: InterruptTimeline): [number, number] {
    const [from, to] = [Number.parseFloat(this.state.get('from')), Number.parseFloat(this.state.get('to'))];
    return from < to && from < timeline.end ? [from, to] : this.handling();
  }

  /** From shortly before the NIC raises it to the end. */
  private handling(): [number, number] {
    const { raised = 0, end = 0 } = this.shown ?? {};
    return [Math.max(0, raised - (end - raised) * 0.05), end + (end - raised) * 0.02];
  }

  private zoom(factor: number, shift: number): void {
    if (this.shown === null) return;
    const [from, to] = this.range(this.shown);
    const length = Math.min((to - from) * factor, this.shown.end * 1.02);
    const middle = (from + to) / 2 + (to - from) * shift;
    const begin = Math.max(0, Math.min(middle - length / 2, this.shown.end * 1.02 - length));
    this.view(begin, begin + length);
  }

  private view(from: number, to: number): void {
    this.state.set({ from: from.toFixed(3), to: to.toFixed(3) });
    void this.drawTimeline();
  }

  private show(index: number): void {
    const slice = this.shown?.slices[index];
    if (this.shown === null || slice === undefined) return;
    this.details.replaceChildren(stepDetails(this.shown, slice));
  }

  private table({ slices, delivered, end }: InterruptTimeline): HTMLElement {
    const handled = slices.filter(({ from, context }) => from >= delivered - 1e-9 && context !== 'idle');
    const share = ({ from, to }: TimelineSlice): string => `${(((to - from) / (end - delivered)) * 100).toFixed(2)} %`;
    const number = (text: string) => ({ text, kind: 'number' });
    const rows = handled.map((slice) => [
      number(slice.from.toFixed(3)), slice.context, button(slice.path, () => this.show(slices.indexOf(slice)), 'Its steps, what each costs and why'), number(`× ${slice.count}`), number(((slice.to - slice.from) * 1e3).toFixed(1)), number(share(slice)),
    ]);
    const label = 'Every step from the delivery to idle';
    return element('details', {}, element('summary', {}, `${label} (${rows.length})`), dataTable(['µs', 'context', 'path', 'runs', 'ns', 'of the time'], rows, label, 'tall'));
  }

  private jobs(window: Pick<Job, 'duration' | 'warmup'>): [Job, Job] {
    const { value } = this.controls;
    const job = (which: 'a' | 'b'): Job => {
      const system = value[`${which}System`] ?? 'sel4-msi';
      const set = (value[`${which}Set`] ?? '').split(/\s+/).filter((text) => text !== '');
      return { system, load: Number(value[`${which}Load`]), pacing: pacingOf(value), ...window, run: 0, set: settingsFor(system, set) };
    };
    return [job('a'), job('b')];
  }

  private swap(): void {
    for (const name of ['System', 'Load', 'Set']) {
      const [a, b] = [this.state.get(`a${name}`), this.state.get(`b${name}`)];
      this.state.set({ [`a${name}`]: b, [`b${name}`]: a });
    }
    location.reload();
  }
}

function nameOf({ system, load, set }: Job): string {
  return `${systemStyle(system, 0).label} at ${load} Mb/s${set.length === 0 ? '' : ` with ${set.join(' ')}`}`;
}
