import type { CostTable } from '../hw/cost.ts';
import type { PacingName } from '../load/pacing/pacing.ts';
import { defaultCosts } from './cost-tables.ts';
import { LIMITS, readLimited, readPacing, type LimitName } from './limits.ts';
import { didYouMean } from './nearest.ts';
import { override, overrideAll, overrideCost } from './override.ts';
import type { ScenarioDocument } from './scenario-file.ts';
import type { ScenarioContent, SettingValue, SystemContent } from './scenario-schema.ts';
import type { Scenario } from './simulate.ts';
import { LATER_SYSTEMS, LINUX_DEFAULTS, LINUX_NIC, LINUX_SOCKET, PAPER_SOCKET, STATIC_THROTTLE, SYSTEMS, type System } from './system.ts';
import { UserError } from './user-error.ts';

/** What the command line says; what it leaves out comes from the scenario file, and then from the defaults. */
export interface StudyOptions {
  readonly system?: string | undefined;
  readonly load?: number | undefined;
  readonly pacing?: PacingName | undefined;
  readonly duration?: number | undefined;
  readonly warmup?: number | undefined;
  readonly seed?: number | undefined;
  readonly run?: number | undefined;
  readonly reps?: number | undefined;
  /** `key=value` texts of --set. */
  readonly set?: readonly string[] | undefined;
}

/** One point of a study with everything decided: a scenario, how often it is replicated, and the numbers of the model. */
export interface Study {
  readonly scenario: Scenario;
  readonly reps: number;
  readonly costs: CostTable;
}

/** Puts a study together from options and file. @throws UserError naming the option, or file, line and key. */
export function resolveStudy(options: StudyOptions, file: ScenarioDocument | null = null): Study {
  const content: ScenarioContent = file?.content ?? {};
  const at = (key: string): string => (file === null ? key : file.place([key]));
  const fromFile = (name: Exclude<LimitName, 'jobs'>): number | undefined => {
    const value = content[name];
    return value === undefined ? undefined : readLimited(name, String(value), at(name));
  };
  const number = (name: Exclude<LimitName, 'jobs'>): number => options[name] ?? fromFile(name) ?? LIMITS[name].standard;

  const systems = knownSystems(file);
  const wanted = options.system ?? content.system;
  if (wanted === undefined) throw new UserError('', 'no system is given', `give one of ${systems.map(({ name }) => name).join(', ')}`);
  const system = findSystem(systems, wanted, options.system === undefined ? at('system') : '');
  const composition = overrideAll(fileOverrides({ system, costs: defaultCosts() }, file), options.set ?? [], '--set');

  const duration = number('duration');
  const warmup = options.warmup ?? fromFile('warmup') ?? duration / 2;
  if (warmup >= duration) throw new UserError(options.warmup === undefined && content.warmup !== undefined ? at('warmup') : '--warmup', `${warmup} s leaves nothing of the ${duration} s to measure`, 'give less than the duration');
  return {
    scenario: {
      system: composition.system,
      loadMbps: number('load'),
      pacing: options.pacing ?? (content.pacing === undefined ? 'fq' : readPacing(content.pacing, at('pacing'))),
      duration, warmup, seed: number('seed'), run: number('run'),
    },
    reps: number('reps'),
    costs: composition.costs,
  };
}

/** The presets and the systems of the file, which take the place of presets of the same name. */
export function knownSystems(file: ScenarioDocument | null): readonly System[] {
  const systems = new Map([...SYSTEMS, ...LATER_SYSTEMS].map((system) => [system.name, system]));
  for (const [name, content] of Object.entries(file?.content.systems ?? {})) {
    if (file !== null) systems.set(name, compose(name, content, [...systems.values()], (path) => file.place(['systems', name, ...path])));
  }
  return [...systems.values()];
}

/** @throws UserError at `place` with the nearest name. */
export function findSystem(systems: readonly System[], name: string, place: string): System {
  const found = systems.find((system) => system.name === name);
  if (found === undefined) throw new UserError(place, `unknown system '${name}'`, didYouMean(name, systems.map((system) => system.name)));
  return found;
}

/** What a system without `base` starts from: its NIC and sockets are the paper's. */
function blank(name: string, title: string, kernel: unknown): System {
  const parts = { name, title, controller: 'msix', timer: 'hpet', hpetDelivery: 'msi' } as const;
  return kernel === 'linux'
    ? { ...parts, kernel: 'linux', nic: LINUX_NIC, socket: LINUX_SOCKET, linux: LINUX_DEFAULTS }
    : { ...parts, kernel: 'sel4', nic: STATIC_THROTTLE, socket: PAPER_SOCKET };
}

/** The parts that a system without `base` must name; native kernels have no timer to choose. */
function needed(kernel: unknown): readonly string[] {
  return kernel === 'netbsd' || kernel === 'linux' ? ['controller'] : ['kernel', 'controller', 'timer'];
}

function compose(name: string, content: SystemContent, known: readonly System[], place: (path: readonly string[]) => string): System {
  const { base, title = name, nic = {}, socket = {}, linux = {}, ...rest } = content;
  const parts: Readonly<Record<string, SettingValue>> = rest;
  if (base === undefined) {
    const missing = needed(parts['kernel']).find((part) => parts[part] === undefined);
    if (missing !== undefined) throw new UserError(place([]), `${missing} is missing`, `add \`${missing}: ...\`, or \`base: ${known[0]?.name ?? 'PRESET'}\` to start from a preset`);
  }
  let system: System = base === undefined ? blank(name, title, parts['kernel']) : { ...findSystem(known, base, place(['base'])), name, title };
  const apply = (path: readonly string[], value: SettingValue): void => {
    if (value !== undefined) system = override({ system, costs: defaultCosts() }, path.join('.'), String(value), place(path)).system;
  };
  for (const [key, value] of Object.entries(parts)) apply([key], value);
  // The throttle sets five registers; what stands beside it changes single ones.
  apply(['nic', 'throttle'], nic['throttle']);
  for (const [key, value] of Object.entries(nic)) if (key !== 'throttle') apply(['nic', key], value);
  for (const [key, value] of Object.entries(socket)) apply(['socket', key], value);
  for (const [key, value] of Object.entries(linux)) apply(['linux', key], value);
  return system;
}

function fileOverrides(composition: { system: System; costs: CostTable }, file: ScenarioDocument | null): { system: System; costs: CostTable } {
  if (file === null) return composition;
  let { system, costs } = composition;
  for (const [id, value] of Object.entries(file.content.costs ?? {})) {
    if (value !== undefined) costs = overrideCost(costs, id, String(value), file.place(['costs', id]));
  }
  for (const [key, value] of Object.entries(file.content.set ?? {})) {
    if (value !== undefined) ({ system, costs } = override({ system, costs }, key, String(value), file.place(['set', key])));
  }
  return { system, costs };
}

/** A study as the content of a scenario file that gives the same results: every setting written out, and the costs that differ from the table. */
export function studyContent({ scenario, reps, costs }: Study): Record<string, unknown> {
  const { system, loadMbps, ...rest } = scenario;
  const { name, ...parts } = system;
  const standard = defaultCosts();
  const changed = costs.rows().filter((row) => row.value !== standard.value(row.id));
  return { systems: { [name]: parts }, system: name, load: loadMbps, ...rest, reps, costs: Object.fromEntries(changed.map(({ id, value }) => [id, value])) };
}
