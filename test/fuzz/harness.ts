import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RandomStream, Streams } from '../../src/events/random.ts';
import { TRACE_FORMATS, TRACE_KINDS } from '../../src/trace/format.ts';
import type { ImportFormat } from '../../src/trace/import/importer.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { SIMULATED_CLOCK } from '../../src/trace/metadata.ts';
import { TraceError } from '../../src/trace/trace-error.ts';
import { TraceWriter } from '../../src/trace/writer.ts';
import { chunks, spoiled } from './cases.ts';
import { CheckingSink } from './checking-sink.ts';
import { type Target, TARGETS } from './formats.ts';

/** What a case may take, in CPU seconds. */
const MOST_SECONDS = 2;
const FILE = 'fuzzed.file';

export interface Failure {
  readonly target: string;
  readonly problem: string;
  readonly input: Uint8Array;
}

/** What a reading of a file came to: its rows, or the error that refused it. */
interface Outcome {
  readonly rows: readonly string[];
  readonly warnings: readonly string[];
  readonly refused: TraceError | null;
  readonly problems: readonly string[];
}

/** The files of a format's corpus, in order of their names. */
export function corpusOf(name: string): Uint8Array[] {
  const folder = fileURLToPath(new URL(`corpus/${name}`, import.meta.url));
  return readdirSync(folder).toSorted().map((file) => Uint8Array.from(readFileSync(join(folder, file))));
}

/** Imports chunks and holds all that comes out against what may. */
export function importChunks(format: ImportFormat, parts: readonly Uint8Array[], options: { readonly strict?: boolean; readonly kind?: Target['format']['kinds'][number]; readonly local?: string } = {}): Outcome {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  const warnings: string[] = [];
  const problems: string[] = [];
  const sinks: CheckingSink[] = [];
  let refused: TraceError | null = null;
  const before = process.cpuUsage();
  try {
    const importer = format.create({
      file: FILE, strict: false, command: 'fuzz', ...options,
      warn: (text) => warnings.push(text),
      open: (kind, origin) => {
        const sink = new CheckingSink(kind, origin, bytes + 16);
        sinks.push(sink);
        return sink;
      },
    });
    for (const part of parts) importer.push(part);
    const summary = importer.end();
    if (sinks.length !== 1) problems.push(`opened ${sinks.length} traces`);
    sinks[0]?.end(summary);
  } catch (error) {
    if (error instanceof TraceError) refused = error;
    else problems.push(`threw ${error instanceof Error ? `${error.stack}` : String(error)}`);
  }
  const { user, system } = process.cpuUsage(before);
  if ((user + system) / 1e6 > MOST_SECONDS) problems.push(`took ${(user + system) / 1e6} CPU seconds`);
  if (refused !== null) problems.push(...badError(refused, FILE));
  for (const text of warnings) if (!text.startsWith(`${FILE}: `) || text.includes('\n')) problems.push(`warning '${text}'`);
  for (const sink of sinks) problems.push(...sink.problems);
  return { rows: sinks[0]?.rows ?? [], warnings, refused, problems };
}

/** The place may be left out of what holds for the file as a whole. */
function badError({ message, file, place, problem, remedy }: TraceError, expected: string): string[] {
  const whole = /^there is no |^this is not |^cannot be read/.test(problem);
  const good = file === expected && (place !== '' || whole) && remedy !== '' && message.startsWith(`${expected}: `) && !/[\n\r]/.test(message) && message.length < 2000;
  return good ? [] : [`message '${message}'`];
}

/** A spoiled file of the corpus: read, or refused as it should be. */
function importCase({ format, text }: Target, files: readonly Uint8Array[], random: RandomStream): Failure | null {
  const input = spoiled(files, text, random);
  const kind = format.kinds[random.integer(0, format.kinds.length - 1)];
  const strict = random.uniform() < 0.2;
  const { problems } = importChunks(format, chunks(input, random), { strict, ...(kind === undefined ? {} : { kind }) });
  return problems.length === 0 ? null : { target: format.name, problem: problems.slice(0, 3).join('; '), input };
}

/** A good file cut anywhere: its whole records and a warning, or refused when that is asked for. */
export function truncated({ format, ends }: Target, file: Uint8Array, length: number, random: RandomStream, kind = format.kinds[0]): Failure | null {
  const input = file.subarray(0, length);
  const whole = ends(file).findLast((end) => end <= length) ?? 0;
  const options = { kind, ...(kind === 'wire' ? { local: '10.0.0.1' } : {}) };
  const cut = importChunks(format, chunks(input, random), options);
  const up = importChunks(format, [file.subarray(0, whole)], options);
  const strict = importChunks(format, chunks(input, random), { ...options, strict: true });
  const fail = (problem: string): Failure => ({ target: `${format.name}, cut at ${length}, ${kind}`, problem, input });
  const problems = [...cut.problems, ...strict.problems, ...up.problems];
  if (problems[0] !== undefined) return fail(problems[0]);
  // Too little to know anything by: refused, whatever was asked for.
  if (up.refused !== null && cut.refused !== null) return null;
  if (cut.refused !== null) return fail(`refused: ${cut.refused.message}`);
  if (up.refused === null && (cut.rows.length !== up.rows.length || cut.rows.some((row, i) => row !== up.rows[i]))) return fail(`${cut.rows.length} rows, its whole records give ${up.rows.length}`);
  if (length === whole) return null;
  if (!cut.warnings.some((text) => text.includes('cut off'))) return fail(`no warning that it is cut off: ${cut.warnings.join(' | ')}`);
  return strict.refused === null ? fail('a strict import took it') : null;
}

/** The reader of the project's own files, on files in a folder of its own. */
class ReaderTarget {
  readonly name = 'arrow';
  private readonly folder = mkdtempSync(join(tmpdir(), 'rumpsim-fuzz-'));
  private readonly files = TRACE_KINDS.map((kind) => this.write(kind));

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  run(random: RandomStream): Failure | null {
    const input = spoiled(this.files, false, random);
    const file = join(this.folder, 'spoiled.arrow');
    writeFileSync(file, input);
    const problems: string[] = [];
    const before = process.cpuUsage();
    try {
      const reader = new TraceReader(file, { tolerate: random.uniform() < 0.5 });
      try {
        const { columns } = TRACE_FORMATS[reader.metadata.kind];
        let last = 0;
        for (let batch = reader.next(); batch !== null; batch = reader.next()) {
          for (const { name, type } of columns) {
            const values = type === 'dictionary' ? batch.codes(name) : batch.integers(name);
            const most = type === 'dictionary' ? reader.names(name).length - 1 : Number.MAX_SAFE_INTEGER;
            for (const value of values) if (!(Number.isSafeInteger(value) && value >= 0 && value <= most)) problems.push(`${name} is ${value}`);
          }
          for (const t of batch.integers('t')) {
            if (t < last) problems.push(`t ${t} is before ${last}`);
            last = t;
          }
        }
      } finally {
        reader.close();
      }
    } catch (error) {
      if (!(error instanceof TraceError)) problems.push(`threw ${error instanceof Error ? `${error.stack}` : String(error)}`);
      else problems.push(...badError(error, file));
    }
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1e6 > MOST_SECONDS) problems.push(`took ${(user + system) / 1e6} CPU seconds`);
    return problems.length === 0 ? null : { target: this.name, problem: problems.slice(0, 3).join('; '), input };
  }

  private write(kind: (typeof TRACE_KINDS)[number]): Uint8Array {
    const file = join(this.folder, `${kind}.arrow`);
    const writer = new TraceWriter(file, kind, { clock: SIMULATED_CLOCK, loop: 'closed', producer: { name: 'fuzz', version: '0' }, recorded: { command: 'fuzz', scenario: null } }, 8);
    for (let i = 0; i < 20; i++) {
      const row = writer.row(i * 1000);
      for (const [index, { name, type }] of TRACE_FORMATS[kind].columns.entries()) {
        if (index > 0) writer.columns[index]![row] = type === 'dictionary' ? writer.code(name, `name ${i % 3}`) : i % 100; // a column each
      }
    }
    writer.complete();
    writer.publish();
    return Uint8Array.from(readFileSync(file));
  }
}

/** Runs fuzz cases: what case n of a seed is depends on nothing else. */
export class Fuzzer {
  private readonly seed: number;
  private readonly reader = new ReaderTarget();
  private readonly files = new Map(TARGETS.map(({ format }) => [format, corpusOf(format.name)]));

  constructor(seed: number) {
    this.seed = seed;
  }

  /** Case `number`, from 0 on: the targets in turn. */
  run(number: number): Failure | null {
    const random = new Streams(this.seed, number).stream('fuzz');
    const target = TARGETS[number % (TARGETS.length + 1)];
    return target === undefined ? this.reader.run(random) : importCase(target, this.files.get(target.format) ?? [], random);
  }

  close(): void {
    this.reader.close();
  }
}
