import { IDLE_NAME } from '../format.ts';
import type { TraceSink } from '../sink.ts';
import { ascii, type Cursor } from './bytes.ts';
import { CodeTable, OTHER } from './code-table.ts';
import type { FtraceLine } from './ftrace-line.ts';
import type { FtraceRows } from './ftrace-rows.ts';
import type { ImportOptions } from './importer.ts';
import { SliceQueue } from './slice-queue.ts';

const ACTION = ascii('action=');
const FUNCTION = ascii('function=');
const IRQ = ascii('irq=');
const NAME = ascii('name=');
const VECTOR = ascii('vector=');
const CLOSE = 93;
const SLASH = 47;
const SPACE = 32;
/** Deeper nesting is a text that does not fit together. */
const MOST_FRAMES = 16;
const LONGEST_NAME = 256;

/** What runs on top of a task: `key` is what its end is known by. Functions have no end of their own in most recordings. */
interface Frame {
  readonly key: string;
  readonly name: string;
  readonly isFunction: boolean;
}

/** A processor: the task it has been switched to, and what interrupts it. */
interface Processor {
  pid: number;
  task: string;
  frames: Frame[];
  last: number;
}

/**
 * Slices of processor time: a stack a processor of the task (sched_switch) and what runs on top of it (irq_handler and irq_vectors entry and exit, softirq entry and exit), and in those
 * the functions of timers (hrtimer_expire_entry, timer_expire_entry). Context: the task as `COMM-PID`, `irq/NAME`, `softirq/ACTION`, idle for pid 0. Path: what is on top of the task,
 * outermost first; of a task the same as the context. A processor's slices begin with its first event and go on to the last event of all, without overlap; what it did while
 * events were lost is in no slice.
 */
export class FtraceLedger implements FtraceRows {
  static readonly notes = 'From context switches and from the entry and exit of interrupt handlers and softirqs; the way into the kernel before a handler\'s entry event counts for what was interrupted.';
  private readonly slices: SliceQueue;
  private readonly contexts: CodeTable;
  private readonly paths: CodeTable;
  private readonly options: ImportOptions;
  private readonly processors = new Map<number, Processor>();
  private last = 0;

  constructor(sink: TraceSink, options: ImportOptions) {
    this.options = options;
    this.slices = new SliceQueue(sink);
    this.contexts = new CodeTable(sink, 'context');
    this.paths = new CodeTable(sink, 'path');
  }

  event(t: number, name: string, line: FtraceLine, args: Cursor): void {
    this.last = t;
    let processor = this.processors.get(line.cpu);
    if (processor === undefined) {
      processor = { pid: line.pid, task: taskOf(line, args), frames: [], last: t };
      this.processors.set(line.cpu, processor);
      this.slice(t, line.cpu, processor);
    } else if (processor.pid !== line.pid) {
      // A switch that was not recorded.
      processor.pid = line.pid;
      processor.task = taskOf(line, args);
      processor.frames = [];
      this.slice(t, line.cpu, processor);
    }
    processor.last = t;
    if (this.change(name, processor, args)) this.slice(t, line.cpu, processor);
  }

  lost(cpu: number): void {
    const processor = this.processors.get(cpu);
    if (processor === undefined) return;
    this.slices.end(processor.last, cpu);
    this.processors.delete(cpu);
  }

  end(): void {
    this.slices.endAll(this.last);
    const others = this.contexts.others + this.paths.others;
    if (others > 0) this.options.warn(`${this.options.file}: it has more names than a trace can hold; ${others} slices are named ${OTHER}`);
  }

  /** Changes the processor's stack by an event. Returns whether it did. */
  private change(name: string, processor: Processor, args: Cursor): boolean {
    switch (name) {
      case 'sched_switch': return switchTo(processor, args);
      case 'irq_handler_entry': {
        const number = args.skip(IRQ) ? args.decimal() : -1;
        if (number < 0 || !args.skipPast(NAME)) return false;
        return push(processor, { key: `irq ${number}`, name: `irq/${text(args, args.end)}`, isFunction: false });
      }
      case 'irq_handler_exit': return args.skip(IRQ) && pop(processor, `irq ${args.decimal()}`);
      case 'softirq_entry': {
        const action = actionOf(args);
        return push(processor, { key: 'softirq', name: `softirq/${action}`, isFunction: false });
      }
      case 'softirq_exit': return pop(processor, 'softirq');
      case 'hrtimer_expire_entry':
      case 'timer_expire_entry': {
        const { frames } = processor;
        if (frames.length === 0 || !args.skipPast(FUNCTION)) return false;
        if (frames.at(-1)?.isFunction === true) frames.pop();
        const end = Math.min(args.until(SPACE), args.until(SLASH));
        return push(processor, { key: 'function', name: text(args, end), isFunction: true });
      }
      case 'hrtimer_expire_exit':
      case 'timer_expire_exit': return processor.frames.at(-1)?.isFunction === true && pop(processor, 'function');
      default: {
        if (!args.skip(VECTOR)) return false;
        if (name.endsWith('_entry')) return push(processor, { key: name.slice(0, -6), name: `irq/${name.slice(0, -6)}`, isFunction: false });
        return name.endsWith('_exit') && pop(processor, name.slice(0, -5));
      }
    }
  }

  private slice(t: number, cpu: number, { task, frames, pid }: Processor): void {
    let context = pid === 0 ? IDLE_NAME : task;
    let path = context;
    if (frames.length > 0) {
      context = frames.findLast(({ isFunction }) => !isFunction)?.name ?? context;
      path = frames.map(({ name }) => name).join(';');
    }
    this.slices.begin(t, cpu, this.contexts.code(context), this.paths.code(path), 1);
  }
}

function push(processor: Processor, frame: Frame): boolean {
  if (processor.frames.length >= MOST_FRAMES) processor.frames = [];
  processor.frames.push(frame);
  return true;
}

/** Takes away the frame of this key and what is above it; nothing where it began before the recording. */
function pop(processor: Processor, key: string): boolean {
  const at = processor.frames.findLastIndex((frame) => frame.key === key);
  if (at < 0) return false;
  processor.frames.length = at;
  return true;
}

/** A name, with what separates frames in a path replaced. */
function text(args: Cursor, end: number): string {
  return args.text(args.at, Math.min(end, args.at + LONGEST_NAME)).trim().replaceAll(';', ':') || 'unknown';
}

function actionOf(args: Cursor): string {
  return args.skipPast(ACTION) ? text(args, args.until(CLOSE)) : 'unknown';
}

function taskOf(line: FtraceLine, args: Cursor): string {
  return `${args.text(line.commStart, line.commEnd).replaceAll(';', ':')}-${line.pid}`;
}

/** `... next_comm=NAME next_pid=N next_prio=N` of the kernel's own text, `PREV:PID [PRIO] STATE ==> NAME:PID [PRIO]` of trace-cmd's. */
function switchTo(processor: Processor, args: Cursor): boolean {
  const line = args.text(args.at, Math.min(args.end, args.at + 2 * LONGEST_NAME));
  const next = / ==> next_comm=(.*) next_pid=(\d{1,10})\b/.exec(line) ?? / ==> (.*):(\d{1,10})(?: \[-?\d+\]|$)/.exec(line);
  if (next === null) return false;
  processor.pid = Number(next[2]);
  processor.task = `${(next[1] ?? '').replaceAll(';', ':')}-${processor.pid}`;
  processor.frames = [];
  return true;
}
