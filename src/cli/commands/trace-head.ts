import type { TraceSource } from '../../trace/source.ts';
import { print, printJson } from '../output.ts';
import { table } from '../table.ts';
import { importedBy, type ImportChoices, tellWarnings } from './trace-input.ts';

interface HeadOptions extends ImportChoices {
  readonly rows: number;
  readonly json?: true;
  readonly csv?: true;
}

/** `rumpsim trace head`. */
export async function head(file: string, options: HeadOptions): Promise<void> {
  const { source } = await importedBy(file, options);
  const { columns } = source.metadata;
  const rows = firstRows(source, options.rows);
  source.close();
  tellWarnings(source);
  const names = columns.map(({ name }) => name);
  if (options.json === true) printJson(rows.map((cells) => Object.fromEntries(names.map((name, column) => [name, cells[column]]))));
  else if (options.csv === true) print([names, ...rows].map((cells) => cells.map(csvCell).join(',')).join('\n'));
  else print(table([names, ...rows.map((cells) => cells.map(String))], columns.map(({ type }) => (type === 'dictionary' ? 'l' : 'r')).join('')));
}

/** The first rows of a trace, a cell a column, names instead of codes. */
function firstRows(source: TraceSource, most: number): (number | string)[][] {
  const { columns } = source.metadata;
  const rows: (number | string)[][] = [];
  while (rows.length < most) {
    const batch = source.next();
    if (batch === null) break;
    const cells = columns.map(({ name, type }) => {
      if (type !== 'dictionary') return batch.integers(name);
      const codes = batch.codes(name);
      const names = source.names(name);
      return Array.from(codes.subarray(0, most), (code) => names[code] ?? '');
    });
    for (let row = 0; row < batch.rows && rows.length < most; row++) rows.push(cells.map((column) => column[row] ?? ''));
  }
  return rows;
}

function csvCell(value: number | string): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
