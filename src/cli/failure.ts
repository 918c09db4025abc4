import { CommanderError } from 'commander';
import { UserError } from '../study/user-error.ts';
import { systemReason, TraceError } from '../trace/trace-error.ts';

export { UserError, systemReason };

/** Exit status for a mistake in what the user gave. */
export const STATUS_USER = 2;
/** Exit status for a mistake of the program. */
export const STATUS_INTERNAL = 1;
/** What a shell reports for a process that SIGINT ended. */
export const STATUS_INTERRUPTED = 130;

/** The user has ended a command before it was done; nothing of it is left. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted; nothing is written');
  }
}

/** Says on stderr what ended the program and returns the exit status: one line for the user's mistakes, the stack for the program's own. */
export function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : STATUS_USER; // Commander has printed it already.
  if (error instanceof Interrupted) {
    process.stderr.write(`rumpsim: ${error.message}\n`);
    return STATUS_INTERRUPTED;
  }
  if (isUserMistake(error)) {
    process.stderr.write(`rumpsim: ${error.message.replaceAll(/\s*[\r\n]+\s*/g, ' ')}\n`);
    return STATUS_USER;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`rumpsim: this is a mistake in the program, not in your input:\n${text}\n`);
  return STATUS_INTERNAL;
}

function isUserMistake(error: unknown): error is Error {
  return error instanceof UserError || error instanceof TraceError;
}
