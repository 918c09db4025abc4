import { IDLE_NAME } from '../format.ts';
import type { TraceBatch, TraceSource } from '../source.ts';
import type { OpenSlice } from './open-slices.ts';
import { Annotation } from './timeline-sink.ts';
import type { TimelineContext, TimelineView } from './timeline-view.ts';
import { WindowMeter } from './window-meter.ts';

interface Processor {
  readonly group: number;
  /** Tracks of the contexts by their codes; 0: not declared. */
  readonly threads: number[];
  readonly slice: OpenSlice;
  readonly busy: WindowMeter;
  /** Code of the path that runs or ran last. */
  path: number;
}

/**
 * Processors: a track for each context, with a slice for each slice of the ledger that is not idle. A path that is a stack of functions gives slices inside each
 * other; what it shares with the stack right before it on the same track stays open.
 */
export class LedgerView implements TimelineView {
  private readonly context: TimelineContext;
  private readonly suffix: string;
  private readonly meaning: string;
  private readonly contextNames: readonly string[];
  private readonly pathNames: readonly string[];
  /** Names of the functions of each path, outermost first. */
  private readonly stacks: (readonly number[])[] = [];
  private readonly exact: number;
  private readonly count: number;
  private readonly processors: Processor[] = [];
  private durations: Float64Array = new Float64Array(0);
  private cpus: Float64Array = new Float64Array(0);
  private contexts: Int32Array = new Int32Array(0);
  private paths: Int32Array = new Int32Array(0);
  private counts: Float64Array = new Float64Array(0);

  constructor(context: TimelineContext, source: TraceSource, suffix: string, meaning: string) {
    this.context = context;
    this.suffix = suffix;
    this.meaning = meaning;
    this.contextNames = source.names('context');
    this.pathNames = source.names('path');
    this.exact = context.exact === null ? 0 : context.sink.name(context.exact);
    this.count = context.sink.name('count');
  }

  load(batch: TraceBatch): void {
    this.durations = batch.integers('duration');
    this.cpus = batch.integers('cpu');
    this.contexts = batch.codes('context');
    this.paths = batch.codes('path');
    this.counts = batch.integers('count');
  }

  row(row: number, t: number): void {
    const { sink, slices, delivered } = this.context;
    const code = this.contexts[row]!; // the columns have this row, here and below
    const processor = this.processorOf(this.cpus[row]!);
    if (this.contextNames[code] === IDLE_NAME) {
      slices.advance(t);
      return;
    }
    const duration = this.durations[row]!;
    const path = this.paths[row]!;
    const { slice } = processor;
    const track = processor.threads[code] ?? this.threadOf(processor, code);
    const stack = this.stacks[path] ?? this.stackOf(path);
    let open = 0;
    if (stack.length > 1 && slice.end === t && slice.track === track) {
      slices.advance(t, slice);
      open = shared(stack, this.stacks[processor.path] ?? []);
      slices.shrink(slice, open, t);
    } else {
      slices.advance(t);
      // No two slices of a processor overlap in a trace that keeps to the format; in another the earlier one is cut.
      slices.cut(slice, t);
    }
    for (; open < stack.length - 1; open++) sink.begin(track, t, stack[open]!, 0);
    if (this.exact !== 0) sink.annotate(Annotation.count, this.exact, duration);
    const count = this.counts[row]!;
    if (count !== 1) sink.annotate(Annotation.count, this.count, count);
    sink.begin(track, t, stack[open]!, delivered.ledger);
    delivered.ledger = 0;
    slices.open(slice, track, stack.length, t + duration);
    processor.path = path;
    processor.busy.span(t, t + duration);
  }

  finish(): void {
    for (const processor of this.processors) processor?.busy.finish();
  }

  private processorOf(cpu: number): Processor {
    const known = this.processors[cpu];
    if (known !== undefined) return known;
    const { sink, slices, millisecond, next } = this.context;
    const group = next();
    sink.group(group, `cpu ${cpu}${this.suffix}`, this.meaning, true);
    const busy = next();
    sink.counter(busy, group, `cpu ${cpu} busy per ms`, '%');
    const processor: Processor = { group, threads: [], slice: slices.add(), busy: new WindowMeter(sink, busy, millisecond, 100), path: -1 };
    this.processors[cpu] = processor;
    return processor;
  }

  private threadOf(processor: Processor, code: number): number {
    const { sink, next } = this.context;
    const track = next();
    sink.track(track, processor.group, this.contextNames[code] ?? `context ${code}`);
    processor.threads[code] = track;
    return track;
  }

  private stackOf(path: number): readonly number[] {
    const stack = (this.pathNames[path] ?? `path ${path}`).split(';').map((name) => this.context.sink.name(name));
    this.stacks[path] = stack;
    return stack;
  }
}

/** How many functions two stacks share from the outermost on; the innermost of either is not shared. */
function shared(stack: readonly number[], other: readonly number[]): number {
  const most = Math.min(stack.length, other.length) - 1;
  let count = 0;
  while (count < most && stack[count] === other[count]) count++;
  return count;
}
