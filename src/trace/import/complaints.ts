import { TraceError } from '../trace-error.ts';
import type { ImportOptions } from './importer.ts';

interface Complaint {
  readonly remedy: string;
  readonly first: number;
  count: number;
}

/** What an importer found amiss and went on after: told once each, at the end, with the first place and the number. */
export class Complaints {
  private readonly options: Pick<ImportOptions, 'file' | 'strict' | 'warn'>;
  private readonly found = new Map<string, Complaint>();

  constructor(options: Pick<ImportOptions, 'file' | 'strict' | 'warn'>) {
    this.options = options;
  }

  /** A thing that a strict import refuses. `byte`: where it is in the file. @throws TraceError if the import is strict. */
  add(problem: string, byte: number, remedy: string): void {
    if (this.options.strict) throw this.error(problem, byte, remedy);
    this.remark(problem, byte, remedy);
  }

  /** A thing to know that nothing in the file is to blame for; a strict import goes on too. */
  remark(problem: string, byte: number, remedy: string): void {
    const known = this.found.get(problem);
    if (known === undefined) this.found.set(problem, { remedy, first: byte, count: 1 });
    else known.count++;
  }

  error(problem: string, byte: number, remedy: string): TraceError {
    return new TraceError(this.options.file, `byte ${byte}`, problem, remedy);
  }

  /** Tells them all. */
  tell(): void {
    for (const [problem, { remedy, first, count }] of this.found) {
      this.options.warn(`${this.options.file}: byte ${first}: ${problem}${count === 1 ? '' : ` (${count} times, this is the first)`}; ${remedy}`);
    }
    this.found.clear();
  }
}
