import { fig4 } from '../src/chart/fig4.ts';
import { fig5, hasKernel } from '../src/chart/fig5.ts';
import { flameGraph } from '../src/chart/flame-graph.ts';
import { systemStyle } from '../src/chart/style.ts';
import { FIGURE_SYSTEMS } from '../src/study/claims.ts';
import { FIGURE_LOADS } from '../src/study/grid.ts';
import { PointSet } from '../src/study/points.ts';
import { judgeShort } from '../src/study/quantities.ts';
import { fig4Table, fig5Table, runsTable } from '../src/study/tables.ts';
import { type Control, type Form, form, type Values } from './lib/controls.ts';
import { button, copyButton, dataTable, element, Status } from './lib/dom.ts';
import { Figure, narrow, wide } from './lib/figure.ts';
import { commandOf, FULL, type Job } from './lib/job.ts';
import { RECORDED, recordedAt } from './lib/recorded.ts';
import type { JobResult } from './lib/protocol.ts';
import { QUICK, QUICK_BATCH } from './lib/quick.ts';
import { PAPER_CONTROLS, PAPER_SETTINGS, pacingOf, settingsOf } from './lib/settings.ts';
import { Simulator } from './lib/simulator.ts';
import { stacksOf } from './lib/stacks.ts';
import { Stopwatch } from './lib/stopwatch.ts';
import { UrlState } from './lib/url-state.ts';

const INPUT: Control = {
  kind: 'choice', name: 'input', label: 'input', choices: [['simulated', 'simulated client'], ['recorded', 'recorded frames (open loop)']],
  means: 'a TCP sender that listens to the ACKs, or frames of iperf3 as they were recorded on a link of 1 Gb/s, which do not',
};

/** The point whose reasons are shown. */
interface Choice {
  readonly system: string;
  readonly load: number;
}

/**
 * The paper's figures 4 and 5 and its claims under settings that can be moved: at once from a short window, then from the paper's 20 s in the background.
 */
export class PaperPage {
  readonly controls: Form;
  readonly fig4 = new Figure('fig4', 'CPU utilisation against offered load');
  readonly fig5 = new Figure('fig5', 'Kernel time by operation');
  readonly flame = new Figure('where', 'Where the time of one point goes');
  readonly status = new Status();
  readonly claims: HTMLElement = element('div');
  readonly toolbar: HTMLElement;
  readonly chooser: HTMLElement;
  private readonly state = new UrlState({ ...PAPER_SETTINGS, input: 'simulated', system: 'sel4-msi', load: '900' });
  private readonly quick = new Simulator(false);
  private readonly full = new Simulator(true);
  private readonly command: HTMLElement = element('pre', { class: 'command' });
  private results = new Map<string, JobResult>();
  private values: Values;
  private readonly stopwatch = new Stopwatch();

  constructor() {
    this.controls = form([INPUT, ...PAPER_CONTROLS], this.state);
    this.values = this.controls.value;
    const stop = button('stop', () => {
      this.quick.cancel();
      this.full.cancel();
      this.status.say('stopped; what is drawn had been simulated by then');
    }, 'Cancel what is being simulated');
    this.toolbar = element('div', { class: 'toolbar' }, stop, button('paper\'s settings', () => this.reset()), copyButton('copy link', () => new URL(this.state.link(), location.href).href), copyButton('copy as command', () => commandOf(this.chosenJob())));
    this.chooser = this.makeChooser();
    this.controls.addEventListener('input', () => void this.simulate());
    // A chart is drawn for the width of the page.
    matchMedia('(max-width: 759px)').addEventListener('change', () => void this.draw());
  }

  /** The command line of the chosen point, for all to read. */
  get commandLine(): HTMLElement {
    return this.command;
  }

  /** Simulates what the controls say: the chosen point first, then all for a short window, then the paper's 20 s; of recorded frames all there is. */
  async simulate(): Promise<void> {
    const moved = this.values;
    this.values = this.controls.value;
    this.full.cancel();
    if (moved['input'] !== this.values['input'] || moved['pacing'] !== this.values['pacing']) this.results.clear();
    if (this.recorded && pacingOf(this.values) === 'even') return this.status.complain('evenly spaced frames have not been recorded; choose another sender, or the simulated client');
    const quick = this.chosenFirst(this.jobs(QUICK));
    this.stopwatch.start();
    this.status.say(`simulating ${quick.length} points ...`);
    const first = async (result: JobResult): Promise<void> => {
      await this.drawFig4();
      this.stopwatch.point(result.milliseconds);
    };
    const outcome = await this.quick.run(quick, {
      batch: QUICK_BATCH,
      progress: (result, done) => {
        this.take(result);
        if (done === 1) void first(result);
      },
    });
    if (outcome.kind === 'cancelled') return;
    if (outcome.kind === 'refused') return this.status.complain(outcome.message);
    await this.draw();
    this.stopwatch.all();
    if (this.recorded) return this.status.say(`Open loop: recorded frames of iperf3 on a shaped link, as they came, whatever a system does; ${quick.length} points of ${(RECORDED.duration - RECORDED.warmup).toFixed(1)} s, bars: 95 % intervals. ${this.stopwatch.text}${this.invalid()}`);
    const rare = pacingOf(this.values) === 'onoff' ? ' So short a window sees none of the rare losses of on/off.' : '';
    this.status.say(`${quick.length} points of ${(QUICK.duration - QUICK.warmup).toFixed(1)} s after ${QUICK.warmup} s, bars: 95 % intervals.${rare} ${this.stopwatch.text} The 20 s runs follow ...`);
    await this.simulateFully();
  }

  /** Where recorded frames do not answer what is asked. */
  private invalid(): string {
    const invalid = [...this.results.values()].filter(({ result }) => result.warnings.some((warning) => warning.includes('not valid')));
    return invalid.length === 0 ? '' : ` Not valid, since a sender that listens would have slowed down or waited: ${invalid.map(({ job }) => `${systemStyle(job.system, 0).label} at ${job.load}`).join(', ')} Mb/s.`;
  }

  private async simulateFully(): Promise<void> {
    const jobs = this.chosenFirst(this.jobs(FULL));
    const begun = performance.now();
    let drawn = begun;
    const outcome = await this.full.run(jobs, {
      progress: (result, done, total) => {
        this.take(result);
        this.status.say(`20 s runs: ${done} of ${total}`);
        if (done > 1 && performance.now() - drawn < 500) return;
        drawn = performance.now();
        void this.draw();
      },
    });
    if (outcome.kind === 'refused') return this.status.complain(outcome.message);
    if (outcome.kind === 'cancelled') return;
    await this.draw();
    this.status.say(`${jobs.length} runs of 20 s, of which the first 10 are ignored, as in the paper; ${((performance.now() - begun) / 1e3).toFixed(1)} s`);
  }

  private get recorded(): boolean {
    return this.values['input'] === 'recorded';
  }

  private job(system: string, load: number, window: Pick<Job, 'duration' | 'warmup'>): Job {
    const pacing = pacingOf(this.values);
    const recorded = this.recorded ? (recordedAt(pacing, load) ?? undefined) : undefined;
    return { system, load, pacing, ...(recorded === undefined ? window : RECORDED), run: 0, set: settingsOf(this.values), recorded };
  }

  private jobs(window: Pick<Job, 'duration' | 'warmup'>): Job[] {
    return FIGURE_SYSTEMS.flatMap((system) => FIGURE_LOADS.map((load) => this.job(system, load, window)));
  }

  private chosenFirst(jobs: readonly Job[]): Job[] {
    const { system, load } = this.choice;
    const chosen = (job: Job): number => Number(job.system === system && job.load === load);
    return jobs.toSorted((a, b) => chosen(b) - chosen(a));
  }

  private chosenJob(): Job {
    const { system, load } = this.choice;
    return this.job(system, load, FULL);
  }

  private get choice(): Choice {
    return { system: this.state.get('system'), load: this.state.number('load') };
  }

  private take(result: JobResult): void {
    this.results.set(`${result.job.system} ${result.job.load}`, result);
  }

  /** Draws everything from the results there are. */
  async draw(): Promise<void> {
    const pacing = pacingOf(this.values);
    const points = this.points();
    if (points === null) return;
    const highest = Math.max(...points.loads);
    this.showClaims(points, pacing);
    this.command.textContent = commandOf(this.chosenJob());
    const drawings = [this.drawFig4()];
    if (points.points.some(hasKernel)) drawings.push(this.fig5.update(fig5(points, highest, narrow()), fig5Table(points)));
    drawings.push(this.drawReasons());
    await Promise.all(drawings);
  }

  private points(): PointSet | null {
    // In the figures' order, whichever came first.
    const found = this.jobs(QUICK).flatMap(({ system, load }) => this.results.get(`${system} ${load}`)?.result ?? []);
    return found.length === 0 ? null : new PointSet(found);
  }

  private async drawFig4(): Promise<void> {
    const points = this.points();
    if (points === null) return;
    const half = ({ system, loadMbps }: { system: string; loadMbps: number }): number | null => this.results.get(`${system} ${loadMbps}`)?.batches?.half ?? null;
    await this.fig4.update(fig4(points, pacingOf(this.values), [], { narrow: narrow(), trueTime: true, half }), fig4Table(points));
  }

  private async drawReasons(): Promise<void> {
    const { system, load } = this.choice;
    const found = this.results.get(`${system} ${load}`);
    if (found === undefined) return;
    this.command.dataset['result'] = JSON.stringify({ job: found.job, result: found.result });
    const spec = flameGraph(stacksOf(found.result), {
      title: `${systemStyle(system, 0).label} at ${load} Mb/s: ${(found.result.utilisation * 100).toFixed(2)} % of the CPU`, unit: '% of CPU time', root: 'busy', width: wide(900),
    });
    await this.flame.update(spec, runsTable([found.result]));
  }

  private showClaims(points: PointSet, pacing: Job['pacing']): void {
    const claims = judgeShort(points, points.loads, pacing);
    const rows = claims.map(({ id, holds, text, finding }) => [id, { text: holds === null ? 'open' : holds ? 'holds' : 'does not', kind: holds === null ? 'open' : holds ? 'yes' : 'no' }, text, finding]);
    this.claims.replaceChildren(dataTable(['claim', '', 'the paper says', 'here'], rows, 'Claims of the paper', 'claims'));
  }

  private makeChooser(): HTMLElement {
    const system = element('select', { 'aria-label': 'system' });
    for (const name of FIGURE_SYSTEMS) system.append(new Option(systemStyle(name, 0).label, name, false, name === this.state.get('system')));
    const load = element('select', { 'aria-label': 'load' });
    for (const mbps of FIGURE_LOADS) load.append(new Option(`${mbps} Mb/s`, String(mbps), false, mbps === this.state.number('load')));
    const chooser = element('div', { class: 'toolbar' }, 'Reasons of', system, 'at', load);
    chooser.addEventListener('input', () => {
      this.state.set({ system: system.value, load: load.value });
      this.command.textContent = commandOf(this.chosenJob());
      void this.drawReasons();
    });
    return chooser;
  }

  private reset(): void {
    history.replaceState(null, '', location.pathname + location.search);
    location.reload();
  }
}
