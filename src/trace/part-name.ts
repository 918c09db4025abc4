import { basename, dirname, join } from 'node:path';

/** The name under which a file is written until it is complete: beside its place, so that the rename stays on one file system. */
export function partName(file: string): string {
  return join(dirname(file), `.${basename(file)}.${process.pid}.part`);
}
