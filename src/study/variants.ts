import type { CostTable } from '../hw/cost.ts';
import type { PacingName } from '../load/pacing/pacing.ts';
import type { CostValues } from './cost-values.ts';
import { costsRead } from './cost-use.ts';
import { PointSet } from './points.ts';
import type { RunResult } from './simulate.ts';
import { type Job, sweep, type SweepOptions } from './sweep.ts';
import type { System } from './system.ts';

/** Systems and loads that are simulated again and again under other costs. Times in seconds. */
export interface Setting {
  readonly systems: readonly System[];
  /** Ascending. */
  readonly loads: readonly number[];
  readonly pacing: PacingName;
  readonly costs: CostTable;
  readonly duration: number;
  readonly warmup: number;
  readonly seed: number;
}

/**
 * Seconds. With the costs as published every system is steady from about 0.6 s on at every load; dear code takes longer to get there at 360 Mb/s (after 0.7 s the point where F4.6 turns with
 * cpi.stack was not found, from 0.8 s on it is). The window is 30 periods of the 100 Hz clock.
 */
export const SHORT = { duration: 1.3, warmup: 1 };

/** Results under each variant, and whether all of them are there. A variant that an abort cut short has fewer points. */
export interface VariantResults {
  readonly points: readonly PointSet[];
  readonly complete: boolean;
}

/** Simulates a setting under variants of its costs, and no run twice: a system that does not read a changed cost keeps its results. */
export class Variants {
  readonly setting: Setting;
  readonly base: PointSet;
  /** Costs that each system reads, by its name. */
  readonly reads: ReadonlyMap<string, ReadonlySet<string>>;
  private readonly baseRuns: readonly RunResult[];

  private constructor(setting: Setting, baseRuns: readonly RunResult[]) {
    this.setting = setting;
    this.baseRuns = baseRuns;
    this.base = new PointSet(baseRuns);
    const [loadMbps = 1] = setting.loads;
    const { pacing, seed } = setting;
    this.reads = new Map(setting.systems.map((system) => [system.name, costsRead({ system, loadMbps, pacing, seed, run: 0, duration: 1, warmup: 0 }, setting.costs)]));
  }

  /** Simulates the setting as it is, run 0. */
  static async create(setting: Setting, options: SweepOptions): Promise<{ variants: Variants; complete: boolean }> {
    const { results, complete } = await sweep(jobsOf(setting, setting.systems, undefined, 0), options);
    return { variants: new Variants(setting, results.filter((result) => result !== null)), complete };
  }

  /** Whether any of the systems reads the cost. */
  used(id: string): boolean {
    return [...this.reads.values()].some((ids) => ids.has(id));
  }

  /** Points of the systems and loads that are wanted; all when left out. */
  async simulate(changes: readonly CostValues[], options: SweepOptions, only: { readonly systems?: readonly string[]; readonly loads?: readonly number[] } = {}): Promise<VariantResults> {
    const setting = { ...this.setting, loads: only.loads ?? this.setting.loads };
    const systems = setting.systems.filter(({ name }) => only.systems === undefined || only.systems.includes(name));
    const jobs: Job[] = [];
    const bounds = changes.map((values) => {
      const from = jobs.length;
      jobs.push(...jobsOf(setting, systems.filter((system) => this.reacts(system, values)), values, 0));
      return [from, jobs.length] as const;
    });
    const { results, complete } = await sweep(jobs, options);
    const points = changes.map((values, index) => {
      const [from, to] = bounds[index] ?? [0, 0];
      const kept = this.baseRuns.filter((run) => setting.loads.includes(run.loadMbps) && systems.some((system) => system.name === run.system && !this.reacts(system, values)));
      return new PointSet(inOrder(systems, [...kept, ...results.slice(from, to).filter((result) => result !== null)]));
    });
    return { points, complete };
  }

  /** The setting under its own costs with other run numbers, or over another time. */
  async repeat(runs: readonly number[], options: SweepOptions, times: Partial<Pick<Setting, 'duration' | 'warmup'>> = {}): Promise<VariantResults> {
    const jobs = runs.map((run) => jobsOf({ ...this.setting, ...times }, this.setting.systems, undefined, run));
    const { results, complete } = await sweep(jobs.flat(), options);
    let from = 0;
    const points = jobs.map(({ length }) => new PointSet(results.slice(from, (from += length)).filter((result) => result !== null)));
    return { points, complete };
  }

  private reacts(system: System, values: CostValues): boolean {
    const read = this.reads.get(system.name);
    return Object.entries(values).some(([id, value]) => read?.has(id) === true && value !== this.setting.costs.value(id));
  }
}

function jobsOf({ loads, pacing, costs, duration, warmup, seed }: Setting, systems: readonly System[], values: CostValues | undefined, run: number): Job[] {
  return systems.flatMap((system) => loads.map((loadMbps) => ({ scenario: { system, loadMbps, pacing, duration, warmup, seed, run }, costs, values })));
}

/** The runs with the systems in the setting's order, which is that of the figures. */
function inOrder(systems: readonly System[], runs: readonly RunResult[]): RunResult[] {
  return systems.flatMap(({ name }) => runs.filter(({ system }) => system === name));
}
