import { resolve } from 'node:path';
import type { TraceKind } from '../../trace/format.ts';
import type { TraceSource } from '../../trace/source.ts';
import { STANDARD_STREAM } from '../../trace/standard-stream.ts';
import { UserError } from '../failure.ts';
import { type OpenedTrace, openTrace } from '../open-trace.ts';

/** What the command line says of files that are no traces yet. */
export interface ImportChoices {
  readonly format?: string | undefined;
  readonly kind?: TraceKind;
  readonly local?: string;
  readonly strict?: true;
}

/** Opens a trace or imports a recording as the command line says. */
export function importedBy(file: string, choices: ImportChoices, tolerate = choices.strict !== true): Promise<OpenedTrace> {
  const { format, kind, local, strict } = choices;
  return openTrace(file, { format, kind, local, strict, tolerate });
}

/** @throws UserError when a file is to be read and written: it would be gone if the work fails, and another thing afterwards. */
export function refuseInput(inputs: readonly string[], output: string): void {
  if (output !== STANDARD_STREAM && inputs.some((input) => resolve(input) === resolve(output))) throw new UserError(output, 'it is to be read and written', 'choose another name');
}

/** Passes on what a reader has to say. */
export function tellWarnings({ warnings }: Pick<TraceSource, 'warnings'>): void {
  for (const warning of warnings) process.stderr.write(`rumpsim: warning: ${warning}\n`);
}
