import type { TraceKind } from '../../trace/format.ts';
import type { TraceSource } from '../../trace/source.ts';
import { type OpenedTrace, openTrace } from '../open-trace.ts';

/** What the command line says of files that are no traces yet. */
export interface ImportChoices {
  readonly format?: string | undefined;
  readonly kind?: TraceKind;
  readonly local?: string;
  readonly strict?: true;
}

/** Opens a trace or imports a recording as the command line says. */
export function importedBy(file: string, { format, kind, local, strict }: ImportChoices, tolerate = strict !== true): Promise<OpenedTrace> {
  return openTrace(file, { kind, from: format, local, strict, tolerate });
}

/** Passes on what a reader has to say. */
export function tellWarnings({ warnings }: Pick<TraceSource, 'warnings'>): void {
  for (const warning of warnings) process.stderr.write(`rumpsim: warning: ${warning}\n`);
}
