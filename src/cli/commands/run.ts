import type { Command } from 'commander';
import type { PacingName } from '../../load/pacing/pacing.ts';
import type { Manifest } from '../../study/manifest.ts';
import { replications } from '../../study/replications.ts';
import { type RunResult, simulate } from '../../study/simulate.ts';
import { resolveStudy, type Study, studyContent } from '../../study/study.ts';
import { SYSTEMS } from '../../study/system.ts';
import { enough, LEAST_RUNS, type StoppingRule } from '../../study/until-narrow.ts';
import type { SweepOptions } from '../../study/sweep.ts';
import { STATUS_INTERRUPTED } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { onInterrupt, Progress } from '../progress.ts';
import { provenance } from '../provenance.ts';
import { replicationSummary, runSummary } from '../run-summary.ts';
import { addSettingsHelp, configOption, limitOption, loadScenario, pacingOption, type RepeatOptions, setOption, stoppingRule, untilOptions } from '../scenario-options.ts';
import { checkTraceOptions, openReplay, type Replay, runTraced, traced, type TraceOptions, traceOptions } from './trace-options.ts';

interface RunOptions extends TraceOptions, RepeatOptions {
  readonly load?: number;
  readonly pacing?: PacingName;
  readonly duration?: number;
  readonly warmup?: number;
  readonly seed?: number;
  readonly run?: number;
  readonly reps?: number;
  readonly jobs?: number;
  readonly set?: readonly string[];
  readonly config?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  rumpsim run sel4-msi --load 540                                one run, as a table
  rumpsim run sel4-pic --reps 5 --jobs 2                         five runs with mean, deviation and 95 % interval
  rumpsim run netbsd --until-ci 0.005                            as many runs as that interval takes
  rumpsim run bmk --set nic.throttle=0 --json > out.json         no interrupt throttle; everything, every digit
  rumpsim run sel4-msi --set cost.hpet.read=400ns                a number of the model changed
  rumpsim run sel4-msi --set controller=ioapic --set timer=pit   other parts
  rumpsim run --config examples/bare-metal-msi.yaml              a scenario file, with a system of its own
  rumpsim run sel4-pic --load 540 --record wire.arrow            the frames at the NIC's port, as an Arrow file
  rumpsim run --replay wire.arrow --set nic.throttle=0           the same frames at the same times, to another system
  rumpsim run sel4-msi --replay capture.pcap                     the frames of a capture, from the first one on
  rumpsim run sel4-pic --record-ledger ledger.arrow              every slice of CPU time (rumpsim trace convert draws it)`;

/** `rumpsim run`: one scenario. */
export function register(program: Command): void {
  const command = program
    .command('run')
    .summary('simulate one system under a load')
    .description('Simulates one system under a load and says what its CPU did: utilisation, throughput, latency, and every account of the CPU time.')
    .argument('[system]', `${SYSTEMS.map(({ name }) => name).join(', ')}, or a system of the scenario file`)
    .addOption(limitOption('load'))
    .addOption(pacingOption())
    .addOption(limitOption('duration'))
    .addOption(limitOption('warmup'))
    .addOption(limitOption('seed'))
    .addOption(limitOption('run'))
    .addOption(limitOption('reps'))
    .addOption(limitOption('jobs'))
    .addOption(setOption())
    .addOption(configOption())
    .option('--json', 'print one JSON object with everything, numbers unrounded')
    .action(run);
  for (const option of [...untilOptions(), ...traceOptions()]) command.addOption(option);
  addSettingsHelp(command).addHelpText('after', EXAMPLES);
}

async function run(system: string | undefined, options: RunOptions): Promise<void> {
  const file = options.config === undefined ? null : await loadScenario(options.config);
  const replay = options.replay === undefined ? null : await openReplay(options.replay, options.flow);
  const study = resolveStudy({ ...options, system }, file ?? replay?.scenario ?? null);
  checkTraceOptions(options, study.reps);
  const rule = stoppingRule(options);
  if (rule !== undefined) checkTraceOptions(options, rule.most);
  if (study.reps === 1 && rule === undefined) await runOnce(study, options, replay);
  else await runRepeatedly({ ...study, reps: rule === undefined ? study.reps : Math.max(study.reps, LEAST_RUNS) }, options, rule);
}

/** One run in this thread, recorded or driven by a trace where that is asked for. */
async function runOnce(study: Study, options: RunOptions, replay: Replay | null): Promise<void> {
  const { scenario, costs } = study;
  const progress = new Progress();
  progress.show(`${scenario.system.name}: simulating ${scenario.duration} s`);
  const begin = performance.now();
  const result = await (traced(options) ? runTraced(options, study, replay) : Promise.resolve().then(() => simulate(scenario, costs))).finally(() => progress.clear());
  const wallSeconds = (performance.now() - begin) / 1000;
  if (options.json === true) printJson({ ...result, wallSeconds, manifest: manifestOf(study, [result], replay) });
  else print(runSummary(study, result, wallSeconds));
}

/** Replications on worker threads. Ctrl-C keeps those that are finished. */
async function runRepeatedly(study: Study, options: RunOptions, rule: StoppingRule | undefined): Promise<void> {
  const { scenario, costs, reps } = study;
  const [{ sweep }, { untilNarrow }] = await Promise.all([import('../../study/sweep.ts'), import('../../study/until-narrow.ts')]);
  const progress = new Progress();
  const interruption = onInterrupt(() => progress.show('interrupted: stopping'));
  const begin = performance.now();
  const seconds = (): number => (performance.now() - begin) / 1000;
  progress.count(0, reps, scenario.system.name, 0);
  const jobs = Array.from({ length: reps }, (_, index) => ({ scenario: { ...scenario, run: scenario.run + index }, costs }));
  const sweepOptions: SweepOptions = {
    jobs: options.jobs,
    signal: interruption.signal,
    progress: (done, total) => progress.count(done, total, scenario.system.name, seconds()),
  };
  const { runs, complete } = await sweep(jobs, sweepOptions).then(async ({ results, complete: planned }) => {
    if (rule === undefined || !planned) return { runs: results.filter((result) => result !== null), complete: planned };
    return untilNarrow(jobs, results, rule, sweepOptions);
  }).finally(() => {
    progress.clear();
    interruption.release();
  });
  if (!complete) {
    process.stderr.write(`rumpsim: interrupted: ${runs.length} of ${reps} runs are finished\n`);
    process.exitCode = STATUS_INTERRUPTED;
    if (runs.length === 0) return;
  }
  const summary = replications(runs);
  const asked = rule === undefined ? undefined : { ...rule, met: enough(runs.map(({ utilisation }) => utilisation), rule.width, reps) !== null };
  if (asked?.met === false) process.stderr.write(`rumpsim: after ${runs.length} runs the 95 % interval of utilisation is still not narrower than ${options.untilCi ?? ''} points\n`);
  if (options.json === true) {
    const { system, loadMbps, pacing, seed, duration, warmup } = scenario;
    printJson({ system: system.name, loadMbps, pacing, seed, duration, warmup, reps: rule === undefined ? reps : runs.length, until: asked, complete, ...summary, runs, wallSeconds: seconds(), manifest: manifestOf(study, runs) });
  } else {
    print(replicationSummary({ ...study, reps: rule === undefined ? reps : runs.length }, runs, summary, seconds()));
  }
}

function manifestOf(study: Study, runs: readonly RunResult[], replay: Replay | null = null): Manifest {
  return provenance({ scenario: studyContent(study), costs: study.costs, seeds: { seed: study.scenario.seed, runs: runs.map((result) => result.run) }, traceHashes: replay?.traceHashes });
}
