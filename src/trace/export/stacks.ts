import { IDLE_NAME, Mode } from '../format.ts';
import type { TraceMetadata } from '../metadata.ts';
import type { TraceBatch, TraceSource } from '../source.ts';

/**
 * What a stack of frames is, outermost first, for flame graphs:
 * - a ledger slice of a simulated run: the context's group, the context, and each prefix of the path's name that ends at a slash, then the path:
 *   `kernel:irq-ack` on `port/pic/in` is kernel > kernel:irq-ack > port > port/pic > port/pic/in. Frames have whole names, so that equal frames mean the same.
 * - a ledger slice of any other trace: the context, then the functions of the path, which are joined by semicolons, unless it only repeats the context; a slash is part of a
 *   name there;
 * - a kernel entry: kernel > its operation > its way through the kernel; the time before it: user > who ran, or idle.
 * Idle time is the stack idle, so that the values of a profile add up to the time it covers.
 */
export type Stack = readonly number[];

const SIMULATED = 'simulated';

/** Takes what time is attributed to, in time order. `group`: the processor. `value`: in the clock's unit. */
export type AttributionVisitor = (group: number, stack: number, value: number, count: number) => void;

/** Frames and stacks, each kept once and numbered from 0. */
export class StackTable {
  readonly frames: string[] = [];
  readonly stacks: Stack[] = [];
  private readonly frameCodes = new Map<string, number>();
  private readonly stackCodes = new Map<string, number>();

  stack(names: readonly string[]): number {
    const frames = names.map((name) => this.frame(name));
    const key = frames.join();
    let code = this.stackCodes.get(key);
    if (code === undefined) {
      code = this.stacks.push(frames) - 1;
      this.stackCodes.set(key, code);
    }
    return code;
  }

  private frame(name: string): number {
    let code = this.frameCodes.get(name);
    if (code === undefined) {
      code = this.frames.push(name) - 1;
      this.frameCodes.set(name, code);
    }
    return code;
  }
}

/** The frames of a slice of the ledger. */
export function ledgerFrames(context: string, path: string, simulated: boolean): string[] {
  if (context === IDLE_NAME) return [IDLE_NAME];
  if (!simulated) return path === context ? [context] : [context, ...path.split(';')];
  const group = context.indexOf(':');
  const frames = group > 0 ? [context.slice(0, group), context] : [context];
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) frames.push(path.slice(0, slash));
  frames.push(path);
  return frames;
}

/** Reads a ledger or kernel trace to its end and says what each piece of its time was spent on. */
export function attribute(source: TraceSource, table: StackTable, visit: AttributionVisitor): void {
  const { metadata } = source;
  const read = metadata.kind === 'kernel' ? kernelReader(source, table, visit) : ledgerReader(source, metadata, table, visit);
  for (let batch = source.next(); batch !== null; batch = source.next()) read(batch);
}

function ledgerReader(source: TraceSource, { clock }: TraceMetadata, table: StackTable, visit: AttributionVisitor): (batch: TraceBatch) => void {
  const contexts = source.names('context');
  const paths = source.names('path');
  const stacks = new PairCodes((context, path) => table.stack(ledgerFrames(contexts[context] ?? '', paths[path] ?? '', clock.domain === SIMULATED)));
  return (batch) => {
    const context = batch.codes('context');
    const path = batch.codes('path');
    const cpu = batch.integers('cpu');
    const duration = batch.integers('duration');
    const count = batch.integers('count');
    for (let row = 0; row < batch.rows; row++) visit(cpu[row]!, stacks.of(context[row]!, path[row]!), duration[row]!, count[row]!); // a value a row
  };
}

function kernelReader(source: TraceSource, table: StackTable, visit: AttributionVisitor): (batch: TraceBatch) => void {
  const operations = source.names('operation');
  const paths = source.names('path');
  const modes = source.names('from_mode');
  const threads = source.names('from');
  const inside = new PairCodes((operation, path) => table.stack(['kernel', operations[operation] ?? '', paths[path] ?? ''].filter((name) => name !== '')));
  const outside = new PairCodes((mode, thread) => table.stack(mode === Mode.idle ? [IDLE_NAME] : [modes[mode] ?? '', threads[thread] ?? ''].filter((name) => name !== '')));
  return (batch) => {
    const operation = batch.codes('operation');
    const path = batch.codes('path');
    const mode = batch.codes('from_mode');
    const thread = batch.codes('from');
    const user = batch.integers('user');
    const duration = batch.integers('duration');
    for (let row = 0; row < batch.rows; row++) {
      if (user[row]! > 0) visit(0, outside.of(mode[row]!, thread[row]!), user[row]!, 0); // a value a row
      visit(0, inside.of(operation[row]!, path[row]!), duration[row]!, 1);
    }
  };
}

/** A code for each pair of names that occurs, made when it is first asked for. */
class PairCodes {
  private readonly make: (first: number, second: number) => number;
  private readonly codes = new Map<number, number>();

  constructor(make: (first: number, second: number) => number) {
    this.make = make;
  }

  of(first: number, second: number): number {
    // Dictionaries have fewer than 65,536 names.
    const key = first * 65_536 + second;
    let code = this.codes.get(key);
    if (code === undefined) {
      code = this.make(first, second);
      this.codes.set(key, code);
    }
    return code;
  }
}

/** What time was spent on in all: value and count of each stack of each processor. */
export interface StackTotal {
  readonly group: number;
  readonly stack: number;
  value: number;
  count: number;
}

/** Sums of a trace by processor and stack, in the order in which they first occur. */
export function totals(source: TraceSource, table: StackTable): readonly StackTotal[] {
  const sums: StackTotal[] = [];
  const places = new Map<number, StackTotal>();
  attribute(source, table, (group, stack, value, count) => {
    // Processors are numbered in 15 bits.
    const key = stack * 32_768 + group;
    let total = places.get(key);
    if (total === undefined) {
      total = { group, stack, value: 0, count: 0 };
      places.set(key, total);
      sums.push(total);
    }
    total.value += value;
    total.count += count;
  });
  return sums;
}
