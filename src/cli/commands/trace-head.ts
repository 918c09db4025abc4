import type { TraceSource } from '../../trace/source.ts';
import { UserError } from '../failure.ts';
import { print, printInTurn } from '../output.ts';
import { grouped, table } from '../table.ts';
import { importedBy, type ImportChoices, tellWarnings } from './trace-input.ts';

/** Rows whose widths can be compared; a table of more is nothing to look at. */
const MOST_IN_TABLE = 100_000;

interface HeadOptions extends ImportChoices {
  readonly rows: number;
  readonly json?: true;
  readonly csv?: true;
}

/** `rumpsim trace head`. */
export async function head(file: string, options: HeadOptions): Promise<void> {
  const asTable = options.json !== true && options.csv !== true;
  if (asTable && options.rows > MOST_IN_TABLE) throw new UserError(`--rows ${options.rows}`, `a table has up to ${grouped(MOST_IN_TABLE)} rows`, 'give fewer, or add --csv or --json');
  const { source } = await importedBy(file, options);
  try {
    if (options.json === true) await writeJson(source, options.rows);
    else if (options.csv === true) await writeCsv(source, options.rows);
    else writeTable(source, options.rows);
  } finally {
    source.close();
  }
  tellWarnings(source);
}

async function writeJson(source: TraceSource, most: number): Promise<void> {
  const names = source.metadata.columns.map(({ name }) => name);
  let separator = '[';
  for (const rows of batches(source, most)) {
    const text = rows.map((cells) => JSON.stringify(Object.fromEntries(names.map((name, column) => [name, cells[column]])))).join(',\n');
    await printInTurn(`${separator}\n${text}`);
    separator = ',';
  }
  print(separator === '[' ? '[]' : '\n]');
}

async function writeCsv(source: TraceSource, most: number): Promise<void> {
  print(source.metadata.columns.map(({ name }) => name).join(','));
  for (const rows of batches(source, most)) await printInTurn(`${rows.map((cells) => cells.map(csvCell).join(',')).join('\n')}\n`);
}

function writeTable(source: TraceSource, most: number): void {
  const { columns } = source.metadata;
  const names = columns.map(({ name }) => name);
  const rows = [...batches(source, most)].flat().map((cells) => cells.map((cell, column) => (names[column] === 'address' ? hexadecimal(cell) : String(cell))));
  print(table([names, ...rows], columns.map(({ type }) => (type === 'dictionary' ? 'l' : 'r')).join('')) + units(source));
}

/** The first rows of a trace, a batch at a time and a cell a column, names instead of codes. */
function* batches(source: TraceSource, most: number): Generator<(number | string)[][]> {
  const { columns } = source.metadata;
  for (let left = most; left > 0;) {
    const batch = source.next();
    if (batch === null) return;
    const count = Math.min(batch.rows, left);
    if (count === 0) continue;
    left -= count;
    const cells = columns.map(({ name, type }) => {
      if (type !== 'dictionary') return batch.integers(name);
      const names = source.names(name);
      return Array.from(batch.codes(name).subarray(0, count), (code) => names[code] ?? '');
    });
    yield Array.from({ length: count }, (_, row) => cells.map((column) => column[row] ?? ''));
  }
}

/** Registers and ports are known by their hexadecimal numbers. */
function hexadecimal(value: number | string): string {
  return typeof value === 'number' ? `0x${value.toString(16)}` : value;
}

/** What the columns are counted in, where that is a unit: `t, duration: ns`. */
function units({ metadata: { columns, clock } }: TraceSource): string {
  const named = Map.groupBy(columns.filter(({ type, unit }) => type !== 'dictionary' && !['number', 'code', 'by kind', 'bits', 'times'].includes(unit)), ({ unit }) => (unit === 'clock' ? clock.unit : unit));
  return `\n\n${[...named].map(([unit, of]) => `${of.map(({ name }) => name).join(', ')}: ${unit}`).join('; ')}`;
}

function csvCell(value: number | string): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
