import { findPackageJSON } from 'node:module';
import { pathToFileURL } from 'node:url';

/** The sources, or the bundle: build.mjs puts this module one level below its output folder, too. */
const home = new URL('../', import.meta.url);
const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

/** Modules that are loaded by their URL. Each is an entry in build.mjs. */
export type Entry = 'cli/thread-worker' | 'cli/export-file' | 'cli/traced-run' | 'study/worker' | 'study/validate/worker';

/** Where a worker thread finds its module. */
export function entry(name: Entry): URL {
  return new URL(`${name}${extension}`, home);
}

/** Something that comes with the program, by its path beside package.json. */
export function inPackage(path: string): URL {
  const manifest = findPackageJSON('.', import.meta.url);
  if (manifest === undefined) throw new Error(`${import.meta.url} is in no package`);
  return new URL(path, pathToFileURL(manifest));
}
