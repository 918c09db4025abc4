import { overTime, type TimePanel } from '../src/chart/over-time.ts';
import { systemStyle } from '../src/chart/style.ts';
import { FIGURE_SYSTEMS } from '../src/study/claims.ts';
import { tableOf } from '../src/study/tables.ts';
import { Asker } from './lib/ask.ts';
import { type Form, form } from './lib/controls.ts';
import { button, type Cell, copyButton, dataTable, element, Status } from './lib/dom.ts';
import { Figure, narrow, wide } from './lib/figure.ts';
import { settingsFor } from './lib/job.ts';
import type { TraceReport } from './lib/trace-report.ts';
import type { Replayed, TraceAnswer, TraceQuestion } from './lib/trace-worker.ts';
import { UrlState } from './lib/url-state.ts';

const SAMPLE = { name: 'iperf3-360.pcap.gz', url: new URL('./data/iperf3-360.pcap.gz', import.meta.url).href };
const UNITS = { wire: 'on the wire (Mb/s)', hardware: 'events a second', kernel: 'entries a second', ledger: 'share of the time (%)' } as const;

/** A trace of the user's own: what it holds, and what a system makes of its frames. */
export class TracePage {
  readonly drop: HTMLElement;
  readonly about: HTMLElement = element('div');
  readonly replayPart: HTMLElement = element('div', { hidden: '' });
  readonly over = new Figure('trace', 'Over time');
  readonly answer: HTMLElement = element('div');
  readonly contents: HTMLElement = element('div');
  readonly status = new Status();
  private readonly state = new UrlState({ system: 'sel4-msi', set: '', local: '' });
  private readonly asker = new Asker<TraceQuestion, TraceAnswer, number>(() => new Worker(new URL('./lib/trace-worker.ts', import.meta.url), { type: 'module' }));
  private readonly choice: Form;
  private readonly local: HTMLInputElement;
  private name = '';
  private file: Blob | null = null;
  private report: TraceReport | null = null;

  constructor() {
    const input = element('input', { type: 'file', id: 'trace-file' });
    input.addEventListener('change', () => {
      const [file] = input.files ?? [];
      if (file !== undefined) void this.read(file, file.name);
    });
    this.local = element('input', { type: 'text', id: 'trace-local', placeholder: 'the end that got most payload', spellcheck: 'false' });
    this.local.value = this.state.get('local');
    this.local.addEventListener('change', () => {
      this.state.set({ local: this.local.value.trim() });
      if (this.file !== null) void this.read(this.file, this.name);
    });
    this.drop = element('div', { class: 'drop' },
      element('p', {}, element('label', { for: 'trace-file' }, 'Drop a file here, or choose one: '), input),
      element('p', {}, element('label', { for: 'trace-local' }, 'Address of the machine whose trace it is to be (captures): '), this.local),
      element('div', { class: 'toolbar' }, button('try this one', () => void this.sample(), 'A quarter of a second of iperf3 at 360 Mb/s, recorded on Linux'), button('stop', () => this.stop())));
    this.acceptDrops();
    this.over.element.hidden = true;
    this.choice = form([
      { kind: 'choice', name: 'system', label: 'system', choices: FIGURE_SYSTEMS.map((name) => [name, systemStyle(name, 0).label] as const) },
      { kind: 'text', name: 'set', label: 'settings', example: 'nic.throttle=8000/s cost.hpet.read=400ns', means: 'what --set of the command line takes, separated by spaces' },
    ], this.state);
    this.choice.addEventListener('input', () => void this.replay());
    this.replayPart.append(
      element('h2', {}, 'These frames, to another system'), this.choice,
      element('div', { class: 'toolbar' }, copyButton('copy link', () => new URL(this.state.link(), location.href).href), copyButton('copy as command', () => this.command())));
  }

  /** Reads a file; drives the chosen system with it where it holds frames. */
  async read(file: Blob, name: string): Promise<void> {
    this.file = file;
    this.name = name;
    this.report = null;
    for (const part of [this.about, this.answer, this.contents]) part.replaceChildren();
    this.replayPart.hidden = true;
    this.over.element.hidden = true;
    this.status.say(`reading ${name} ...`);
    const answered = await this.asker.ask({ kind: 'read', file, name, local: this.local.value.trim() }, (bytes) => this.status.say(`reading ${name}: ${(bytes / 1e6).toFixed(1)} MB`));
    if (answered.kind === 'refused') return this.status.complain(answered.message);
    if (answered.kind === 'cancelled' || answered.answer.kind !== 'read') return;
    const { report } = answered.answer;
    this.report = report;
    const { contents, metadata } = report;
    this.status.say(`${name}: a ${metadata.kind} trace, ${contents.rows.toLocaleString('en')} rows in ${contents.seconds.toPrecision(4)} s`);
    this.describe(report);
    if (metadata.kind === 'wire') {
      this.replayPart.hidden = false;
      await this.replay();
    } else {
      await this.draw([]);
    }
  }

  private async replay(): Promise<void> {
    if (this.report?.metadata.kind !== 'wire') return;
    const { system = '', set = '' } = this.choice.value;
    this.status.say(`${systemStyle(system, 0).label} gets the frames ...`);
    const begun = performance.now();
    const answered = await this.asker.ask({ kind: 'replay', system, set: settings(set), interval: this.report.interval });
    if (answered.kind === 'refused') {
      this.answer.replaceChildren();
      await this.draw([]);
      return this.status.complain(answered.message);
    }
    if (answered.kind === 'cancelled' || answered.answer.kind !== 'replayed') return;
    const { replayed } = answered.answer;
    this.show(replayed);
    this.status.say(`${this.name}: ${replayed.result.duration} s simulated in ${(performance.now() - begun).toFixed(0)} ms`);
    await this.draw([{ title: 'CPU utilisation (%)', series: [{ name: systemStyle(system, 0).label, values: replayed.utilisation.map((share) => share * 100) }] }], replayed);
  }

  private show({ result, flow }: Replayed): void {
    const { utilisation, throughputMbps, latencyUs, counters, warmup, duration, warnings } = result;
    const count = (name: string): number => counters[name] ?? 0;
    const facts: Cell[][] = [
      ['CPU utilisation', number(`${(utilisation * 100).toFixed(2)} %`)],
      ['payload that read() returned', number(`${throughputMbps.toFixed(2)} Mb/s`)],
      ['from wire to read(), mean', number(`${latencyUs.mean.toFixed(1)} µs`)],
      ['frames in', number(count('frames.in').toLocaleString('en'))],
      ['frames lost', number(count('frames.dropped').toLocaleString('en'))],
    ];
    this.answer.dataset['result'] = JSON.stringify(result);
    this.answer.replaceChildren(
      dataTable(['', `from ${warmup.toPrecision(4)} to ${duration.toPrecision(4)} s`], facts, 'What the system made of the frames', 'small'),
      list([`Open loop: the frames come as they were recorded${flow === 0 ? '' : ` (the data of connection ${flow} are read)`}, whatever this system does; the first half is ignored.`, ...warnings]));
  }

  private async draw(panels: readonly TimePanel[], replayed: Replayed | null = null): Promise<void> {
    if (this.report === null) return;
    const { series, interval, metadata } = this.report;
    const all: TimePanel[] = replayed === null ? [{ title: UNITS[metadata.kind], series }] : [...panels, { title: UNITS[metadata.kind], series }];
    const rows = all.flatMap((panel) => panel.series.flatMap(({ name, values }) => values.map((value, index) => ({ quantity: panel.title, what: name, from_s: index * interval, value }))));
    this.over.element.hidden = false;
    await this.over.update(overTime(all, { description: `${this.name} over time`, interval, ignored: replayed?.result.warmup ?? 0, width: narrow() ? wide(760) - 60 : wide(900) - 200 }), tableOf(rows));
  }

  private describe({ metadata, contents, priced, warnings }: TraceReport): void {
    const { clock, producer, loop } = metadata;
    this.about.replaceChildren(list([
      `Recorded by ${[producer.name, producer.version].filter((text) => text !== '').join(' ')}; clock: ${clock.domain}, in ${clock.unit}; ${loop} loop.`,
      ...(metadata.recorded.notes === undefined ? [] : [metadata.recorded.notes.split('\n')[0] ?? '']), ...warnings,
    ]));
    const perSecond = (count: number): string => (contents.seconds > 0 ? rounded(count / contents.seconds) : '');
    const tables = contents.groupings.slice(0, 1).map(({ by, sums, groups }) => dataTable([by.join(', '), 'rows', 'a second', ...sums], groups.map(({ names, rows, sums: values }) => [names.join(', '), number(rows.toLocaleString('en')), number(perSecond(rows)), ...values.map((value) => number(value.toLocaleString('en')))]), 'What the trace holds'));
    this.contents.replaceChildren(element('h2', {}, 'What it holds'), ...tables);
    if (priced === null) return;
    const { trace, controller, timer } = priced;
    const rows = trace.lines.map(({ account, count, instructions, value, low, high }) => [account, number(Math.round(count).toLocaleString('en')), number(Math.round(instructions).toLocaleString('en')), number(value.toFixed(3)), number(`${low.toFixed(3)} to ${high.toFixed(3)}`), number(contents.seconds > 0 ? `${(value / contents.seconds / 10).toFixed(3)} %` : '')]);
    this.contents.append(
      element('h2', {}, 'What it would cost on the paper\'s machine'),
      element('p', {}, `${(trace.share.value * 100).toFixed(2)} % of the CPU (${(trace.share.low * 100).toFixed(1)} to ${(trace.share.high * 100).toFixed(1)} over the ranges of the costs); interrupts by ${controller ?? 'an unknown controller'}, timer ${timer ?? 'unknown'}.`),
      dataTable(['account', 'entries', 'instructions', 'ms', 'range', 'of CPU'], rows, 'Prices'),
      list(['Open loop: as many interrupts, calls and accesses as were recorded, whatever they cost here.', ...trace.notes]));
  }

  private command(): string {
    const { system = '', set = '' } = this.choice.value;
    const local = this.local.value.trim();
    const file = this.name === '' ? 'FILE' : this.name;
    const replayed = local === '' ? file : 'wire.arrow';
    const convert = local === '' ? '' : `npx rumpsim trace convert ${quoted(file)} wire.arrow --local ${local} && `;
    return `${convert}npx rumpsim run ${system} --replay ${quoted(replayed)}${settingsFor(system, settings(set)).map((text) => ` --set ${quoted(text)}`).join('')} --json`;
  }

  private async sample(): Promise<void> {
    const answer = await fetch(SAMPLE.url);
    if (!answer.ok) return this.status.complain(`the sample cannot be fetched: ${answer.status}`);
    await this.read(await answer.blob(), SAMPLE.name);
  }

  private stop(): void {
    this.asker.cancel(true);
    this.status.say('stopped; choose the file again to go on');
  }

  private acceptDrops(): void {
    const over = (event: DragEvent): void => {
      event.preventDefault();
      this.drop.classList.toggle('over', event.type === 'dragover');
    };
    // The whole page takes a file: one that misses the field would replace the page.
    document.addEventListener('dragover', over);
    document.addEventListener('dragleave', over);
    document.addEventListener('drop', (event) => {
      over(event);
      const file = event.dataTransfer?.files[0];
      if (file !== undefined) void this.read(file, file.name);
    });
  }
}

function settings(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function quoted(text: string): string {
  return /[^\w./=:@%+-]/.test(text) ? `'${text.replaceAll("'", String.raw`'\''`)}'` : text;
}

function list(lines: readonly string[]): HTMLElement {
  return element('ul', { class: 'notes' }, ...lines.map((line) => element('li', {}, line)));
}

function number(text: string): Cell {
  return { text, kind: 'number' };
}

function rounded(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
