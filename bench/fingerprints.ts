// node bench/fingerprints.ts [--brief] [--against FILE]: one line a run, everything that decides it, for comparison before and after a change that must not change results.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Streams } from '../src/events/random.ts';
import type { Probe, WireTap } from '../src/hw/probe.ts';
import { COUNT, SPACING } from '../src/hw/frame.ts';
import { defaultCosts } from '../src/study/cost-tables.ts';
import { FIGURE_LOADS } from '../src/study/grid.ts';
import type { Machine } from '../src/study/machine.ts';
import { overrideAll } from '../src/study/override.ts';
import { type Scenario, simulate, type SimulateOptions } from '../src/study/simulate.ts';
import { SYSTEMS, type System } from '../src/study/system.ts';
import { PACING_NAMES } from '../src/load/pacing/pacing.ts';

const { values: options } = parseArgs({ options: { brief: { type: 'boolean', default: false }, against: { type: 'string' } } });
const costs = defaultCosts();

/**
 * Hashes all that a probe and a tap are told before the end. Frames of a run are hashed one by one and apart from the rest, since how they were joined, and so when the later ones of a
 * run are told, is nobody's business.
 */
class Listener implements Probe, WireTap {
  private readonly hash = createHash('sha256');
  private readonly wire = createHash('sha256');
  private frame = 0;
  private over: () => boolean = () => false;

  attach({ core, nic }: Machine): void {
    core.probe = this;
    nic.tap = this;
    this.over = () => core.stopped;
  }

  event(code: number, device: string, address: number, value: number): void {
    if (this.over()) return;
    this.hash.update(`${code} ${device} ${address} ${value};`);
  }

  frames(first: number, spacing: number, count: number, bytes: number, frame: number): void {
    if (this.over()) return;
    for (let i = 0; i < count; i++) this.frame = ((this.frame % 100_000_000_000_000) * 31 + (first + i * spacing) + bytes + (frame + i)) % 9_007_199_254_740_000;
  }

  received(tick: number, words: Float64Array, offset: number): void {
    const count = Math.max(1, words[offset + COUNT] ?? 0);
    if (this.over()) return;
    const [bytes = 0, seq = 0, payload = 0, ...others] = words.subarray(offset, offset + COUNT);
    for (let i = 0; i < count; i++) this.wire.update(`${tick + i * (words[offset + SPACING] ?? 0)} ${bytes} ${seq + i * payload} ${payload} ${others.join(' ')};`);
  }

  sent(...told: number[]): void {
    if (this.over()) return;
    this.hash.update(`s ${told.join(' ')};`);
  }

  digest(): string {
    return this.hash.update(`${this.frame} ${this.wire.digest('hex')}`).digest('hex').slice(0, 12);
  }
}

function line(name: string, scenario: Scenario, table = costs, listen = false): string {
  const listener = new Listener();
  const settings: SimulateOptions = listen ? { attach: (machine) => listener.attach(machine) } : {};
  const { events: _, ...result } = simulate(scenario, table, settings);
  const rest = createHash('sha256').update(JSON.stringify(result)).digest('hex').slice(0, 16);
  return `${name}: ${result.fingerprint} ${rest}${listen ? ` ${listener.digest()}` : ''}`;
}

const lines: string[] = [];
for (const system of SYSTEMS) {
  for (const pacing of PACING_NAMES) {
    for (const loadMbps of FIGURE_LOADS) {
      const scenario: Scenario = { system, loadMbps, pacing, duration: options.brief ? 0.4 : 2.2, warmup: 0.1, seed: 1, run: 0 };
      lines.push(line(`${system.name} ${pacing} ${loadMbps}`, scenario));
      if (loadMbps === 900 || loadMbps === 360) lines.push(line(`${system.name} ${pacing} ${loadMbps} listened`, { ...scenario, duration: 0.4 }, costs, true));
    }
  }
}

/** Settings off the beaten track: small rings and buffers, overload, tiny windows and switch buffers, slow code, other timers. */
const CHOICES: readonly (readonly string[])[] = [
  ['nic.rxDescriptors=8', 'nic.rxDescriptors=16', 'nic.rxDescriptors=64', 'nic.rxDescriptors=256', 'nic.rxDescriptors=256'],
  ['nic.itr=0', 'nic.itr=100', 'nic.itr=1500', 'nic.itr=6000'],
  ['nic.rdtr=0', 'nic.rdtr=1', 'nic.rdtr=30', 'nic.rdtr=375', 'nic.rdtr=375'],
  ['nic.radv=0', 'nic.radv=30', 'nic.radv=375'],
  ['nic.tidv=0', 'nic.tidv=8', 'nic.tidv=375'],
  ['nic.tadv=0', 'nic.tadv=32', 'nic.tadv=375'],
  ['nic.rxBufferBytes=0', 'nic.rxBufferBytes=3000', 'nic.rxBufferBytes=20480'],
  ['socket.bufferBytes=16384', 'socket.bufferBytes=87380', 'socket.bufferBytes=218452'],
  ['socket.windowScale=0', 'socket.windowScale=3', 'socket.windowScale=7'],
  ['socket.blockBytes=1024', 'socket.blockBytes=65536', 'socket.blockBytes=131072'],
  ['cost.cpi.stack=1', 'cost.cpi.stack=1', 'cost.cpi.stack=4'],
  ['cost.link.switch.buffer=131072', 'cost.link.switch.buffer=524288'],
  ['cost.load.releaseJitter=0ns', 'cost.load.releaseJitter=1000ns'],
];
const random = new Streams(7, 0).stream('fingerprints');
const pick = <T>(from: readonly T[]): T => from[random.integer(0, from.length - 1)]!; // inside
let refused = 0;
for (let i = 0; i < (options.brief ? 120 : 1500); i++) {
  const base = pick(SYSTEMS);
  const { kernel } = base;
  const settings: string[] = [];
  let point: { system: System; costs: typeof costs } = {
    system: kernel === 'linux' || kernel === 'netbsd' ? base : { ...base, controller: pick(['pic', 'ioapic', 'msi'] as const), timer: pick(['pit', 'hpet'] as const), hpetDelivery: pick(['msi', 'ioapic'] as const) },
    costs,
  };
  for (const choice of CHOICES) {
    if (random.uniform() < 0.5) continue;
    const setting = pick(choice);
    try {
      point = overrideAll(point, [setting], '--set');
      settings.push(setting);
    } catch {
      refused++;
    }
  }
  const scenario: Scenario = { system: point.system, loadMbps: random.integer(10, 950), pacing: pick(PACING_NAMES), duration: random.integer(50, 300) / 1000, warmup: pick([0, 0.01]), seed: i, run: random.integer(0, 3) };
  lines.push(line(`#${i} ${base.name} ${point.system.controller} ${point.system.timer} ${scenario.pacing} ${scenario.loadMbps} ${settings.join(' ')}`, scenario, point.costs, i % 4 === 0));
}
process.stderr.write(`${lines.length} runs, ${refused} settings refused, ${process.cpuUsage().user / 1e6} s\n`);
if (options.against === undefined) process.stdout.write(`${lines.join('\n')}\n`);
else {
  const old = readFileSync(options.against, 'utf8').trimEnd().split('\n');
  const different = lines.filter((line, index) => line !== old[index]);
  for (const [index, line] of lines.entries()) if (line !== old[index]) process.stdout.write(`was ${old[index]}\nis  ${line}\n`);
  process.stdout.write(`${lines.length} runs, ${different.length} differ${old.length === lines.length ? '' : `; the file has ${old.length}`}\n`);
  if (different.length > 0 || old.length !== lines.length) process.exitCode = 1;
}
