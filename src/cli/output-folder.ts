import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { systemReason, UserError } from './failure.ts';

/**
 * A folder of results that appears whole: files are written into a folder beside it, which then takes its place, or whose files are moved into it one by one
 * where it is there already. Nothing of an unfinished set is left behind.
 */
export class OutputFolder {
  readonly target: string;
  private readonly part: string;
  private readonly names: string[] = [];
  private readonly cleanUp = (): void => rmSync(this.part, { recursive: true, force: true });

  /** @throws UserError when the place cannot be written to: before the work is done, not after it. */
  constructor(target: string) {
    this.target = target;
    const whole = resolve(target);
    this.part = join(dirname(whole), `.${basename(whole)}.${process.pid}.part`);
    if (existsSync(whole) && !statSync(whole).isDirectory()) throw new UserError(target, 'this is a file', 'give a folder to --out');
    this.attempt(() => mkdirSync(this.part, { recursive: true }));
    process.once('exit', this.cleanUp);
  }

  write(name: string, data: string | Uint8Array): void {
    this.attempt(() => writeFileSync(join(this.part, name), data));
    this.names.push(name);
  }

  /**
   * Puts the files in place. @param last the file whose presence says that the set is whole
   * @param stale names of the set that an earlier run may have left and this one has not written
   */
  commit(last: string, stale: readonly string[]): void {
    this.attempt(() => {
      if (existsSync(this.target)) {
        for (const name of [last, ...stale.filter((name) => !this.names.includes(name))]) rmSync(join(this.target, name), { force: true });
        for (const name of [...this.names.filter((name) => name !== last), last]) renameSync(join(this.part, name), join(this.target, name));
      } else {
        renameSync(this.part, this.target);
      }
    });
    this.discard();
  }

  /** Leaves nothing. */
  discard(): void {
    this.cleanUp();
    process.off('exit', this.cleanUp);
  }

  private attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.discard();
      throw new UserError(this.target, `cannot be written: ${systemReason(error)}`, 'choose another folder');
    }
  }
}
