import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemReason } from './trace-error.ts';

/** The name under which a file is written until it is complete: beside its place, so that the rename stays on one file system. */
export function partName(file: string): string {
  return join(dirname(file), `.${basename(file)}.${process.pid}.part`);
}

/** Whether a place is a device, a pipe or a socket: the rename would put a file in its stead, so it is written to as it is. */
export function isDevice(file: string): boolean {
  const status = statSync(file, { throwIfNoEntry: false });
  return status !== undefined && !status.isFile() && !status.isDirectory();
}

/** Why no file can appear at a place, before any work is done for it; null when nothing speaks against it. */
export function placeProblem(file: string): { readonly problem: string; readonly remedy: string } | null {
  const folder = dirname(file);
  try {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return { problem: `cannot be written: there is no folder ${folder}`, remedy: 'make it or choose another place' };
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true) return { problem: 'cannot be written: this is a directory', remedy: 'choose another place' };
    return null;
  } catch (error) {
    return { problem: `cannot be written: ${systemReason(error)}`, remedy: 'choose another place' };
  }
}
