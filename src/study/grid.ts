import type { CostTable } from '../hw/cost.ts';
import { PACING_NAMES, type PacingName } from '../load/pacing/pacing.ts';
import { defaultCosts } from './cost-tables.ts';
import { overrideAll } from './override.ts';
import type { Job } from './sweep.ts';
import { SYSTEMS, type System } from './system.ts';
import type { StoppingRule } from './until-narrow.ts';
import { UserError } from './user-error.ts';

/** The loads of the paper's figure 4: 180 to 900 Mb/s in steps of 180. */
export const FIGURE_LOADS: readonly number[] = [180, 360, 540, 720, 900];

/** What iperf 3.1.3 asks the kernel for by default; the paper does not say whether its client's kernel obliged (facts in the cost tables' sources). */
export const DEFAULT_PACING: PacingName = 'fq';

/** Linux with a fixed interrupt throttle, for the claim that its adaptive one makes its points vary. In no figure. */
export const LINUX_FIXED = 'linux-fixed-throttle';
/** Interrupts a second of the fixed throttle: the rate at which the adaptive one settles for bulk traffic (e1000e, InterruptThrottleRate). */
const LINUX_FIXED_RATE = 4000;

/** How a figure's runs are made. Times in seconds. */
export interface Protocol {
  /** Replications of a point under the first load model, which the figure shows. */
  readonly reps: number;
  /** Replications under the other load models, where they are fewer. */
  readonly sideReps?: number | undefined;
  readonly duration: number;
  readonly warmup: number;
  readonly seed: number;
  /** Further replications of a point until its interval is narrow enough; without it, `reps` is all. */
  readonly until?: StoppingRule | undefined;
}

/** The paper's: 5 repetitions of 20 s of which the first 10 s are ignored (section 5.1); fewer under the load models that stand beside its figure. */
export const PAPER_PROTOCOL = { reps: 5, sideReps: 3, duration: 20, warmup: 10, seed: 1 } as const satisfies Protocol;

/** A look at everything in a few seconds; intervals are wide. */
export const QUICK_PROTOCOL = { reps: 2, sideReps: 2, duration: 3, warmup: 1, seed: 1 } as const satisfies Protocol;

/** Everything figures 4 and 5 and the claims are made from: systems by loads by pacing models by replications. */
export interface Grid extends Protocol {
  readonly systems: readonly System[];
  /** Systems that only a claim needs; run under the first load model alone. */
  readonly companions: readonly System[];
  readonly costs: CostTable;
  readonly loads: readonly number[];
  readonly pacings: readonly PacingName[];
}

/**
 * The grid of the paper's figures, under a protocol and with settings changed as `--set KEY=VALUE` does, in every system that has them.
 * @throws UserError for a setting that does not fit, or a warm-up that leaves nothing to measure.
 */
export function figureGrid(protocol: Protocol, settings: readonly string[]): Grid {
  if (protocol.warmup >= protocol.duration) throw new UserError('--warmup', `${protocol.warmup} s leaves nothing of the ${protocol.duration} s to measure`, 'give less than the duration');
  const changed = SYSTEMS.map((system) => overrideAll({ system, costs: defaultCosts() }, settings.filter((setting) => concerns(setting, system)), '--set'));
  // Settings change the costs alike for all systems; one table serves them all.
  const costs = changed[0]?.costs ?? defaultCosts();
  const systems = changed.map(({ system }) => system);
  return { ...protocol, systems, companions: systems.flatMap(fixedThrottle), costs, loads: FIGURE_LOADS, pacings: [DEFAULT_PACING, ...PACING_NAMES.filter((name) => name !== DEFAULT_PACING)] };
}

/** Replications of a point under a load model. */
export function repsUnder({ pacings, reps, sideReps = reps }: Grid, pacing: PacingName): number {
  return pacing === pacings[0] ? reps : sideReps;
}

/** Linux's own settings are left to Linux; everything else is for all. */
function concerns(setting: string, { kernel }: System): boolean {
  return kernel === 'linux' || !setting.trimStart().startsWith('linux.');
}

/** The runs of a grid: by pacing, system, load, and run number from 0. */
export function gridJobs(grid: Grid): Job[] {
  const { systems, companions, costs, loads, pacings, duration, warmup, seed } = grid;
  const jobs: Job[] = [];
  for (const [index, pacing] of pacings.entries()) {
    for (const system of index === 0 ? systems.concat(companions) : systems) {
      for (const loadMbps of loads) {
        for (let run = 0; run < repsUnder(grid, pacing); run++) jobs.push({ scenario: { system, loadMbps, pacing, duration, warmup, seed, run }, costs });
      }
    }
  }
  return jobs;
}

function fixedThrottle(system: System): System[] {
  if (system.linux?.throttle !== 'adaptive') return [];
  return [{ ...system, name: LINUX_FIXED, title: `${system.title}, ${LINUX_FIXED_RATE} interrupts a second at most`, linux: { ...system.linux, throttle: LINUX_FIXED_RATE } }];
}
