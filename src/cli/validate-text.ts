import { costsText, flag, numbers, verdictText, whyText } from '../study/validate/page.ts';
import type { ValidatedRecording, Validation } from '../study/validate/validate.ts';
import { table, wrap } from './table.ts';

/** What the user reads of a validation: a table for each recording, notes below it, and how it went in all. */
export function validationText(validation: Validation, width: number): string {
  const { recordings, verdict } = validation;
  const worst = verdict.worst.map((row) => [row.recording, row.quantity].concat(numbers(row), row.known === null ? 'open' : row.known.state));
  const farthest = worst.length === 0 ? '' : `\n\nfarthest off:\n${table(worst, 'llrrrl', '  ')}`;
  const notes = wrapped('Given to the model: the frames into the machine with their times, and what stands in the second line of each table. Aims: counts and kernel instructions 2 %, busy share and user instructions 5 %.', width);
  return `${recordings.map((recording) => recordingText(recording, width)).join('\n\n')}\n\n${notes}\n\n${wrapped(verdictText(validation), width)}${farthest}`;
}

function recordingText({ name, seconds, given, frames, costs, rows, warnings, unpredicted }: ValidatedRecording, width: number): string {
  const told = unpredicted === null ? `${seconds.toFixed(4)} s; ${frames} frames in; ${given.join(', ')}. ${costs === null ? '' : costsText(costs)}` : `${seconds.toFixed(4)} s. Not predicted: ${unpredicted}.`;
  const notes = new Map<string, number>();
  const body = rows.map((row) => {
    const why = row.within === false ? (row.known === null ? 'open' : whyText(row.known)) : '';
    if (why !== '' && why !== 'open' && !notes.has(why)) notes.set(why, notes.size + 1);
    return [row.quantity, ...numbers(row), unpredicted === null ? flag(row) : '', why === 'open' ? 'open' : why === '' ? '' : `[${notes.get(why)}]`];
  });
  const lines = [
    name, ...wrap(told, width - 2).map((line) => `  ${line}`),
    table([['quantity', 'predicted', 'recorded', 'ratio', '', ''], ...body], 'lrrrll', '  '),
    ...[...notes].flatMap(([text, number]) => wrap(`[${number}] ${text}`, width - 2).map((line) => `  ${line}`)),
    ...warnings.flatMap((line) => wrap(`warning: ${line}`, width - 2).map((part) => `  ${part}`)),
  ];
  return lines.join('\n');
}

function wrapped(text: string, width: number): string {
  return wrap(text, width).join('\n');
}
