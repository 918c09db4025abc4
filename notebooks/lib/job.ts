import type { PacingName } from '../../src/load/pacing/pacing.ts';
import { resolveStudy } from '../../src/study/study.ts';
import type { Study } from '../../src/study/study.ts';
import type { Recorded } from './recorded.ts';

/** One run, as the command line would be told of it: everything is text or a number, so that it can go to a worker, into an address and into a command. */
export interface Job {
  readonly system: string;
  readonly load: number;
  readonly pacing: PacingName;
  /** Seconds. */
  readonly duration: number;
  readonly warmup: number;
  readonly run: number;
  /** `key=value` texts of --set. */
  readonly set: readonly string[];
  /** Recorded frames instead of the simulated client's: open loop. */
  readonly recorded?: Recorded | undefined;
}

/** The paper's protocol: 20 s, of which the first 10 are ignored (section 5.1). */
export const FULL = { duration: 20, warmup: 10 } as const;

/** Settings that a system has; Linux's are for Linux alone. */
export function settingsFor(system: string, settings: readonly string[]): readonly string[] {
  return system.startsWith('linux') ? settings : settings.filter((setting) => !setting.startsWith('linux.'));
}

/** The same as `rumpsim run` makes of these options. @throws UserError for what does not fit. */
export function studyOf({ set, recorded: _recorded, ...options }: Job): Study {
  return resolveStudy({ ...options, set: settingsFor(options.system, set) });
}

/** Name that a command gives the stretch of a recording that it cuts out. */
const PART = 'part.arrow';

/** The command line that prints this run's numbers. */
export function commandOf({ system, load, pacing, duration, warmup, run, set, recorded }: Job): string {
  const settings = settingsFor(system, set).map((setting) => ` --set ${/[\s$"'`\\*?]/.test(setting) ? `'${setting.replaceAll("'", String.raw`'\''`)}'` : setting}`).join('');
  const cut = recorded === undefined ? '' : `npx rumpsim trace cut ${recorded.source} ${PART} --from ${recorded.from} --to ${recorded.to} && `;
  return `${cut}npx rumpsim run ${system}${recorded === undefined ? '' : ` --replay ${PART}`} --load ${load} --pacing ${pacing} --duration ${duration} --warmup ${warmup}${run === 0 ? '' : ` --run ${run}`}${settings} --json`;
}
