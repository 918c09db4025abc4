import type { Tick } from '../events/time.ts';
import type { Core } from '../hw/core.ts';
import type { PathTable } from '../hw/path.ts';
import { IDLE_SLICE, type SliceWatcher } from '../hw/probe.ts';
import { OPERATIONS, operationContext } from '../kernel/sel4/operation.ts';
import { KernelColumn, Mode } from './format.ts';
import type { TraceSink } from './sink.ts';

/** Names of `from` and `to` when no thread ran in between. */
const KERNEL_NAME = 'kernel';
const ENTRIES = { 'stub/syscall/entry': 'syscall', 'stub/interrupt/entry': 'interrupt' } as const;
const EXITS: ReadonlySet<string> = new Set(['stub/syscall/exit', 'stub/interrupt/exit']);

/** What a path of the model does to the devices and to the address space, by the names that its makers gave it. */
interface PathEffects {
  readonly instructions: number;
  readonly mmio: number;
  readonly portIn: number;
  readonly portOut: number;
  readonly cr3: number;
  /** The entry column's code where it is an entry stub, else -1. */
  readonly entry: number;
  readonly exit: boolean;
}

/** A way through the kernel so far, as a tree of path numbers: its name is made once. */
class Way {
  readonly name: string;
  private readonly next = new Map<number, Way>();
  private known = -1;

  constructor(name: string) {
    this.name = name;
  }

  after(path: number, paths: PathTable): Way {
    let way = this.next.get(path);
    if (way === undefined) {
      const { name } = paths.path(path);
      way = new Way(this.name === '' ? name : `${this.name}>${name}`);
      this.next.set(path, way);
    }
    return way;
  }

  code(sink: TraceSink): number {
    if (this.known < 0) this.known = sink.code('path', this.name);
    return this.known;
  }
}

/**
 * Writes one row for every entry of the seL4 kernel that was left before the end, from the slices of the core's time: an entry begins with the first slice in a kernel context and ends with its exit
 * stub. Threads are named by their ledger contexts. Model-specific registers, FPU states, loads and stores are not modelled: 0.
 */
export class KernelRecorder implements SliceWatcher {
  private readonly sink: TraceSink;
  private readonly core: Core;
  private readonly end: Tick;
  /** Code of the operation by context; -1 outside the kernel. */
  private readonly operations: Int32Array;
  private readonly contextCodes: { readonly from: Int32Array; readonly to: Int32Array };
  private readonly idles: readonly boolean[];
  private readonly effects: readonly PathEffects[];
  private readonly root = new Way('');
  private readonly kernelCode: { readonly from: number; readonly to: number };
  /** Instructions of the stubs, which the paths between them leave out. */
  private readonly stub: number;
  private state: 'outside' | 'inside' | 'left' = 'outside';
  /** The last exit. */
  private exit: Tick = 0;
  private from = 0;
  private fromMode: number = Mode.kernel;
  private at: Tick = 0;
  private user: Tick = 0;
  private operation = 0;
  private entry = 0;
  private instructions = 0;
  private mmio = 0;
  private portIn = 0;
  private portOut = 0;
  private cr3 = 0;
  private way: Way = this.root;
  /** Thread that ran last outside the kernel, as a context; -1: none since the last exit. */
  private thread = -1;

  /** What is not over before `end` is left out. @throws RangeError when the machine's kernel is not seL4. */
  constructor(sink: TraceSink, core: Core, end: Tick) {
    this.sink = sink;
    this.core = core;
    this.end = end;
    const { contexts } = core.ledger;
    this.operations = Int32Array.from(contexts, (name) => {
      const operation = OPERATIONS.find((candidate) => operationContext(candidate) === name);
      return operation === undefined ? -1 : sink.code('operation', operation);
    });
    if (this.operations.every((code) => code < 0)) throw new RangeError('a kernel trace needs the seL4 kernel');
    this.idles = contexts.map((name) => name.endsWith(':idle'));
    this.contextCodes = { from: new Int32Array(contexts.length).fill(-1), to: new Int32Array(contexts.length).fill(-1) };
    this.kernelCode = { from: sink.code('from', KERNEL_NAME), to: sink.code('to', KERNEL_NAME) };
    this.stub = core.paths.costs.value('insn.sel4.stub');
    this.effects = Array.from({ length: core.paths.size }, (_, id) => this.effectsOf(id));
  }

  slice(context: number, path: number, from: Tick, ticks: Tick, done: boolean): void {
    if (from >= this.end) return;
    const operation = path === IDLE_SLICE ? -1 : this.operations[context]!;
    if (operation < 0) {
      if (this.state === 'left') this.write(this.codeOf('to', context), this.idles[context] === true ? Mode.idle : Mode.user);
      this.state = 'outside';
      if (ticks > 0) this.thread = context;
      return;
    }
    if (this.state === 'left') this.write(this.kernelCode.to, Mode.kernel);
    if (this.state !== 'inside') this.begin(from);
    this.operation = operation;
    const effects = this.effects[path]!; // a path of the table
    if (effects.entry >= 0) this.entry = effects.entry;
    if (!done) return;
    this.way = this.way.after(path, this.core.paths);
    this.instructions += effects.instructions;
    this.mmio += effects.mmio;
    this.portIn += effects.portIn;
    this.portOut += effects.portOut;
    this.cr3 += effects.cr3;
    if (!effects.exit) return;
    this.state = 'left';
    this.exit = from + ticks;
  }

  private begin(at: Tick): void {
    const { thread } = this;
    this.state = 'inside';
    this.at = at;
    this.user = at - this.exit;
    this.from = thread < 0 ? this.kernelCode.from : this.codeOf('from', thread);
    this.fromMode = thread < 0 ? Mode.kernel : this.idles[thread] === true ? Mode.idle : Mode.user;
    this.thread = -1;
    this.instructions = this.stub;
    this.mmio = 0;
    this.portIn = 0;
    this.portOut = 0;
    this.cr3 = 0;
    this.way = this.root;
  }

  private write(to: number, toMode: number): void {
    const { sink } = this;
    const row = sink.row(this.at);
    const values = sink.columns;
    const set = (column: number, value: number): void => {
      values[column]![row] = value; // the kernel format has these columns
    };
    set(KernelColumn.operation, this.operation);
    set(KernelColumn.entry, this.entry);
    set(KernelColumn.fromMode, this.fromMode);
    set(KernelColumn.user, this.user);
    set(KernelColumn.duration, this.exit - this.at);
    set(KernelColumn.instructions, this.instructions);
    set(KernelColumn.loads, 0);
    set(KernelColumn.stores, 0);
    set(KernelColumn.mmio, this.mmio);
    set(KernelColumn.portIn, this.portIn);
    set(KernelColumn.portOut, this.portOut);
    set(KernelColumn.cr3, this.cr3);
    set(KernelColumn.wrmsr, 0);
    set(KernelColumn.fxsave, 0);
    set(KernelColumn.fxrstor, 0);
    set(KernelColumn.toMode, toMode);
    set(KernelColumn.from, this.from);
    set(KernelColumn.to, to);
    set(KernelColumn.path, this.way.code(sink));
  }

  private codeOf(column: 'from' | 'to', context: number): number {
    const codes = this.contextCodes[column];
    if (codes[context]! < 0) codes[context] = this.sink.code(column, this.core.ledger.contexts[context] ?? '');
    return codes[context]!;
  }

  private effectsOf(id: number): PathEffects {
    const { name, steps, instructions } = this.core.paths.path(id);
    const entry = name in ENTRIES ? this.sink.code('entry', ENTRIES[name as keyof typeof ENTRIES]) : -1;
    return {
      instructions, entry,
      mmio: Number(name.startsWith('mmio/')),
      portIn: Number(name.startsWith('port/') && name.endsWith('/in')),
      portOut: Number(name.startsWith('port/') && name.endsWith('/out')),
      cr3: steps.filter(({ cost }) => cost === 'cr3.write').reduce((sum, { times }) => sum + times, 0),
      exit: EXITS.has(name),
    };
  }
}
