import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { figureGrid, type Grid, PAPER_PROTOCOL, QUICK_PROTOCOL } from '../study/grid.ts';
import { type Limit, LIMITS, type LimitName, rangeText, readLimited } from '../study/limits.ts';
import type { SweepOptions } from '../study/sweep.ts';
import { onInterrupt, Progress } from './progress.ts';
import { type RepeatOptions, setOption, stoppingRule, untilOptions } from './scenario-options.ts';

/** The options of the commands that run the whole grid of the figures. */
export interface FigureOptions extends RepeatOptions {
  readonly jobs?: number;
  readonly reps?: number;
  readonly duration?: number;
  readonly warmup?: number;
  readonly seed?: number;
  readonly quick?: true;
  readonly set?: readonly string[];
}

function option(name: LimitName, means: string, standard: string): Option {
  const limit: Limit = LIMITS[name];
  const unit = Object.keys(limit.units)[0] ?? 'n';
  return new Option(`--${name} <${unit}>`, `${means} (${rangeText(limit)}; default ${standard})`).argParser((text: string) => readLimited(name, text, `--${name} ${text}`));
}

/** `3 with --quick` behind the paper's number. */
function standard(name: keyof typeof PAPER_PROTOCOL): string {
  return PAPER_PROTOCOL[name] === QUICK_PROTOCOL[name] ? String(PAPER_PROTOCOL[name]) : `${PAPER_PROTOCOL[name]}; with --quick ${QUICK_PROTOCOL[name]}`;
}

/** Adds --jobs, --reps, --duration, --warmup, --seed, --quick and --set to a command. */
export function addFigureOptions(command: Command): Command {
  return command
    .addOption(option('jobs', 'worker threads', 'all cores'))
    .addOption(option('reps', 'replications of each point', `${PAPER_PROTOCOL.reps}, under the load models beside the figure's ${PAPER_PROTOCOL.sideReps}; with --quick ${QUICK_PROTOCOL.reps}`))
    .addOption(option('duration', 'simulated time of a run, seconds', standard('duration')))
    .addOption(option('warmup', 'cut from the start of the results, seconds', 'half of the duration where that is given, else 10; with --quick 1'))
    .addOption(option('seed', 'seed of all random streams', standard('seed')))
    .option('--quick', 'short runs, two a point: a look at everything in seconds')
    .addOption(setOption());
}

/** Adds --until-ci and --max-reps. */
export function addUntilOptions(command: Command): Command {
  for (const each of untilOptions()) command.addOption(each);
  return command;
}

/** How the figures are to be made. @throws UserError for options that do not go together. */
export function gridOf(options: FigureOptions): Grid {
  const base = options.quick === true ? QUICK_PROTOCOL : PAPER_PROTOCOL;
  const { reps = base.reps, reps: sideReps = base.sideReps, duration = base.duration, seed = base.seed } = options;
  const warmup = options.warmup ?? (options.duration === undefined ? base.warmup : duration / 2);
  return figureGrid({ reps, sideReps, duration, warmup, seed, until: stoppingRule(options) }, options.set ?? []);
}

/** Does something long with workers, progress on a terminal and Ctrl-C as an abort. `what`: asked again where the work has several sweeps. */
export async function supervised<T>(what: string | (() => string), options: Pick<FigureOptions, 'jobs'>, work: (options: SweepOptions) => Promise<T>): Promise<T> {
  const progress = new Progress();
  const interruption = onInterrupt(() => progress.show('interrupted: keeping what is finished'));
  let begin = performance.now();
  let last = begin;
  try {
    return await work({
      jobs: options.jobs ?? availableParallelism(),
      signal: interruption.signal,
      progress: (done, total) => {
        // Another sweep began when the one before it ended.
        if (done === 1) begin = last;
        last = performance.now();
        progress.count(done, total, typeof what === 'string' ? what : what(), (last - begin) / 1000);
      },
    });
  } finally {
    progress.clear();
    interruption.release();
  }
}
