import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { type Limit, LIMITS, type LimitName, rangeText, readLimited, readPacing } from '../study/limits.ts';
import { PARAMETERS } from '../study/parameter.ts';
import { readQuantity } from '../study/quantity.ts';
import type { ScenarioDocument } from '../study/scenario-file.ts';
import type { StoppingRule } from '../study/until-narrow.ts';
import { systemReason, UserError } from './failure.ts';
import { table } from './table.ts';

/** Replications after which --until-ci gives up. */
const MOST_REPS = 50;

/** What the help says of a default that is not a fixed number. */
const STANDARDS: Partial<Record<LimitName, string>> = { warmup: '', jobs: '; default all cores' };

/** `--name`: a number of a scenario, checked against its range. Its default is only told, so that a scenario file can say otherwise; `usual` is that of a command of its own. */
export function limitOption(name: LimitName, usual?: string): Option {
  const limit: Limit = LIMITS[name];
  const unit = Object.keys(limit.units)[0] ?? 'n';
  const standard = usual === undefined ? (STANDARDS[name] ?? `; default ${limit.standard}`) : `; default ${usual}`;
  const means = usual === undefined ? limit.means : limit.means.replace(/;.*/, '');
  return new Option(`--${name} <${unit}>`, `${means} (${rangeText(limit)}${standard})`).argParser((text: string) => readLimited(name, text, `--${name} ${text}`));
}

export function pacingOption(): Option {
  return new Option('--pacing <name>', 'how the client spreads the load: fq (TSO bursts spaced by rate; default), onoff (iperf\'s own 10 Hz throttle), even (frame by frame)')
    .argParser((text: string) => readPacing(text, `--pacing ${text}`));
}

/** `--set`. `what`: where its keys are told. */
export function setOption(what = 'keys below'): Option {
  return new Option('--set <key=value>', `change one setting or number (repeatable; ${what})`).argParser((text: string, all: string[] | undefined) => [...(all ?? []), text]);
}

/** Options of the commands that replicate until an interval is narrow. */
export interface RepeatOptions {
  /** Percentage points. */
  readonly untilCi?: number;
  readonly maxReps?: number;
}

/** --until-ci and --max-reps. */
export function untilOptions(): Option[] {
  return [
    new Option('--until-ci <points>', 'more replications until the 95 % interval of CPU utilisation is narrower than this many percentage points, end to end').argParser((text: string) => positive(text, `--until-ci ${text}`)),
    new Option('--max-reps <n>', `most replications of a point with --until-ci (default ${MOST_REPS})`).argParser((text: string) => readLimited('reps', text, `--max-reps ${text}`)),
  ];
}

/** The rule that the options stand for; none without --until-ci. @throws UserError for --max-reps alone. */
export function stoppingRule({ untilCi, maxReps }: RepeatOptions): StoppingRule | undefined {
  if (untilCi !== undefined) return { width: untilCi / 100, most: maxReps ?? MOST_REPS };
  if (maxReps !== undefined) throw new UserError('--max-reps', 'without --until-ci it ends nothing', 'add --until-ci, or give --reps');
  return undefined;
}

function positive(text: string, place: string): number {
  const quantity = readQuantity(text);
  const ok = quantity !== null && (quantity.unit === '' || quantity.unit === '%') && quantity.number > 0 && quantity.number <= 100;
  if (!ok) throw new UserError(place, `'${text}' is not a width`, 'give percentage points above 0 and up to 100, such as 0.01');
  return quantity.number;
}

export function configOption(): Option {
  return new Option('--config <file>', 'scenario file, YAML or JSON; options on the command line win over it');
}

/** The keys of --set, as an appendix to a command's help. */
export function addSettingsHelp(command: Command): Command {
  const rows = PARAMETERS.map(({ key, means, choices }) => [key, choices === undefined ? means : `${means}: ${choices.join(', ')}`]);
  return command.addHelpText('after', `\nSettings for --set:\n${table([...rows, ['cost.ID', 'a number of the model (`rumpsim costs` lists them): cost.hpet.read=400ns']], 'll', '  ')}
  Register values are counts of the register's unit (ITR 256 ns, delays 1.024 us), times (384us) or rates (2604/s).`);
}

/** Reads and checks a scenario file. @throws UserError naming file, place and remedy. */
export async function loadScenario(file: string): Promise<ScenarioDocument> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(file, `cannot be read: ${systemReason(error)}`, 'give the name of a scenario file to --config');
  }
  const { readScenario } = await import('../study/scenario-file.ts');
  return readScenario(text, file);
}
