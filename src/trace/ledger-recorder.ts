import type { Tick } from '../events/time.ts';
import type { Core } from '../hw/core.ts';
import { IDLE_SLICE, type SliceWatcher } from '../hw/probe.ts';
import { IDLE_NAME, LedgerColumn } from './format.ts';
import type { TraceSink } from './sink.ts';

/**
 * Writes what the core's time went to, slice by slice: every tick from the start of the watch to the end is in one row. Runs of a path back to back are one row, which counts those
 * that came to their end in it.
 */
export class LedgerRecorder implements SliceWatcher {
  private readonly sink: TraceSink;
  private readonly core: Core;
  private readonly end: Tick;
  private readonly idle: { readonly context: number; readonly path: number };
  /** Codes by number, -1 before the first use. */
  private readonly contexts: Int32Array;
  private readonly paths: Int32Array;
  /** The row that may still grow; `ticks` 0: none. */
  private context = 0;
  private path = 0;
  private from: Tick = 0;
  private ticks: Tick = 0;
  private count = 0;

  /** What happens at `end` or later is left out. */
  constructor(sink: TraceSink, core: Core, end: Tick) {
    this.sink = sink;
    this.core = core;
    this.end = end;
    this.idle = { context: sink.code('context', IDLE_NAME), path: sink.code('path', IDLE_NAME) };
    this.contexts = new Int32Array(core.ledger.contexts.length).fill(-1);
    this.paths = new Int32Array(core.paths.size).fill(-1);
  }

  slice(context: number, path: number, from: Tick, ticks: Tick, done: boolean): void {
    const inside = Math.min(ticks, this.end - from);
    const finished = done && inside === ticks ? 1 : 0;
    if (path === this.path && (context === this.context || path === IDLE_SLICE) && this.ticks > 0) {
      if (inside < 0) return;
      this.ticks += inside;
      this.count += finished;
      return;
    }
    if (inside <= 0) return;
    this.write();
    this.context = context;
    this.path = path;
    this.from = from;
    this.ticks = inside;
    this.count = finished;
  }

  /** The run is over: writes the row that waits. */
  finish(): void {
    this.write();
  }

  private write(): void {
    if (this.ticks === 0) return;
    const row = this.sink.row(this.from);
    const { columns } = this.sink;
    const idles = this.path === IDLE_SLICE;
    columns[LedgerColumn.duration]![row] = this.ticks; // the ledger format has these columns, here and below
    columns[LedgerColumn.cpu]![row] = 0;
    columns[LedgerColumn.context]![row] = idles ? this.idle.context : this.contextCode(this.context);
    columns[LedgerColumn.path]![row] = idles ? this.idle.path : this.pathCode(this.path);
    columns[LedgerColumn.count]![row] = idles ? 1 : this.count;
    this.ticks = 0;
  }

  private contextCode(id: number): number {
    if (this.contexts[id]! < 0) this.contexts[id] = this.sink.code('context', this.core.ledger.contexts[id] ?? '');
    return this.contexts[id]!;
  }

  private pathCode(id: number): number {
    if (this.paths[id]! < 0) this.paths[id] = this.sink.code('path', this.core.paths.path(id).name);
    return this.paths[id]!;
  }
}
