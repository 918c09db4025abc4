import type { Command } from 'commander';
import { STATUS_INTERRUPTED } from '../failure.ts';
import { addFigureOptions, type FigureOptions, gridOf, supervised } from '../figure-options.ts';
import { print, printJson, writeWhole } from '../output.ts';
import { addSettingsHelp } from '../scenario-options.ts';
import { warmupText } from '../uncertainty-text.ts';

interface WarmupOptions extends FigureOptions {
  readonly json?: true;
  readonly csv?: string;
}

const EXAMPLES = `
MSER-5 drops as much of the start of a run as leaves the mean with the smallest standard error; its observations are means over 0.1 s.

Examples:
  rumpsim warmup --jobs 2
  rumpsim warmup --quick --csv warmup.csv`;

/** `rumpsim warmup`: whether the warm-up was long enough. */
export function register(program: Command): void {
  const command = program
    .command('warmup')
    .summary('whether the warm-up that is cut is long enough (MSER-5)')
    .description('Samples the utilisation of every system at every load from the start of the run and says where MSER-5 would cut it.');
  addFigureOptions(command)
    .option('--json', 'print a JSON array')
    .option('--csv <file>', 'write the table, too')
    .action(run);
  addSettingsHelp(command).addHelpText('after', EXAMPLES);
}

async function run(options: WarmupOptions): Promise<void> {
  const grid = gridOf(options);
  const [{ warmupStudy }, { warmupTable }, { csv }] = await Promise.all([import('../../study/warmup.ts'), import('../../study/uncertainty-tables.ts'), import('../../study/tables.ts')]);
  const study = await supervised('warmup', options, (sweep) => warmupStudy(grid, sweep));
  if (options.csv !== undefined) writeWhole(options.csv, csv(warmupTable(study)));
  if (options.json === true) printJson(study.rows);
  else print(warmupText(study));
  if (study.complete) return;
  process.stderr.write('rumpsim: interrupted: points without all their runs are left out\n');
  process.exitCode = STATUS_INTERRUPTED;
}
