import { type Command, Option } from 'commander';
import { CostTable } from '../../hw/cost.ts';
import { DEFAULT_PIECES } from '../../study/icount-pieces.ts';
import type { Validation } from '../../study/validate/validate.ts';
import { STATUS_INTERRUPTED, UserError } from '../failure.ts';
import { print, printJson, writeWhole } from '../output.ts';
import { withProgress } from '../progress.ts';
import { provenance } from '../provenance.ts';
import { limitOption } from '../scenario-options.ts';
import { terminalWidth } from '../table.ts';

interface ValidateCommandOptions {
  readonly json?: true;
  readonly jobs?: number;
  readonly page?: string;
  readonly phases?: number;
}

const HELP = `
Recordings are folders with kernel-entries.csv, device-access.csv, wire.pcap and summary.json of seL4 and Rumprun in
instruction time, or with window.trace and info.json of Linux; files may be packed with zstd, or be traces (.arrow).
Each is predicted from the frames that came in and from what the machine was, with the instructions of each piece
counted in the other recordings (one that stands alone: in those that come with the program).

The throttle is told from summary.json (sc_itr or itr), an \`itrN\` in its config, a write to ITR in the traces,
table.csv beside the configurations, an \`itrN\` in a folder's name; failing all these from the ring: the driver's
patches set throttle 0 and 4096 descriptors together, without them it is 1500 and 256.

Examples:
  rumpsim validate recordings/sel4-rumprun
  rumpsim validate recordings/* --jobs 2 --json
  rumpsim validate recordings/sel4-rumprun --page validation.md`;

/** `rumpsim validate`: the model against recordings of the real system. */
export function register(program: Command): void {
  program
    .command('validate')
    .summary('the model against recordings of the real system')
    .description('Takes the wire input of each recording in and below the folders, simulates the same system in instruction time, and compares every recorded quantity with the predicted one.')
    .argument('<folders...>', 'folders of recordings, or above them')
    .addOption(limitOption('jobs'))
    .addOption(new Option('--phases <n>', 'simulations of each recording: they differ in where tick and clock stand, which the wire does not tell; the prediction is their mean (1..100; default 5)').argParser((text: string) => phases(text)))
    .option('--json', 'print one JSON object: rows of recording, quantity, predicted, recorded, ratio; manifest')
    .option('--page <file>', 'write the report as Markdown, too')
    .addHelpText('after', HELP)
    .action(run);
}

async function run(folders: string[], options: ValidateCommandOptions): Promise<void> {
  const [{ validate }, { validationPage }, { validationText }] = await Promise.all([import('../../study/validate/validate.ts'), import('../../study/validate/page.ts'), import('../validate-text.ts')]);
  const validation = await withProgress('recordings read and predicted', (watch) => validate(folders, { jobs: options.jobs, phases: options.phases, ...watch }));
  if (options.page !== undefined) writeWhole(options.page, validationPage(validation));
  if (options.json === true) printJson(jsonOf(validation, folders));
  else print(validationText(validation, terminalWidth() ?? 160));
  if (validation.complete) return;
  process.stderr.write('rumpsim: interrupted: recordings that were not finished are left out\n');
  process.exitCode = STATUS_INTERRUPTED;
}

function phases(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1 || value > 100) throw new UserError(`--phases ${text}`, 'this is no number of simulations', 'give a whole number in 1..100');
  return value;
}

function jsonOf({ recordings, rows, verdict, phases: simulations, complete }: Validation, folders: readonly string[]): unknown {
  const traceHashes = Object.fromEntries(recordings.filter(({ hash }) => hash !== '').map(({ name, hash }) => [name, hash]));
  return {
    ...provenance({ scenario: { validate: folders }, costs: new CostTable(DEFAULT_PIECES), seeds: null, traceHashes }),
    complete, phases: simulations,
    summary: { ...verdict, worst: verdict.worst.map(({ recording, quantity, ratio }) => ({ recording, quantity, ratio })) },
    rows: rows.map(({ recording, quantity, predicted, recorded, ratio }) => ({ recording, quantity, predicted, recorded, ratio })),
    recordings: recordings.map(({ name, shape, hash, seconds, given, frames, costs, warnings, unpredicted, rows: own }) => ({
      name, shape, hash, seconds, given, frames, costs, warnings, unpredicted,
      notes: own.filter(({ within }) => within !== true).map(({ quantity, within, rare, phases: among, known }) => ({ quantity, within, rare, phases: among, state: known?.state ?? 'open', explanation: known?.explanation ?? unpredicted })),
    })),
  };
}
