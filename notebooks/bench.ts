import { FIGURE_SYSTEMS } from '../src/study/claims.ts';
import { systemStyle } from '../src/chart/style.ts';
import { csv, tableOf } from '../src/study/tables.ts';
import { button, dataTable, element, Status } from './lib/dom.ts';
import type { Job } from './lib/job.ts';
import type { JobResult } from './lib/protocol.ts';
import { saveFile } from './lib/save-file.ts';
import { Simulator } from './lib/simulator.ts';

const LOAD = 900;
const WINDOW = { duration: 5, warmup: 0.5 } as const;
/** Rounds over all systems; the least time of each counts, since the first round is slowed by compilation. */
const ROUNDS = 3;

interface Row {
  readonly system: string;
  readonly milliseconds: number;
  readonly events: number;
  readonly frames: number;
}

/** How fast the simulator is in this browser: whole systems at 900 Mb/s in a worker. */
export class BenchPage {
  readonly status = new Status();
  readonly table: HTMLElement = element('div');
  readonly toolbar: HTMLElement;
  private readonly simulator = new Simulator(true);
  private rows: readonly Row[] = [];

  constructor() {
    this.toolbar = element('div', { class: 'toolbar' }, button('run', () => void this.run()), button('stop', () => this.simulator.cancel()), button('CSV', () => this.save()));
  }

  async run(): Promise<void> {
    const job = (system: string): Job => ({ system, load: LOAD, pacing: 'fq', ...WINDOW, run: 0, set: [] });
    const jobs = Array.from({ length: ROUNDS }, () => FIGURE_SYSTEMS.map(job)).flat();
    this.status.say('running ...');
    const outcome = await this.simulator.run(jobs, { progress: (_result, done, total) => this.status.say(`${done} of ${total} runs of ${WINDOW.duration} s`) });
    if (outcome.kind === 'refused') return this.status.complain(outcome.message);
    if (outcome.kind === 'cancelled') return this.status.say('stopped');
    this.rows = FIGURE_SYSTEMS.map((system) => best(outcome.results.filter(({ result }) => result.system === system)));
    const rows = this.rows.map(({ system, milliseconds, events, frames }) => [
      systemStyle(system, 0).label,
      ...[milliseconds.toFixed(0), (milliseconds / WINDOW.duration).toFixed(1), ((frames / milliseconds) * 1e-3).toFixed(2), ((events / milliseconds) * 1e-3).toFixed(2)].map((text) => ({ text, kind: 'number' })),
    ]);
    this.table.replaceChildren(dataTable(['system', `ms for ${WINDOW.duration} s`, 'ms a simulated second', 'million frames/s', 'million events/s'], rows, 'Speed in this browser'));
    this.status.say(`${LOAD} Mb/s, best of ${ROUNDS} rounds, in a worker of this browser: ${navigator.userAgent.replace(/^.*(Chrom\w+|Firefox|Version)\/([\d.]+).*$/, '$1 $2')}`);
  }

  private save(): void {
    if (this.rows.length > 0) saveFile('bench.csv', csv(tableOf(this.rows.map(({ system, milliseconds, events, frames }) => ({ system, milliseconds, events, frames })))), 'text/csv');
  }
}

function best(results: readonly JobResult[]): Row {
  const [first, ...others] = results;
  if (first === undefined) throw new Error('no results');
  const fastest = others.reduce((least, next) => (next.milliseconds < least.milliseconds ? next : least), first);
  const { system, counters, events, duration, warmup } = fastest.result;
  // Counts are of the measurement window; the time is of the whole run.
  const scale = duration / (duration - warmup);
  return { system, milliseconds: fastest.milliseconds, events: Math.round(events * scale), frames: Math.round(((counters['frames.in'] ?? 0) + (counters['frames.out'] ?? 0)) * scale) };
}
