import { z } from 'zod';
import { UserError } from '../user-error.ts';
import type { ComparableRun } from './run-diff.ts';

const run = z.object({ breakdown: z.record(z.string(), z.number()), counters: z.record(z.string(), z.number()), utilisation: z.number(), duration: z.number(), warmup: z.number() });

/** Reads what `run --json` printed: one run, or the first of several. @throws UserError naming file, place and remedy. */
export function readResult(text: string, file: string): ComparableRun {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new UserError(file, 'is not JSON', 'give what `rumpsim run --json` printed, a trace, or the name of a system');
  }
  const several = z.object({ runs: z.array(z.unknown()).min(1) }).safeParse(json);
  const parsed = run.safeParse(several.success ? several.data.runs[0] : json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError(`${file}: ${issue?.path.join('.') ?? ''}`, issue?.message ?? 'cannot be read', 'give what `rumpsim run --json` printed');
}
