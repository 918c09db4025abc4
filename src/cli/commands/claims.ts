import type { Command } from 'commander';
import { claimsText, tally } from '../claims-text.ts';
import { STATUS_INTERRUPTED } from '../failure.ts';
import { addFigureOptions, addUntilOptions, type FigureOptions, gridOf, supervised } from '../figure-options.ts';
import { print, printJson } from '../output.ts';
import { addSettingsHelp } from '../scenario-options.ts';

interface ClaimsOptions extends FigureOptions {
  readonly json?: true;
  readonly strict?: true;
}

/** Exit status of --strict when a claim does not hold. */
const STATUS_FAILED = 1;

const EXAMPLES = `
A claim is a sentence of the paper as a check on results. Verdicts: yes, no, open (a system that it needs is not there).
Exit status is 0 whatever holds; with --strict it is 1 when one does not.

Examples:
  rumpsim claims                          each claim with its numbers
  rumpsim claims --quick --json           an array of {id, holds, value, bound, margin, text, ...}
  rumpsim claims --set cost.pit.out=1us   under another number of the model`;

/** `rumpsim claims`: the paper's sentences on figures 4 and 5 as checks. */
export function registerClaims(program: Command): void {
  const command = program
    .command('claims')
    .summary('the paper\'s claims as checks on simulated results')
    .description('Runs the grid of figures 4 and 5 and says which of the paper\'s sentences hold, with the numbers that decide.');
  addUntilOptions(addFigureOptions(command))
    .option('--json', 'print a JSON array')
    .option('--strict', 'exit with 1 when a claim does not hold')
    .action(claims);
  addSettingsHelp(command).addHelpText('after', EXAMPLES);
}

async function claims(options: ClaimsOptions): Promise<void> {
  const grid = gridOf(options);
  const { reproduce } = await import('../../study/reproduce.ts');
  const { claims, complete, runs, planned } = await supervised('claims', options, (sweep) => reproduce(grid, 0, sweep));
  if (options.json === true) printJson(claims);
  else print(`${claimsText(claims)}\n\n${tally(claims)}`);
  if (!complete) {
    process.stderr.write(`rumpsim: interrupted: ${runs.length} of ${planned} runs are finished; claims about the others are open\n`);
    process.exitCode = STATUS_INTERRUPTED;
  } else if (options.strict === true && claims.some(({ holds }) => holds === false)) {
    process.exitCode = STATUS_FAILED;
  }
}
