import { readdirSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { systemReason } from '../../trace/trace-error.ts';
import { UserError } from '../user-error.ts';
import { recordedFile, type RecordedName } from './recorded-trace.ts';

/** Where a recording lies, and of which shape it is. */
export interface RecordingPlace {
  /** sel4-rumprun: kernel entries and device accesses of an instruction-counting emulator; linux-e1000e: device events of one. */
  readonly shape: 'sel4-rumprun' | 'linux-e1000e';
  readonly folder: string;
  /** Its place under the folder that was given, or the folder's own name: unique in the report. */
  readonly name: string;
}

/** Deeper than any layout of recordings; a loop of links ends here. */
const DEEPEST = 8;
const WANTED = 'kernel-entries.csv and summary.json, or with window.trace (each may be packed: .zst, .gz), or with these as traces (.arrow)';

/**
 * The recordings in and below the given folders, in the order of their names.
 * @throws UserError for a folder that cannot be read, or when nothing is found
 */
export function findRecordings(folders: readonly string[]): RecordingPlace[] {
  const places = new Map<string, RecordingPlace>();
  for (const given of folders) {
    const before = places.size;
    for (const place of walk(given, given, folders.length > 1, 0)) places.set(resolve(place.folder), place);
    if (places.size === before && ![...places.values()].some(({ folder }) => inside(folder, given))) {
      throw new UserError(given, 'no recording found in it or below it', `a recording is a folder with ${WANTED}`);
    }
  }
  return [...places.values()];
}

function* walk(folder: string, root: string, several: boolean, depth: number): Generator<RecordingPlace> {
  let names: string[];
  try {
    if (!statSync(folder).isDirectory()) throw new UserError(folder, 'this is a file', 'give the folder of a recording, or one above it');
    names = readdirSync(folder).toSorted();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(folder, systemReason(error), 'give the folder of a recording, or one above it');
  }
  const below = relative(root, folder);
  const top = basename(resolve(root));
  const name = below === '' ? top : several ? join(top, below) : below;
  const has = (trace: RecordedName): boolean => recordedFile(folder, trace, names) !== null;
  if (has('kernel')) yield { shape: 'sel4-rumprun', folder, name };
  else if (has('window')) yield { shape: 'linux-e1000e', folder, name };
  if (depth === DEEPEST) return;
  for (const child of names) {
    const path = join(folder, child);
    if (isFolder(path)) yield* walk(path, root, several, depth + 1);
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // a broken link
  }
}

function inside(folder: string, parent: string): boolean {
  return !relative(resolve(parent), resolve(folder)).startsWith('..');
}
