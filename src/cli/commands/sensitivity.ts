import type { Command } from 'commander';
import { costsText } from '../../study/manifest.ts';
import { figureGrid } from '../../study/grid.ts';
import type { PacingName } from '../../load/pacing/pacing.ts';
import type { Sensitivity } from '../../study/sensitivity.ts';
import { UserError } from '../../study/user-error.ts';
import { SHORT } from '../../study/variants.ts';
import { STATUS_INTERRUPTED } from '../failure.ts';
import { supervised } from '../figure-options.ts';
import { OutputFolder } from '../output-folder.ts';
import { print, printJson } from '../output.ts';
import { provenance, sha256 } from '../provenance.ts';
import { addSettingsHelp, limitOption, pacingOption, setOption } from '../scenario-options.ts';
import { sensitivityText } from '../uncertainty-text.ts';

interface SensitivityOptions {
  readonly load?: number;
  readonly pacing?: PacingName;
  readonly duration?: number;
  readonly warmup?: number;
  readonly seed?: number;
  readonly jobs?: number;
  readonly set?: readonly string[];
  readonly out?: string;
  readonly json?: true;
}

const MANIFEST = 'manifest.json';
const FIGURES = ['sensitivity', 'sensitivity-claims'];
const OWN = [MANIFEST, 'sensitivity.csv', 'flips.csv', ...FIGURES.flatMap((name) => ['vl.json', 'svg', 'png'].map((kind) => `${name}.${kind}`))];

const HELP = `
Each cost goes to the low and to the high end of its published range, all others at their values: short runs of ${SHORT.duration} s of which ${SHORT.warmup} s
are cut, unless said otherwise. Claims are judged over the figure's five loads. Where a verdict turns inside a range, the value is found by simulation.

Files of --out: sensitivity and sensitivity-claims as .png, .svg and .vl.json; sensitivity.csv, flips.csv, manifest.json.
Ctrl-C keeps the runs that are finished and says what they show.

Examples:
  rumpsim sensitivity                            the costs that matter, and where claims turn
  rumpsim sensitivity --out out --jobs 2         with charts and tables
  rumpsim sensitivity --load 360 --pacing even   somewhere else`;

/** `rumpsim sensitivity`: which numbers matter. */
export function register(program: Command): void {
  const command = program
    .command('sensitivity')
    .summary('which costs matter, and where claims turn')
    .description('Moves every cost over its published range, one at a time, and says what that does to utilisation, to kernel time and to every claim.')
    .addOption(limitOption('load'))
    .addOption(pacingOption());
  for (const name of ['duration', 'warmup', 'seed', 'jobs'] as const) command.addOption(limitOption(name));
  command
    .addOption(setOption())
    .option('--out <folder>', 'charts and tables go there')
    .option('--json', 'print one JSON object with everything')
    .action(run);
  addSettingsHelp(command).addHelpText('after', HELP);
}

async function run(options: SensitivityOptions): Promise<void> {
  const { load = 900, pacing = 'fq', seed = 1, duration = SHORT.duration } = options;
  const warmup = options.warmup ?? (options.duration === undefined ? SHORT.warmup : duration / 2);
  if (warmup >= duration) throw new UserError('--warmup', `${warmup} s leaves nothing of the ${duration} s to measure`, 'give less than the duration');
  const grid = figureGrid({ reps: 1, duration, warmup, seed }, options.set ?? []);
  const folder = options.out === undefined ? null : new OutputFolder(options.out);
  const { loadsFor, sensitivity } = await import('../../study/sensitivity.ts');
  const setting = { systems: grid.systems, loads: loadsFor(load), pacing, costs: grid.costs, duration, warmup, seed };
  let stage = 'sensitivity';
  const begin = performance.now();
  const study = await supervised(() => stage, options, (sweep) => sensitivity(setting, load, sweep, {
    stage: (name) => {
      stage = name;
    },
  })).catch((error: unknown) => {
    folder?.discard();
    throw error;
  });
  if (!study.complete) {
    process.stderr.write('rumpsim: interrupted: costs whose runs are finished are shown\n');
    process.exitCode = STATUS_INTERRUPTED;
  }
  if (folder !== null) await write(folder, study);
  const { setting: _setting, ...numbers } = study;
  if (options.json === true) printJson({ load, pacing, duration, warmup, seed, costsHash: sha256(costsText(setting.costs)), ...numbers });
  else print(`${sensitivityText(study)}\n${((performance.now() - begin) / 1000).toFixed(1)} s${options.out === undefined ? '' : `; ${options.out} has charts and tables`}`);
}

async function write(folder: OutputFolder, study: Sensitivity): Promise<void> {
  const [{ csv }, { swingsTable, flipsTable }, { claimTornado, tornado }, { render }] = await Promise.all([
    import('../../study/tables.ts'), import('../../study/uncertainty-tables.ts'), import('../../chart/tornado.ts'), import('../../chart/render.ts'),
  ]);
  if (study.swings.every(({ quantity }) => quantity.claim !== null)) return folder.discard();
  for (const [name, spec] of [['sensitivity', tornado(study)], ['sensitivity-claims', claimTornado(study)]] as const) {
    const { spec: text, svg, png } = await render(spec);
    folder.write(`${name}.vl.json`, text);
    folder.write(`${name}.svg`, svg);
    folder.write(`${name}.png`, png);
  }
  folder.write('sensitivity.csv', csv(swingsTable(study)));
  if (study.flips.length > 0) folder.write('flips.csv', csv(flipsTable(study)));
  const { systems, loads, pacing, duration, warmup, seed, costs } = study.setting;
  const scenario = { systems: Object.fromEntries(systems.map(({ name, ...rest }) => [name, rest])), load: study.loadMbps, loads, pacing, duration, warmup, seed };
  folder.write(MANIFEST, `${JSON.stringify({ ...provenance({ scenario, costs, seeds: { seed, runs: [0, 1, 2, 3, 4] } }), complete: study.complete }, null, 2)}\n`);
  folder.commit(MANIFEST, OWN);
}
