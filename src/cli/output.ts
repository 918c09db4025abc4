import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDevice, partName } from '../trace/part-name.ts';
import { STATUS_USER, systemReason, UserError } from './failure.ts';

/** A reader that has gone (`| head`) ends the program quietly. Called once, before anything is written. */
export function quietWhenReaderLeaves(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      process.exitCode = STATUS_USER;
    });
  }
}

/** Writes text to stdout as it is. */
export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Writes text to stdout as it is and waits until a slow reader has taken it: for output that need not fit in memory. */
export async function printInTurn(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** Writes a value to stdout as JSON with every digit. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/**
 * Writes a whole file or nothing: beside its place first, then renamed; a device is written to as it is. Missing folders are made.
 * @throws UserError that names the file when it cannot be written.
 */
export function writeWhole(file: string, data: string | Uint8Array): void {
  const part = partName(file);
  try {
    if (isDevice(file)) return writeFileSync(file, data);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(part, data);
    renameSync(part, file);
  } catch (error) {
    discard(part);
    throw new UserError(file, `cannot be written: ${systemReason(error)}`, 'choose another place');
  }
}

/** Removes what may not even be there; why that fails matters to nobody. */
function discard(part: string): void {
  try {
    rmSync(part, { force: true });
  } catch {
    // The place is not a folder: nothing was written there.
  }
}

/** Writes a value as a JSON file, whole or not at all. */
export function writeJson(file: string, value: unknown): void {
  writeWhole(file, `${JSON.stringify(value, null, 2)}\n`);
}
