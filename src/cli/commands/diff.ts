import { existsSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { type Command, Option } from 'commander';
import type { PacingName } from '../../load/pacing/pacing.ts';
import type { Compared, Difference, Parting } from '../../study/diff/difference.ts';
import { resolveStudy, type Study } from '../../study/study.ts';
import { SYSTEMS } from '../../study/system.ts';
import { STANDARD_STREAM } from '../../trace/standard-stream.ts';
import { systemReason, UserError } from '../failure.ts';
import { print, printJson, writeWhole } from '../output.ts';
import { limitOption, loadScenario, pacingOption, setOption } from '../scenario-options.ts';
import { table } from '../table.ts';

interface DiffOptions {
  readonly load?: number;
  readonly pacing?: PacingName;
  readonly duration?: number;
  readonly warmup?: number;
  readonly seed?: number;
  readonly run?: number;
  readonly set?: readonly string[];
  readonly setB?: readonly string[];
  readonly flamegraph?: string;
  readonly folded?: string;
  readonly rows: number;
  readonly json?: true;
}

/** Seconds: long enough for steady state, short enough to keep every hardware event of both runs. */
const DURATION = 2;
const ROWS = 25;
/** Of a value in the table of the first difference; JSON has all. */
const MOST_CHARACTERS = 48;

const HELP = `
A and B are two systems or scenario files, which are simulated; two results that \`rumpsim run --json\` printed;
or two traces of one kind, recorded or simulated.
The tables have what differs most first; then comes the first event at which they part. A difference flame
graph is as wide as the larger of the two, orange where B took more, blue where it took less.

Examples:
  rumpsim diff sel4-pic sel4-msi --load 540
  rumpsim diff sel4-msi sel4-msi --set-b nic.throttle=8000/s --flamegraph throttle.svg
  rumpsim diff before.json after.json
  rumpsim diff recorded.arrow simulated.arrow --json`;

export function register(program: Command): void {
  const repeat = (text: string, all: string[] | undefined): string[] => [...(all ?? []), text];
  program.command('diff')
    .summary('compare two runs or two traces: accounts, counts and the first event at which they part')
    .description('Compares two runs or two traces: accounts, counts and the first event at which they part, as tables and as a difference flame graph.')
    .argument('<a>', 'system, scenario file, result (.json) or trace')
    .argument('<b>', 'the same, to compare with it')
    .addOption(limitOption('load'))
    .addOption(pacingOption())
    .addOption(limitOption('duration', String(DURATION)))
    .addOption(limitOption('warmup', 'a quarter of the duration'))
    .addOption(limitOption('seed'))
    .addOption(limitOption('run'))
    .addOption(setOption('of both; keys: `rumpsim run --help`'))
    .option('--set-b <key=value>', 'change one setting or number of B alone (repeatable)', repeat)
    .option('--flamegraph <file>', 'write the difference flame graph: .svg, .png or .vl.json')
    .option('--folded <file>', 'write the stacks of both as text, for difffolded: one a line with its two values')
    .addOption(new Option('-n, --rows <n>', 'most rows of each table').default(ROWS).argParser((text: string) => rowCount(text)))
    .option('--json', 'print everything as one JSON object')
    .addHelpText('after', HELP)
    .action(diff);
}

async function diff(a: string, b: string, options: DiffOptions): Promise<void> {
  const difference = await compared(a, b, options);
  for (const note of options.json === true ? [] : difference.notes.filter((line) => line.includes('cut off'))) process.stderr.write(`rumpsim: warning: ${note}\n`);
  if (options.flamegraph !== undefined) await writeFlameGraph(options.flamegraph, difference);
  if (options.folded !== undefined) writeWhole(options.folded, folded(difference));
  if (options.json === true) printJson(difference);
  else print(text(difference, options.rows));
}

async function compared(a: string, b: string, options: DiffOptions): Promise<Difference> {
  const [kindA, kindB] = [kindOf(a), kindOf(b)];
  if (kindA !== kindB) throw new UserError('diff', `${a} is ${NAMES[kindA]}, ${b} ${NAMES[kindB]}`, 'give two of one sort');
  switch (kindA) {
    case 'study': {
      const { diffSystems } = await import('../../study/diff/diff-systems.ts');
      const names = a === b ? [`${a} (A)`, `${b} (B)`] : [a, b];
      return diffSystems({ name: names[0] ?? a, study: await studyOf(a, options, options.set ?? []) }, { name: names[1] ?? b, study: await studyOf(b, options, [...(options.set ?? []), ...(options.setB ?? [])]) });
    }
    case 'result': {
      const [{ diffRuns }, { readResult }] = await Promise.all([import('../../study/diff/run-diff.ts'), import('../../study/diff/read-result.ts')]);
      return diffRuns(a, readResult(readText(a), a), b, readResult(readText(b), b));
    }
    case 'trace': {
      const [{ diffTraces }, { openTrace }] = await Promise.all([import('../../study/diff/trace-diff.ts'), import('../open-trace.ts')]);
      const [left, right] = [await openTrace(a, { tolerate: true, once: true }), await openTrace(b, { tolerate: true, once: true })];
      try {
        return diffTraces(left.source, right.source);
      } finally {
        left.source.close();
        right.source.close();
      }
    }
  }
}

const NAMES = { study: 'a system', result: 'a result', trace: 'a trace' } as const;

function rowCount(text: string): number {
  const rows = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(rows) || rows < 1) throw new UserError(`--rows ${text}`, `'${text}' is not a number of rows`, 'give a whole number from 1 on');
  return rows;
}

/** A file is known by its ending only where its content could be either: results and scenarios are both text. */
function kindOf(name: string): keyof typeof NAMES {
  if (SYSTEMS.some((system) => system.name === name)) return 'study';
  const extension = extname(name);
  if (!existsSync(name)) {
    if (extension !== '' || name.includes('/')) throw new UserError(name, 'there is no such file', 'give the path of a result, a trace or a scenario file, or the name of a system');
    return name === STANDARD_STREAM ? 'trace' : 'study'; // resolving it says what the systems are
  }
  if (extension === '.yaml' || extension === '.yml') return 'study';
  return extension === '.json' ? 'result' : 'trace';
}

async function studyOf(name: string, { load, pacing, duration = DURATION, warmup = duration / 4, seed, run }: DiffOptions, set: readonly string[]): Promise<Study> {
  const file = SYSTEMS.some((system) => system.name === name) || !existsSync(name) ? null : await loadScenario(name);
  return resolveStudy({ system: file === null ? name : undefined, load, pacing, duration, warmup, seed, run, set }, file);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(file, `cannot be read: ${systemReason(error)}`, 'give a result that `rumpsim run --json` printed');
  }
}

async function writeFlameGraph(file: string, { a, b, unit, stacks }: Difference): Promise<void> {
  const extension = /\.(svg|png|vl\.json)$/.exec(file)?.[1];
  if (extension === undefined) throw new UserError(`--flamegraph ${file}`, 'no format ends like that', 'give a name that ends in .svg, .png or .vl.json');
  const [{ render }, { differenceFlameGraph }] = await Promise.all([import('../../chart/render.ts'), import('../../chart/flame-graph.ts')]);
  const { svg, png, spec } = await render(differenceFlameGraph(stacks, { title: `${b} against ${a}`, subtitle: 'orange: more, blue: less', unit, root: 'all' }));
  writeWhole(file, extension === 'svg' ? svg : extension === 'png' ? png : spec);
}

function folded({ stacks }: Difference): string {
  return stacks.map(({ frames, before, value }) => `${frames.join(';')} ${before} ${value}\n`).join('');
}

function text({ a, b, unit, accounts, countUnit, counts, firstDifference, firstOtherEvent, notes }: Difference, rows: number): string {
  const parts = [`A: ${a}\nB: ${b}`];
  if (accounts.length > 0) {
    const sum: Compared = accounts.reduce((total, { a: x, b: y }) => ({ name: 'all', a: total.a + x, b: total.b + y }), { name: 'all', a: 0, b: 0 });
    parts.push(listing(`accounts, ${unit}`, [sum, ...accounts], rows));
  }
  parts.push(listing(`counts, ${countUnit}`, counts, rows));
  if (firstDifference !== undefined) parts.push(firstDifference === null ? 'No event differs.' : `They part at event ${firstDifference.row}:\n${parting(firstDifference)}`);
  if (firstOtherEvent !== undefined && firstOtherEvent !== null && firstOtherEvent.row !== firstDifference?.row) parts.push(`Something else happens first at event ${firstOtherEvent.row}:\n${parting(firstOtherEvent)}`);
  return [...parts, notes.map((note) => `- ${note}`).join('\n')].filter((part) => part !== '').join('\n\n');
}

function listing(title: string, all: readonly Compared[], rows: number): string {
  const differing = all.filter(({ a, b }) => a !== b);
  if (differing.length === 0) return `${title}: no difference in ${all.length}`;
  const shown = differing.slice(0, rows);
  const more = differing.length > shown.length ? `\n... and ${differing.length - shown.length} more (--rows, --json)` : '';
  return table([[title, 'A', 'B', 'B - A', 'B / A'], ...shown.map(({ name, a, b }) => [name, number(a), number(b), number(b - a, true), a === 0 ? '-' : (b / a).toFixed(4)])], 'lrrrr') + more;
}

function number(value: number, signed = false): string {
  const digits = Number.isInteger(value) ? String(value) : Number(value.toPrecision(6)).toString();
  return signed && value > 0 ? `+${digits}` : digits;
}

/** A path through a kernel has hundreds of characters. */
function shortened(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 3)}...` : text;
}

/** The row in both, a column a line; what is alike once. */
function parting({ a, b }: Parting): string {
  const columns = Object.keys(a ?? b ?? {});
  if (a === null || b === null) return `  only in ${a === null ? 'B' : 'A'}: ${columns.map((column) => `${column} ${(a ?? b)?.[column] ?? ''}`).join(', ')}`;
  const shown = (row: Readonly<Record<string, string>>, column: string): string => shortened(row[column] ?? '');
  return table([['', 'A', 'B'], ...columns.map((column) => [column, shown(a, column), a[column] === b[column] ? '' : shown(b, column)])], 'lll', '  ');
}
