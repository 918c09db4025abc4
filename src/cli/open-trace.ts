import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { didYouMean } from '../study/nearest.ts';
import type { TraceKind } from '../trace/format.ts';
import { formatNamed, isArrow } from '../trace/import/detect.ts';
import { IMPORT_FORMATS } from '../trace/import/formats.ts';
import { importToFile, readHead } from '../trace/import/import-file.ts';
import { TraceReader } from '../trace/reader.ts';
import type { TraceSource } from '../trace/source.ts';
import { STANDARD_STREAM } from '../trace/standard-stream.ts';
import { Interrupted, UserError } from './failure.ts';
import { commandLine } from './package.ts';
import { onInterrupt, Progress } from './progress.ts';

/** What is said of a file that is no trace yet. */
export interface OpenOptions {
  /** The kind of trace that is wanted. */
  readonly kind?: TraceKind | undefined;
  /** Name of its format; found from its content if left out. */
  readonly format?: string | undefined;
  readonly local?: string | undefined;
  /** Refuse what is cut off or cannot be read, instead of a warning. */
  readonly strict?: boolean | undefined;
  /** It is read once, by `source`: what was imported for it is unlinked at once, so that not even a signal in the middle of the reading leaves it behind. */
  readonly once?: boolean | undefined;
  /** Read a trace that was cut off up to its last whole batch. */
  readonly tolerate?: boolean | undefined;
}

/** A trace that can be read more than once. */
export interface OpenedTrace {
  /** As the user named it. */
  readonly file: string;
  /** The Arrow file: the user's, or what was imported. */
  readonly arrow: string;
  /** Reads it from its start. */
  readonly source: TraceSource;
  open(): TraceSource;
}

/**
 * Opens a trace, or imports a recording of another format to a trace that is gone when the program ends. `-`: standard input.
 * @throws TraceError, UserError for an unknown format.
 */
export async function openTrace(file: string, options: OpenOptions = {}): Promise<OpenedTrace> {
  const { kind, tolerate = false, once = false } = options;
  const imported = options.format !== undefined || file === STANDARD_STREAM || !isArrow(readHead(file));
  const arrow = imported ? await importTemporary(file, options) : file;
  const open = (): TraceSource => new TraceReader(arrow, { kind, tolerate, name: file });
  const source = open();
  if (imported && once && process.platform !== 'win32') rmSync(arrow, { force: true }); // Windows removes no open file
  return { file, arrow, source, open };
}

/** Imports a recording to a file of its own. */
async function importTemporary(file: string, options: OpenOptions): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'rumpsim-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const arrow = join(folder, 'trace.arrow');
  await importTrace(file, arrow, options);
  return arrow;
}

/** Imports a recording to a trace, with a line of progress on a terminal. Ctrl-C leaves nothing. @throws TraceError, Interrupted, UserError for an unknown format. */
export async function importTrace(file: string, output: string, { kind, format: name, local, strict }: OpenOptions): Promise<void> {
  const format = name === undefined ? undefined : formatNamed(name);
  if (name !== undefined && format === undefined) throw new UserError(`--format ${name}`, `unknown format '${name}'`, didYouMean(name, IMPORT_FORMATS.map((known) => known.name)));
  const progress = new Progress();
  const interruption = onInterrupt();
  const say = (text: string): void => {
    progress.clear();
    process.stderr.write(`rumpsim: warning: ${text}\n`);
  };
  try {
    await importToFile({
      file, format, kind, local, strict, command: commandLine(), warn: say, signal: interruption.signal,
      progress: (bytes, total) => progress.show(`${file}: ${total === null ? `${Math.round(bytes / 1e6)} MB` : `${Math.floor((100 * bytes) / Math.max(1, total))} %`} imported`),
    }, output);
  } catch (error) {
    throw interruption.signal.aborted ? new Interrupted() : error;
  } finally {
    progress.clear();
    interruption.release();
  }
}
