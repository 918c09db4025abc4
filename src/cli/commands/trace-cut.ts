import { fromSeconds } from '../../trace/clock.ts';
import { cutTrace, originOfPart } from '../../trace/cut.ts';
import type { TraceClock } from '../../trace/metadata.ts';
import { TraceWriter } from '../../trace/writer.ts';
import { UserError } from '../failure.ts';
import { print } from '../output.ts';
import { commandLine } from '../package.ts';
import { inSteps } from '../steps.ts';
import { counted } from '../table.ts';
import type { GivenTime, RowRange } from './trace.ts';
import { importedBy, type ImportChoices, refuseInput, tellWarnings } from './trace-input.ts';

interface CutOptions extends ImportChoices {
  readonly from?: GivenTime;
  readonly to?: GivenTime;
  readonly rows?: RowRange;
}

/** `rumpsim trace cut`. */
export async function cut(file: string, out: string, options: CutOptions): Promise<void> {
  const { from, to, rows } = options;
  if (from === undefined && to === undefined && rows === undefined) throw new UserError('trace cut', 'nothing says what is wanted', 'give --from, --to or --rows');
  refuseInput([file], out);
  const { source } = await importedBy(file, options);
  const { metadata } = source;
  const range = { from: from === undefined ? 0 : unitsOf(metadata.clock, from, '--from'), to: to === undefined ? Infinity : unitsOf(metadata.clock, to, '--to'), fromRow: rows?.first ?? 0, toRow: rows?.end ?? Infinity };
  if (range.from >= range.to) throw new UserError(`--to ${to?.text ?? ''}`, 'it is not after --from', 'give a later time');
  const writer = new TraceWriter(out, metadata.kind, originOfPart(source, `cut by \`${commandLine()}\``));
  try {
    const summary = await inSteps(file, cutTrace(source, writer, range), metadata.rows);
    writer.complete(summary);
    writer.publish();
  } finally {
    writer.abort();
    source.close();
  }
  tellWarnings(source);
  print(`${out}: ${counted(writer.rows, 'row')}`);
}

function unitsOf(clock: TraceClock, { value, unit, text }: GivenTime, option: string): number {
  const units = unit === 'clock' ? value : fromSeconds(clock, value);
  if (!Number.isSafeInteger(units)) throw new UserError(`${option} ${text}`, `the clock's unit, ${clock.unit}, is too small for it`, 'give a shorter time');
  return units;
}
