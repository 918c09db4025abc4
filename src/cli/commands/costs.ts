import type { Command } from 'commander';
import type { Cost } from '../../hw/cost.ts';
import { defaultCosts } from '../../study/cost-tables.ts';
import { didYouMean } from '../../study/nearest.ts';
import { UserError } from '../failure.ts';
import { print, printJson } from '../output.ts';
import { provenance } from '../provenance.ts';
import { table, terminalWidth, wrap } from '../table.ts';

const HELP = `
FILTER is part of an id (hpet, insn.sel4, cpi.), a kind (measured, datasheet, source code, arithmetic, estimate, fitted) or
words of a source; it shows the costs that have it. On a terminal sources are wrapped; in a pipe each cost is one line.

Change a number for one run:     rumpsim run sel4-msi --set cost.hpet.read=400ns
or in a scenario file:           costs: { hpet.read: 400ns }

Examples:
  rumpsim costs hpet                  id, value, range, kind and source of what the HPET costs
  rumpsim costs fitted                what was fitted, and to what
  rumpsim costs --json > costs.json   all of them, for a script`;

/** `rumpsim costs`: every number of the model. */
export function register(program: Command): void {
  program
    .command('costs')
    .summary('every number of the model, with range, kind and source')
    .description('Prints the numbers of the model: value, unit, lowest and highest plausible value, how it was come by, and its source.')
    .argument('[filter]', 'only those with this in id, kind or source')
    .option('--json', 'print one JSON object')
    .addHelpText('after', HELP)
    .action(costs);
}

function costs(filter: string | undefined, options: { readonly json?: true }): void {
  const standard = defaultCosts();
  const rows = standard.rows();
  const chosen = filter === undefined ? rows : rows.filter((row) => matches(row, filter));
  if (chosen.length === 0) {
    throw new UserError('costs', `nothing has '${filter ?? ''}' in its id, kind or source`, didYouMean(filter ?? '', rows.flatMap(({ id, kind }) => [id, kind])));
  }
  if (options.json === true) {
    printJson({ costs: chosen, manifest: provenance({ scenario: null, costs: standard, seeds: null }) });
  } else {
    print(listing(chosen));
  }
}

function matches({ id, kind, source }: Cost, filter: string): boolean {
  const text = filter.toLowerCase();
  return id.toLowerCase().includes(text) || kind === text || source.toLowerCase().includes(text);
}

function listing(rows: readonly Cost[]): string {
  const width = terminalWidth();
  const lines = table(rows.map(({ id, value, unit, low, high }) => [id, String(value), unit, `${low}..${high}`]), 'lrll').split('\n');
  return rows
    .map(({ kind, source }, index) => {
      const about = `${kind}: ${source}`;
      const line = lines[index] ?? '';
      return width === undefined ? `${line}  ${about}` : [line, ...wrap(about, width - 4).map((part) => `    ${part}`)].join('\n');
    })
    .join('\n');
}
