import { type Command, Option } from 'commander';
import { EXPORT_FORMATS } from '../../trace/export/formats.ts';
import { TRACE_KINDS } from '../../trace/format.ts';
import { IMPORT_FORMATS } from '../../trace/import/formats.ts';
import { readQuantity } from '../../study/quantity.ts';
import { UserError } from '../failure.ts';

const HELP = `
A trace is an Arrow IPC file: frames on a wire, what devices did, entries into a kernel, or slices of CPU time,
each row with its time. Wherever a trace is wanted, a recording of another format can be given, too:
${IMPORT_FORMATS.map(({ name }) => name).join(', ')}.
All may be compressed by gzip or zstd; the format is found from the content. '-' is standard input.

Examples:
  rumpsim trace info wire.arrow                         what it holds: rows, times, counts and rates
  rumpsim trace info capture.pcap                       the same of a capture
  rumpsim trace head hardware.arrow --rows 20           its first rows, with names
  rumpsim trace convert capture.pcap wire.arrow         a capture as a trace
  rumpsim trace convert ledger.arrow out.pftrace        for ui.perfetto.dev
  rumpsim trace cut wire.arrow part.arrow --from 1s --to 2s
  rumpsim trace merge a.arrow b.arrow --out both.arrow
  rumpsim trace validate wire.arrow                     whether it is whole and right`;

const COPIED = `
Times have a unit (1.5s, 200ms, 40us, 700ns), or are whole numbers of the clock's unit (1500000); they count as
column t does.`;

/** How recordings of other formats are read: shared by every command that takes them. */
function importOptions(): Option[] {
  return [
    new Option('--format <name>', `format of what is read, where its content does not say: ${IMPORT_FORMATS.map(({ name }) => name).join(', ')}`),
    new Option('--kind <kind>', 'the kind of trace to make of a recording that can give several').choices([...TRACE_KINDS]),
    new Option('--local <address>', 'of a capture: an address (IPv4, IPv6 or MAC) of the machine whose trace it is to be (default: the end that got the most payload)'),
    new Option('--strict', 'refuse a recording that is cut off or has rows that cannot be read, instead of a warning'),
  ];
}

/** `rumpsim trace`: looks at traces, checks them, and makes other files of them. */
export function register(program: Command): void {
  const trace = program
    .command('trace')
    .summary('look at, check, cut, merge and convert traces')
    .description('Looks at traces and recordings, checks them, cuts and merges them, and converts them from and to other formats.')
    .addHelpText('after', HELP);

  const info = trace
    .command('info')
    .summary('what a trace holds')
    .description('Reads a trace to its end and says how it was recorded, how long it is, and what it holds: counts, sums and rates by kind.')
    .argument('<file>', 'trace, or recording of another format')
    .option('--json', 'print one JSON object with everything, metadata included')
    .action(async (file: string, options) => (await import('./trace-info.ts')).info(file, options));

  const head = trace
    .command('head')
    .summary('the first rows of a trace')
    .description('Prints the first rows of a trace as a table, names instead of codes.')
    .argument('<file>', 'trace, or recording of another format')
    .addOption(new Option('-n, --rows <n>', 'how many rows').default(10).argParser((text: string) => whole(text, `--rows ${text}`)))
    .addOption(new Option('--json', 'as a JSON array of objects').conflicts('csv'))
    .option('--csv', 'as comma-separated values')
    .action(async (file: string, options) => (await import('./trace-head.ts')).head(file, options));

  const validate = trace
    .command('validate')
    .summary('whether a trace is whole and right')
    .description('Reads every value of a trace and holds what it says of itself against what it holds. Ends with status 2 and one line for the first thing that is wrong.')
    .argument('<file>', 'trace, or recording of another format')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nWhat is odd but readable is a warning; with --strict it is wrong, too.')
    .action(async (file: string, options) => (await import('./trace-validate.ts')).validate(file, options));

  const cut = trace
    .command('cut')
    .summary('a part of a trace')
    .description('Copies a part of a trace, by time, by rows, or by both. The times stay as they were, relative to the same origin.')
    .argument('<file>', 'trace, or recording of another format')
    .argument('<out>', 'trace to write')
    .addOption(new Option('--from <time>', 'first time that is wanted').argParser((text: string) => time(text, `--from ${text}`)))
    .addOption(new Option('--to <time>', 'first time that is not wanted any more').argParser((text: string) => time(text, `--to ${text}`)))
    .addOption(new Option('--rows <range>', 'rows, counted from 0: FIRST:END (END not included), FIRST: or :END').argParser(rowRange))
    .addHelpText('after', `${COPIED}\n\nExamples:\n  rumpsim trace cut wire.arrow second.arrow --from 1s --to 2s\n  rumpsim trace cut wire.arrow start.arrow --rows :1000`)
    .action(async (file: string, out: string, options) => (await import('./trace-cut.ts')).cut(file, out, options));

  const merge = trace
    .command('merge')
    .summary('several traces as one')
    .description('Merges traces of one kind and one clock in time order, aligned by their origins. Flows of different traces stay different ones.')
    .argument('<file...>', 'traces, or recordings of other formats')
    .requiredOption('--out <file>', 'trace to write')
    .addHelpText('after', '\nExample:\n  rumpsim trace merge eth0.arrow eth1.arrow --out both.arrow')
    .action(async (files: readonly string[], options) => (await import('./trace-merge.ts')).merge(files, options));

  const convert = trace
    .command('convert')
    .summary('from and to other formats')
    .description('Converts a recording to a trace, or traces to a format that other tools read. The last file is written.')
    .argument('<file...>', 'traces or recordings, and the file to write')
    .addOption(new Option('--to <format>', `what to write (default: by the extension of the last file): arrow, ${EXPORT_FORMATS.map(({ name }) => name).join(', ')}`))
    .addHelpText('after', `
Formats that are read:
${IMPORT_FORMATS.map(({ name, title, kinds }) => `  ${name.padEnd(16)}${title}: ${kinds.join(', ')}`).join('\n')}
Formats that are written:
${[{ name: 'arrow', extension: '.arrow', title: 'a trace', kinds: TRACE_KINDS, several: false }, ...EXPORT_FORMATS].map(({ name, title, kinds, extension, several }) => `  ${name.padEnd(16)}${title} (${extension}): ${kinds.join(', ')}${several === true ? '; several traces at once' : ''}`).join('\n')}

Examples:
  rumpsim trace convert capture.pcap.gz wire.arrow --local 10.0.0.2
  rumpsim trace convert qemu.log hardware.arrow --kind hardware
  rumpsim trace convert wire.arrow hardware.arrow ledger.arrow all.pftrace
  rumpsim trace convert ledger.arrow - --to folded | flamegraph.pl > flame.svg`)
    .action(async (files: readonly string[], options) => (await import('./trace-convert.ts')).convert(files, options));

  for (const command of [info, head, validate, cut, merge, convert]) for (const option of importOptions()) command.addOption(option);
}

/** A time of the command line: seconds, or units of the trace's clock. */
export interface GivenTime {
  readonly value: number;
  readonly unit: 'seconds' | 'clock';
  readonly text: string;
}

const UNITS: Readonly<Record<string, number>> = { s: 1, ms: 1e3, us: 1e6, ns: 1e9 };

function time(text: string, place: string): GivenTime {
  const quantity = readQuantity(text);
  const bad = (): never => {
    throw new UserError(place, `'${text}' is not a time`, 'give one such as 1.5s, 200ms, 40us or 700ns, or a whole number of the clock\'s unit');
  };
  if (quantity === null || !(quantity.number >= 0)) return bad();
  if (quantity.unit === '') return Number.isSafeInteger(quantity.number) ? { value: quantity.number, unit: 'clock', text } : bad();
  const parts = UNITS[quantity.unit];
  return parts === undefined ? bad() : { value: quantity.number / parts, unit: 'seconds', text };
}

function whole(text: string, place: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new UserError(place, `'${text}' is not a number of rows`, 'give a whole number');
  return value;
}

/** Rows from `first` up to and without `end`. */
export interface RowRange {
  readonly first: number;
  readonly end: number;
}

function rowRange(text: string): RowRange {
  const match = /^(\d*):(\d*)$/.exec(text);
  const range = { first: Number(match?.[1] ?? 0), end: match?.[2] === undefined || match[2] === '' ? Infinity : Number(match[2]) };
  if (match === null || text === ':' || !(range.first < range.end)) throw new UserError(`--rows ${text}`, `'${text}' is no range of rows`, 'give FIRST:END, FIRST: or :END, such as 1000:2000');
  return range;
}
