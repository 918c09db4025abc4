import { Mode } from '../format.ts';
import type { TraceBatch, TraceSource } from '../source.ts';
import { NameCodes } from './name-codes.ts';
import type { OpenSlice } from './open-slices.ts';
import { Annotation } from './timeline-sink.ts';
import type { TimelineContext, TimelineView } from './timeline-view.ts';
import { WindowMeter } from './window-meter.ts';

/** What is said of an entry where it is not 0, and where it is a name. */
const COUNTS = ['instructions', 'loads', 'stores', 'mmio', 'port_in', 'port_out', 'cr3', 'wrmsr', 'fxsave', 'fxrstor'] as const;
const NAMES = ['entry', 'path', 'from', 'to'] as const;

/** Kernel entries: a slice each, named by the operation; beside them who runs outside the kernel, from an exit to the next entry. */
export class KernelView implements TimelineView {
  private readonly context: TimelineContext;
  private readonly operations: NameCodes;
  private readonly names: readonly NameCodes[];
  private readonly countKeys: readonly number[];
  private readonly nameKeys: readonly number[];
  private readonly exact: number;
  private readonly kernelTrack: number;
  private readonly outsideTrack: number;
  private readonly kernel: OpenSlice;
  private readonly outside: OpenSlice;
  private readonly busy: WindowMeter | null;
  /** Who runs after the entry that was shown last; 0: nobody, or the kernel again. */
  private next = 0;
  private durations: Float64Array = new Float64Array(0);
  private users: Float64Array = new Float64Array(0);
  private operation: Int32Array = new Int32Array(0);
  private fromMode: Int32Array = new Int32Array(0);
  private toMode: Int32Array = new Int32Array(0);
  private counted: readonly Float64Array[] = [];
  private named: readonly Int32Array[] = [];

  constructor(context: TimelineContext, source: TraceSource, suffix: string, meaning: string) {
    const { sink, slices, next } = context;
    this.context = context;
    this.operations = new NameCodes(source, 'operation', sink);
    this.names = NAMES.map((column) => new NameCodes(source, column, sink));
    this.countKeys = COUNTS.map((name) => sink.name(name));
    this.nameKeys = NAMES.map((name) => sink.name(name));
    this.exact = context.exact === null ? 0 : sink.name(context.exact);
    const group = next();
    sink.group(group, `kernel entries${suffix}`, meaning, false);
    this.kernelTrack = next();
    sink.track(this.kernelTrack, group, 'kernel');
    this.outsideTrack = next();
    sink.track(this.outsideTrack, group, 'outside the kernel');
    this.outside = slices.add();
    this.kernel = slices.add((t) => {
      if (this.next === 0) return;
      sink.begin(this.outsideTrack, t, this.next, 0);
      slices.open(this.outside, this.outsideTrack, 1, Infinity);
    });
    if (context.ledger) {
      this.busy = null;
    } else {
      const track = next();
      sink.counter(track, group, 'busy per ms', '%');
      this.busy = new WindowMeter(sink, track, context.millisecond, 100);
    }
  }

  load(batch: TraceBatch): void {
    this.durations = batch.integers('duration');
    this.users = batch.integers('user');
    this.operation = batch.codes('operation');
    this.fromMode = batch.codes('from_mode');
    this.toMode = batch.codes('to_mode');
    this.counted = COUNTS.map((name) => batch.integers(name));
    this.named = NAMES.map((name) => batch.codes(name));
  }

  row(row: number, t: number): void {
    const { context: { sink, slices, delivered }, counted, countKeys, named, nameKeys, names } = this;
    const duration = this.durations[row]!; // the columns have this row, here and below
    slices.advance(t);
    // An entry ends before the next in a trace that keeps to the format; in another it is cut.
    slices.cut(this.kernel, t);
    slices.cut(this.outside, t);
    if (this.exact !== 0) sink.annotate(Annotation.count, this.exact, duration);
    for (let i = 0; i < counted.length; i++) {
      const value = counted[i]![row]!;
      if (value !== 0) sink.annotate(Annotation.count, countKeys[i]!, value);
    }
    for (let i = 0; i < named.length; i++) sink.annotate(Annotation.name, nameKeys[i]!, names[i]!.of(named[i]![row]!));
    sink.begin(this.kernelTrack, t, this.operations.of(this.operation[row]!), delivered.kernel);
    delivered.kernel = 0;
    const to = names.at(-1);
    this.next = to === undefined || this.toMode[row] !== Mode.user ? 0 : to.of(named.at(-1)![row]!);
    slices.open(this.kernel, this.kernelTrack, 1, t + duration);
    if (this.busy === null) return;
    const user = this.users[row]!;
    if (this.fromMode[row] !== Mode.idle) this.busy.span(t - user, t);
    this.busy.span(t, t + duration);
  }

  finish(): void {
    this.busy?.finish();
  }
}
