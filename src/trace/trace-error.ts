/** A trace that cannot be read or written: one line that names the file, the place in it (a row, a byte, the metadata) and the remedy. */
export class TraceError extends Error {
  override readonly name = 'TraceError';
  readonly file: string;
  /** `row 12`, `byte 4096`, `metadata`; empty when it is the file as a whole. */
  readonly place: string;
  readonly problem: string;
  readonly remedy: string;

  constructor(file: string, place: string, problem: string, remedy: string) {
    super([file, place, `${problem}; ${remedy}`].filter((part) => part !== '').join(': ').replaceAll(/\s*[\r\n]+\s*/g, ' '));
    this.file = file;
    this.place = place;
    this.problem = problem;
    this.remedy = remedy;
  }
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'this is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  ENOSPC: 'no space is left on the device',
  EROFS: 'the file system is read-only',
};

/** Why the operating system refused, in words. */
export function systemReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return SYSTEM_REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}
