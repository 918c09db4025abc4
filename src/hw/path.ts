import { SECOND, type Tick } from '../events/time.ts';
import { CostError, type CostTable } from './cost.ts';

/**
 * Groups of code that share a cycles-per-instruction figure, in every system. Two of them are what the place a piece of kernel code runs in adds to it: `sched`, Rumprun's
 * locks, curlwp and virtual CPU; `native`, a native kernel's locks.
 */
export type CodeGroup = 'kernel' | 'driver' | 'stack' | 'sched' | 'native' | 'app';

/**
 * The smallest priced act of a path. `execute`: `times` times as many instructions as the cost `cost` says, in a code group.
 * `spend`: a cost in cycles or ns. `bytes`: a cost per byte, `times` bytes of it. The label is what a breakdown calls the step.
 */
export interface Step {
  readonly act: 'execute' | 'spend' | 'bytes';
  readonly cost: string;
  readonly group?: CodeGroup;
  readonly times: number;
  readonly label: string;
}

export function execute(group: CodeGroup, cost: string, times = 1): Step {
  return { act: 'execute', cost, group, times, label: `${group}:${cost.replace(/^insn\./, '')}` };
}

export function spend(cost: string, times = 1): Step {
  return { act: 'spend', cost, times, label: cost };
}

export function bytes(cost: string, count: number): Step {
  return { act: 'bytes', cost, times: count, label: cost };
}

/** A named sequence of steps, priced once for a machine. */
export interface Path {
  readonly id: number;
  readonly name: string;
  readonly steps: readonly Step[];
  /** Price, rounded to ticks once. */
  readonly ticks: Tick;
  readonly instructions: number;
}

/**
 * The paths of a composition. Paths are data: the model spends them, the breakdown and the documentation print them.
 * Each is defined once, by the component that runs it, while a machine is put together. Further machines of the same composition may have the same table: their components find what they define there.
 */
export class PathTable {
  readonly costs: CostTable;
  readonly cycleTicks: number;
  /** Which glue the operations of shared kernel code carry here. */
  readonly glue: 'sched' | 'native';
  private readonly omitted: ReadonlySet<string>;
  private readonly paths: Path[] = [];
  private readonly byName = new Map<string, Path>();
  private complete = false;

  /** `omitted`: counts that operations of shared code hold although the code does not execute them here. */
  constructor(costs: CostTable, glue: 'sched' | 'native' = 'sched', omitted: readonly string[] = []) {
    this.costs = costs;
    this.glue = glue;
    this.omitted = new Set(omitted);
    this.cycleTicks = SECOND / (costs.value('cpu.frequency') * 1e6);
  }

  /** Defines a path, or returns the one of that name when its steps are the same (two components may share a path). */
  define(name: string, ...steps: Step[]): number {
    const known = this.byName.get(name);
    if (known !== undefined) {
      if (!this.complete && JSON.stringify(known.steps) !== JSON.stringify(steps)) throw new CostError(`path ${name} is defined twice with different steps`);
      return known.id;
    }
    if (this.complete) throw new CostError(`path ${name} is not one of this composition's`);
    const cycles = steps.reduce((sum, step) => sum + this.cycles(step), 0);
    const instructions = steps.reduce((sum, step) => sum + (step.act === 'execute' ? this.costs.value(step.cost) * step.times : 0), 0);
    const path: Path = { id: this.paths.length, name, steps, ticks: Math.round(cycles * this.cycleTicks), instructions };
    this.paths.push(path);
    this.byName.set(name, path);
    return path.id;
  }

  /** A machine has been put together with it: no path is new from now on, and those of a name are the same. */
  seal(): void {
    this.complete = true;
  }

  /** The path of that name once all are defined, else undefined: it is to be defined. */
  known(name: string): number | undefined {
    return this.complete ? this.byName.get(name)?.id : undefined;
  }

  omits(cost: string): boolean {
    return this.omitted.has(cost);
  }

  /** Price of a step in cycles of the core clock. */
  cycles(step: Step): number {
    const row = this.costs.row(step.cost);
    switch (row.unit) {
      case 'instructions':
        return row.value * step.times * this.costs.value(`cpi.${step.group ?? 'kernel'}`);
      case 'ns':
        return row.value * step.times * this.costs.value('cpu.frequency') / 1e3;
      case 'cycles':
      case 'cycles/byte':
        return row.value * step.times;
      default:
        throw new CostError(`cost ${row.id} is in ${row.unit} and cannot be a step of a path`);
    }
  }

  /** Ticks per byte of a cost in cycles per byte; multiply and round once per use. */
  ticksPerByte(cost: string): number {
    const row = this.costs.row(cost);
    if (row.unit !== 'cycles/byte') throw new CostError(`cost ${row.id} is in ${row.unit}, not in cycles/byte`);
    return row.value * this.cycleTicks;
  }

  /** A cost in ns or cycles as a whole number of ticks. */
  ticks(cost: string): Tick {
    return Math.round(this.cycles(spend(cost)) * this.cycleTicks);
  }

  path(id: number): Path {
    const path = this.paths[id];
    if (path === undefined) throw new CostError(`there is no path ${id}`);
    return path;
  }

  get size(): number {
    return this.paths.length;
  }
}

/** Price of paths in a row. */
export function ticksOf(table: PathTable, ids: readonly number[]): Tick {
  let ticks = 0;
  for (const id of ids) ticks += table.path(id).ticks;
  return ticks;
}

/** What follows from a table of paths alone: made once for each. */
export function oncePerTable<T>(make: (paths: PathTable) => T): (paths: PathTable) => T {
  const made = new WeakMap<PathTable, T>();
  return (paths) => {
    let known = made.get(paths);
    if (known === undefined) made.set(paths, (known = make(paths)));
    return known;
  };
}
