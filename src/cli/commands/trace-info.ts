import { toSeconds } from '../../trace/clock.ts';
import type { TraceMetadata } from '../../trace/metadata.ts';
import { type Group, type Grouping, readContents, type TraceContents } from '../../trace/summary.ts';
import { print, printJson } from '../output.ts';
import { inSteps } from '../steps.ts';
import { counted, grouped, table, wrap } from '../table.ts';
import { importedBy, type ImportChoices, tellWarnings } from './trace-input.ts';

/** Flows listed one by one. */
const MOST_FLOWS = 10;
/** Width of the text beside its names. */
const TEXT_WIDTH = 100;

/** `rumpsim trace info`. */
export async function info(file: string, options: ImportChoices & { readonly json?: true }): Promise<void> {
  const { source } = await importedBy(file, options);
  const contents = await inSteps(file, readContents(source), source.metadata.rows);
  source.close();
  tellWarnings(source);
  const { metadata } = source;
  if (options.json === true) printJson({ file, ...contents, groupings: contents.groupings.map((grouping) => asObjects(grouping, contents.seconds)), warnings: source.warnings, metadata });
  else print(text(file, metadata, contents));
}

function asObjects({ by, sums, groups }: Grouping, seconds: number): unknown {
  return groups.map(({ names, rows, sums: values }) => ({
    ...Object.fromEntries(by.map((column, index) => [column, names[index]])), rows, rowsPerSecond: seconds > 0 ? rows / seconds : null,
    ...Object.fromEntries(sums.map((column, index) => [column, values[index]])),
  }));
}

function text(file: string, metadata: TraceMetadata, contents: TraceContents): string {
  const { kind, clock, loop, producer, recorded } = metadata;
  const { numerator, denominator } = clock.picoseconds;
  const unit = clock.unit === 'ps' || clock.unit === 'ns' ? clock.unit : `${clock.unit} of ${denominator === 1 ? numerator : `${numerator}/${denominator}`} ps`;
  const date = absolute(metadata, contents.span?.first ?? 0);
  const heading = table([
    ['trace', `${kind}, ${loop} loop, by ${producer.name} ${producer.version}`.trim()],
    ...paragraph('recorded by', recorded.command),
    ...(recorded.notes === undefined ? [] : paragraph('notes', recorded.notes)),
    ['clock', `${clock.domain}, in ${unit}, from ${clock.originMeaning}${clock.origin === '0' ? '' : ` + ${clock.origin}`}`],
    ['rows', `${grouped(contents.rows)} in ${counted(contents.batches, 'batch', 'batches')}`],
    ...(contents.span === null ? [] : [['times', `${toSeconds(clock, contents.span.first).toFixed(9)} s to ${toSeconds(clock, contents.span.last).toFixed(9)} s${date === null ? '' : `, from ${date} on`}`]]),
  ], 'll');
  return [`${file}\n${heading}`, ...contents.groupings.map((grouping) => lines(grouping, metadata, contents.seconds))].join('\n\n');
}

/** Rows of a table for a text that may be long: its name beside the first line. */
function paragraph(name: string, text: string): string[][] {
  return text.split('\n').flatMap((line) => wrap(line, TEXT_WIDTH)).map((line, index) => [index === 0 ? name : '', line]);
}

function lines({ by, sums, groups }: Grouping, { kind, clock, flows }: TraceMetadata, seconds: number): string {
  const flow = by.indexOf('flow');
  const listed = flow < 0 ? groups : groups.slice(0, MOST_FLOWS);
  const perSecond = (count: number): string => (seconds > 0 ? (count / seconds).toFixed(1) : '-');
  const value = (column: string, sum: number): string => (column === 'duration' ? `${(toSeconds(clock, sum) * 1e3).toFixed(3)} ms` : grouped(sum));
  const shown = kind === 'ledger' || kind === 'kernel' ? listed.toSorted((a, b) => (b.sums[0] ?? 0) - (a.sums[0] ?? 0)) : listed;
  const meaning = (names: readonly string[]): string => flows?.find((known) => String(known.flow) === names[flow])?.meaning ?? '';
  const cells = ({ names, rows: count, sums: values }: Group): string[] => [...names, grouped(count), perSecond(count), ...values.map((sum, index) => value(sums[index] ?? '', sum)), ...(flow < 0 ? [] : [meaning(names)])];
  const more = groups.length > listed.length ? `\n  ${groups.length - listed.length} others: --json` : '';
  return table([[...by, 'rows', 'per second', ...sums, ...(flow < 0 ? [] : ['what it is'])], ...shown.map(cells)], `${'l'.repeat(by.length)}rr${'r'.repeat(sums.length)}${flow < 0 ? '' : 'l'}`, '  ') + more;
}

/** The date of a time, where the clock counts from 1970. */
function absolute({ clock }: TraceMetadata, t: number): string | null {
  if (!clock.originMeaning.startsWith('1970-01-01') || clock.unit !== 'ns') return null;
  const milliseconds = (BigInt(clock.origin) + BigInt(t)) / 1_000_000n;
  return milliseconds > 8_640_000_000_000_000n || milliseconds < 0n ? null : new Date(Number(milliseconds)).toISOString();
}
