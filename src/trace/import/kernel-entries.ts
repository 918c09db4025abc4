import { KernelColumn, Mode, TRACE_FORMATS } from '../format.ts';
import type { TraceSink, TraceSummary } from '../sink.ts';
import { TraceError } from '../trace-error.ts';
import type { Cursor } from './bytes.ts';
import { CodeTable, OTHER } from './code-table.ts';
import { Csv, hasColumns } from './csv.ts';
import type { Importer, ImportFormat, ImportOptions } from './importer.ts';
import { instructionOrigin } from './instruction-clock.ts';
import { LineReader } from './lines.ts';
import { NameTable } from './name-table.ts';

const COLUMNS = [
  't_insn', 'u_insn', 'from_mode', 'op', 'entry', 'k_insn', 'k_load', 'k_store', 'mmio', 'in', 'out', 'cr3', 'wrmsr', 'fxsave', 'fxrstor', 'to_mode', 'from_img', 'from_fn', 'to_img', 'to_fn', 'path_id',
] as const;
type Column = (typeof COLUMNS)[number];
const NEEDED = ['t_insn', 'op', 'k_insn'] as const;
const REMEDY = 'give a kernel-entries.csv as it was recorded';
const NOTES = 'Times are instructions of the whole machine since power-on.';
const MODES: Readonly<Record<string, number>> = { U: Mode.user, I: Mode.idle, N: Mode.kernel };
const NOT_KNOWN = 'unknown';
/** Distinct names of a field that are numbered by their bytes; their pairs are told apart in one number. */
const MOST_FIELDS = 1 << 15;

/** Numbers of the row, and where they go. */
const COUNTS: readonly (readonly [Column, number])[] = [
  ['u_insn', KernelColumn.user], ['k_insn', KernelColumn.instructions], ['k_load', KernelColumn.loads], ['k_store', KernelColumn.stores], ['mmio', KernelColumn.mmio], ['in', KernelColumn.portIn],
  ['out', KernelColumn.portOut], ['cr3', KernelColumn.cr3], ['wrmsr', KernelColumn.wrmsr], ['fxsave', KernelColumn.fxsave], ['fxrstor', KernelColumn.fxrstor],
];
const LARGEST = COUNTS.map(([, place]) => (TRACE_FORMATS.kernel.columns[place]?.type === 'int64' ? Number.MAX_SAFE_INTEGER : 0x7fffffff));

/** Codes of the names that one or two fields of a row make. */
class Names {
  private readonly fields = new NameTable(MOST_FIELDS);
  private readonly known = new Map<number, number>();
  private readonly table: CodeTable;
  private readonly name: (first: string, second: string) => string;

  constructor(table: CodeTable, name: (first: string, second: string) => string) {
    this.table = table;
    this.name = name;
  }

  code(csv: Csv<Column>, bytes: Uint8Array, first: Column, second: Column | null): number {
    const a = this.fields.number(bytes, csv.start(first), csv.fieldEnd);
    const b = second === null ? -1 : this.fields.number(bytes, csv.start(second), csv.fieldEnd);
    const key = (a + 1) * (MOST_FIELDS + 1) + b + 1;
    let code = this.known.get(key);
    if (code === undefined) {
      code = this.table.code(this.name(this.fields.names[a] ?? OTHER, second === null ? '' : (this.fields.names[b] ?? OTHER)));
      if (this.known.size < MOST_FIELDS) this.known.set(key, code);
    }
    return code;
  }
}

/** What writes the rows, once the kind of the file is known. */
interface Output {
  readonly sink: TraceSink;
  readonly tables: readonly CodeTable[];
  readonly operation: Names;
  readonly entry: Names;
  readonly from: Names;
  readonly to: Names;
  readonly path: Names;
}

/** Rows of kernel entries, as an instruction-counting plugin of QEMU writes them: `t_insn,u_insn,from_mode,op,entry,k_insn,...`. The header names the columns, in any order. Kind: kernel. */
class KernelEntries implements Importer {
  private readonly options: ImportOptions;
  private readonly paths: ReadonlyMap<number, string>;
  private readonly lines: LineReader;
  private readonly counts = new Float64Array(COUNTS.length);
  private csv: Csv<Column> | null = null;
  private output: Output | null = null;
  private origin = 0;
  private last = 0;

  constructor(options: ImportOptions, paths: ReadonlyMap<number, string>) {
    this.options = options;
    this.paths = paths;
    this.lines = new LineReader(options, { line: 'row of kernel entries', remedy: REMEDY }, (line) => this.take(line));
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): TraceSummary {
    this.lines.end();
    const { file, warn } = this.options;
    if (this.output === null) throw new TraceError(file, '', 'there is no whole row of a kernel entry in it', REMEDY);
    const others = this.output.tables.reduce((sum, table) => sum + table.others, 0);
    if (others > 0) warn(`${file}: it has more names than a trace can hold; ${others} are named ${OTHER}`);
    return {};
  }

  private take(line: Cursor): void {
    const { csv } = this;
    if (csv === null) {
      this.csv = new Csv<Column>(line, this.lines, COLUMNS, NEEDED, this.options);
      return;
    }
    if (line.done) return;
    if (!csv.row(line)) return this.lines.bad('it has another number of fields than the first line');
    const stamp = csv.decimal('t_insn');
    if (stamp < 0) return this.lines.bad('t_insn is no whole number');
    if (this.output !== null && stamp < this.last) return this.lines.bad('t_insn is before that of the row above');
    for (let i = 0; i < COUNTS.length; i++) {
      const [column] = COUNTS[i]!; // inside, here and below
      const value = csv.decimal(column);
      if (value < 0 || value > LARGEST[i]!) return this.lines.bad(`${column} is no whole number that fits`);
      this.counts[i] = value;
    }
    const from = this.mode(csv, line, 'from_mode');
    const to = this.mode(csv, line, 'to_mode');
    if (from < 0 || to < 0) return this.lines.bad('a mode is not U, I or N');
    this.last = stamp;
    this.output ??= this.open(stamp);
    this.write(this.output, csv, line, stamp - this.origin, from, to);
  }

  private write(output: Output, csv: Csv<Column>, line: Cursor, t: number, from: number, to: number): void {
    const { columns } = output.sink;
    const row = output.sink.row(t);
    const { bytes } = line;
    for (let i = 0; i < COUNTS.length; i++) columns[COUNTS[i]![1]]![row] = this.counts[i]!; // the kernel format has these columns, here and below
    columns[KernelColumn.duration]![row] = columns[KernelColumn.instructions]![row]!;
    columns[KernelColumn.fromMode]![row] = from;
    columns[KernelColumn.toMode]![row] = to;
    columns[KernelColumn.operation]![row] = output.operation.code(csv, bytes, 'op', null);
    columns[KernelColumn.entry]![row] = output.entry.code(csv, bytes, 'entry', null);
    columns[KernelColumn.from]![row] = output.from.code(csv, bytes, 'from_img', 'from_fn');
    columns[KernelColumn.to]![row] = output.to.code(csv, bytes, 'to_img', 'to_fn');
    columns[KernelColumn.path]![row] = output.path.code(csv, bytes, 'path_id', null);
  }

  private mode(csv: Csv<Column>, { bytes }: Cursor, column: 'from_mode' | 'to_mode'): number {
    const start = csv.start(column);
    if (csv.fieldEnd - start > 1) return -1;
    if (csv.fieldEnd === start) return Mode.user;
    return MODES[String.fromCharCode(bytes[start]!)] ?? -1; // inside the row
  }

  private open(first: number): Output {
    const { options } = this;
    this.origin = first;
    const sink = options.open('kernel', instructionOrigin(first, options.command, NOTES));
    const [operation, entry, from, to, path] = ['operation', 'entry', 'from', 'to', 'path'].map((column) => new CodeTable(sink, column)) as [CodeTable, CodeTable, CodeTable, CodeTable, CodeTable];
    const whole = (name: string): string => name || NOT_KNOWN;
    const place = (image: string, name: string): string => [image, name].filter((part) => part !== '').join(':') || NOT_KNOWN;
    const way = (id: string): string => (id === '' ? NOT_KNOWN : (this.paths.get(Number(id)) ?? `path ${id}`));
    return {
      sink, tables: [operation, entry, from, to, path],
      operation: new Names(operation, whole), entry: new Names(entry, whole), from: new Names(from, place), to: new Names(to, place), path: new Names(path, way),
    };
  }
}

/** The table of a recording's paths.csv (`path_id,kernel_functions`): its functions by number. @throws TraceError naming the line. */
export function readPaths(file: string, text: string): ReadonlyMap<number, string> {
  const paths = new Map<number, string>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (index === 0 || line === '') return;
    const comma = line.indexOf(',');
    const id = line.slice(0, comma);
    if (comma < 1 || !/^\d{1,9}$/.test(id)) throw new TraceError(file, `line ${index + 1}`, 'this is no row of a table of paths', 'give a paths.csv as it was recorded');
    paths.set(Number(id), line.slice(comma + 1));
  });
  return paths;
}

/** The format with a table that names the paths; without one they are `path N`. */
export function kernelEntries(paths: ReadonlyMap<number, string>): ImportFormat {
  return {
    name: 'kernel-entries',
    title: 'CSV of kernel entries',
    kinds: ['kernel'],
    detect: (head) => hasColumns(head, NEEDED),
    create: (options) => new KernelEntries(options, paths),
  };
}

export const KERNEL_ENTRIES: ImportFormat = kernelEntries(new Map());
