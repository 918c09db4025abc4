import { paretoFront, type RingCell, ringMap, tradeOff, type TradeOff } from '../src/chart/trade-off.ts';
import { FIGURE_SYSTEMS } from '../src/study/claims.ts';
import { tableOf } from '../src/study/tables.ts';
import { systemStyle } from '../src/chart/style.ts';
import { type Control, type Form, form, type Values } from './lib/controls.ts';
import { copyButton, element, Status } from './lib/dom.ts';
import { Figure, wide } from './lib/figure.ts';
import { commandOf, FULL, type Job } from './lib/job.ts';
import type { JobResult } from './lib/protocol.ts';
import { QUICK, QUICK_BATCH } from './lib/quick.ts';
import { PAPER_SETTINGS, pacingOf, rateOf, settingsOf, THROTTLE_CONTROLS } from './lib/settings.ts';
import { Simulator } from './lib/simulator.ts';
import { UrlState } from './lib/url-state.ts';

const CONTROLS: readonly Control[] = [
  { kind: 'choice', name: 'system', label: 'system', choices: FIGURE_SYSTEMS.filter((name) => name !== 'linux').map((name) => [name, systemStyle(name, 0).label] as const) },
  { kind: 'range', name: 'load', label: 'load', low: 20, high: 940, step: 20, show: () => 'Mb/s of payload' },
  { kind: 'choice', name: 'pacing', label: 'sender', choices: [['fq', 'fq bursts'], ['onoff', 'on/off at 10 Hz'], ['even', 'evenly spaced']] },
  { kind: 'choice', name: 'controller', label: 'controller', choices: [['', 'the system\'s own'], ['pic', 'PIC'], ['ioapic', 'IOAPIC'], ['msi', 'MSI']], means: 'how the NIC\'s interrupt reaches the core' },
  { kind: 'choice', name: 'timer', label: 'timer', choices: [['', 'the system\'s own'], ['pit', 'PIT'], ['hpet', 'HPET']], means: 'one-shot timer of Rumprun\'s idle loop' },
  ...THROTTLE_CONTROLS,
];

/** One setting of the sweep. */
interface Setting {
  readonly series: string;
  readonly label: string;
  readonly set: readonly string[];
}

const RATES = [2604, 3000, 3500, 4000, 5000, 6500, 8000, 10_000, 13_000, 16_000, 20_000];
const DELAYS_US = [0, 16, 32, 64, 128, 256, 384];
const RINGS = [8, 16, 32, 48, 64, 128, 256];
const RING_RATES = [500, 1000, 2000, 2604, 4000, 8000, 0];
const NOW = 'as set above';

/** A short run that is long enough to count lost frames. */
const RING_WINDOW = { duration: 0.5, warmup: 0.2 } as const;

/** Interrupt moderation of one system at one load: what it costs against what it delays, and where the ring overflows. */
export class InterruptsPage {
  readonly controls: Form;
  readonly tradeOff = new Figure('trade-off', 'CPU utilisation against delay');
  readonly ring = new Figure('ring', 'Frames lost by ring size and throttle');
  readonly status = new Status();
  readonly numbers: HTMLElement = element('p', { class: 'status' });
  readonly toolbar: HTMLElement;
  private readonly state = new UrlState({ ...PAPER_SETTINGS, system: 'sel4-msi', load: '900', controller: '', timer: '' });
  private readonly quick = new Simulator(false);
  private readonly sweep = new Simulator(false);
  private points: TradeOff[] = [];
  private values: Values;

  constructor() {
    this.controls = form(CONTROLS, this.state);
    this.values = this.controls.value;
    this.toolbar = element('div', { class: 'toolbar' }, copyButton('copy link', () => new URL(this.state.link(), location.href).href), copyButton('copy as command', () => commandOf(this.job(FULL, settingsOf(this.values)))));
    this.controls.addEventListener('input', () => void this.simulate());
  }

  /** The setting in force at once, then the settings around it, then the ring. */
  async simulate(): Promise<void> {
    const moved = this.values;
    this.values = this.controls.value;
    const sameSystem = ['system', 'load', 'pacing', 'controller', 'timer'].every((name) => moved[name] === this.values[name]) && this.points.length > 0;
    const begun = performance.now();
    const outcome = await this.quick.run([this.job(QUICK, settingsOf(this.values))], { batch: QUICK_BATCH });
    if (outcome.kind === 'cancelled') return;
    if (outcome.kind === 'refused') return this.status.complain(outcome.message);
    const [now] = outcome.results;
    if (now === undefined) return;
    const point = this.pointOf(now, { series: NOW, label: NOW, set: [] });
    await this.draw([...this.points.filter(({ series }) => series !== NOW), point]);
    this.numbers.dataset['result'] = JSON.stringify({ job: now.job, result: now.result });
    const { counters, latencyUs, duration, warmup } = now.result;
    this.numbers.textContent = `${(now.result.utilisation * 100).toFixed(2)} % of the CPU (95 %: ± ${((now.batches?.half ?? 0) * 100).toFixed(2)}), ${Math.round((counters['interrupts.nic'] ?? counters['nic.interrupts'] ?? 0) / (duration - warmup))} interrupts a second, delay ${latencyUs.mean.toFixed(0)} µs mean, ${latencyUs.p99.toFixed(0)} µs at the 99th percentile, ${counters['frames.dropped'] ?? 0} frames lost; ${(performance.now() - begun).toFixed(0)} ms`;
    if (!sameSystem) await this.explore();
  }

  private async explore(): Promise<void> {
    const settings = this.settings();
    this.points = this.points.filter(({ series }) => series === NOW);
    this.status.say(`${settings.length} other settings ...`);
    const outcome = await this.sweep.run(settings.map(({ set }) => this.job(QUICK, set)), { batch: QUICK_BATCH });
    if (outcome.kind !== 'done') return outcome.kind === 'refused' ? this.status.complain(outcome.message) : undefined;
    await this.draw([...this.points, ...outcome.results.map((result, index) => this.pointOf(result, settings[index]!))]); // one result a job
    const cells = RINGS.flatMap((descriptors) => RING_RATES.map((rate) => ({ descriptors, rate })));
    this.status.say('where the ring overflows ...');
    const rings = await this.sweep.run(cells.map(({ descriptors, rate }) => this.job(RING_WINDOW, [`nic.throttle=${rate === 0 ? '0' : `${rate}/s`}`, `nic.rxDescriptors=${descriptors}`])));
    if (rings.kind !== 'done') return rings.kind === 'refused' ? this.status.complain(rings.message) : undefined;
    const lost = cells.map((cell, index): RingCell => {
      const { counters } = rings.results[index]!.result; // one result a job
      const dropped = counters['frames.dropped'] ?? 0;
      return { ...cell, lost: (100 * dropped) / Math.max(1, dropped + (counters['frames.in'] ?? 0)) };
    });
    await this.ring.update(ringMap(lost, wide(700) - 110), tableOf(lost.map(({ descriptors, rate, lost: share }) => ({ descriptors, interrupts_per_s: rate, lost_percent: share }))));
    this.status.say(`${settings.length} settings of ${(QUICK.duration - QUICK.warmup).toFixed(1)} s, ${cells.length} rings of ${(RING_WINDOW.duration - RING_WINDOW.warmup).toFixed(1)} s`);
  }

  private async draw(points: TradeOff[]): Promise<void> {
    this.points = paretoFront(points);
    await this.tradeOff.update(tradeOff(this.points, { now: NOW, width: wide(760) - 70 }), tableOf(this.points.map((point) => ({ ...point, front: String(point.front) }))));
  }

  private job(window: Pick<Job, 'duration' | 'warmup'>, set: readonly string[]): Job {
    const { system = 'sel4-msi', load = '900', controller = '', timer = '' } = this.values;
    const parts = [...(controller === '' ? [] : [`controller=${controller}`]), ...(timer === '' ? [] : [`timer=${timer}`])];
    return { system, load: Number(load), pacing: pacingOf(this.values), ...window, run: 0, set: [...parts, ...set] };
  }

  private settings(): Setting[] {
    return [
      ...RATES.map((rate): Setting => ({ series: 'all five registers together', label: `${rate.toLocaleString('en')}/s`, set: [`nic.throttle=${rate}/s`] })),
      { series: 'all five registers together', label: 'no throttle', set: ['nic.throttle=0'] },
      ...RATES.map((rate): Setting => ({ series: 'ITR alone', label: `ITR ${rate.toLocaleString('en')}/s`, set: ['nic.throttle=0', `nic.itr=${rate}/s`] })),
      ...DELAYS_US.map((us): Setting => ({ series: 'RDTR = RADV alone', label: `RDTR ${us} µs`, set: ['nic.throttle=0', `nic.rdtr=${us}us`, `nic.radv=${us}us`] })),
      ...DELAYS_US.slice(1).map((us): Setting => ({ series: 'RADV alone, RDTR 16 µs', label: `RADV ${us} µs`, set: ['nic.throttle=0', 'nic.rdtr=16us', `nic.radv=${us}us`] })),
    ];
  }

  private pointOf({ result, batches }: JobResult, { series, label }: Setting): TradeOff {
    return { series, label, cpu: result.utilisation * 100, half: batches?.half === null || batches === null ? null : batches.half * 100, latency: result.latencyUs.mean, front: false };
  }
}

/** The paper's throttle as text. */
export const PAPER_RATE = `${Math.round(rateOf(Number(PAPER_SETTINGS['itr']))).toLocaleString('en')} interrupts a second`;
