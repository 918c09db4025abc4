import { IDLE_NAME } from '../format.ts';
import type { TraceSummary } from '../sink.ts';
import { TraceError } from '../trace-error.ts';
import { anyLine, type Cursor } from './bytes.ts';
import { CodeTable, OTHER } from './code-table.ts';
import type { Importer, ImportFormat, ImportOptions } from './importer.ts';
import { LineReader } from './lines.ts';
import { NameTable } from './name-table.ts';
import { SliceQueue } from './slice-queue.ts';
import { TimeLine } from './time-line.ts';

const TAB = 9;
const SPACE = 32;
const HASH = 35;
const OPEN = 40;
const CLOSE = 41;
const PLUS = 43;
const SLASH = 47;
const NS = 1e9;
const REMEDY = 'give the text of perf script with its default fields (comm, tid, cpu, time, period, event, ip, sym, dso)';
/** The head of a sample is within this many bytes. */
const HEAD = 256;
const SAMPLE = /^\s*(\S.*?)\s+(?:(?:\d{1,10}|-1)\/)?(\d{1,10}|-1)\s+(?:\[(\d{1,5})\]\s+)?(\d{1,12})\.(\d{9}|\d{6}):\s+(?:(\d{1,15})\s+)?(\S*[^\s:]):+(?=\s|$)/;
const CLOCK = /^(?:cpu|task)-clock\b/;
const HALTED = /idle|halt|mwait/;
const UNKNOWN = '[unknown]';
const MOST_FRAMES = 1024;
const MOST_NAMES = 1 << 16;
const LONGEST_NAME = 256;
const MOST_CPU = 0x7fff;
/** Samples after which processors are looked at that have given none for a while. */
const SWEEP = 1024;

interface Sample {
  t: number;
  cpu: number;
  comm: string;
  tid: number;
  period: number;
  /** Numbers of its functions, innermost first. */
  readonly stack: number[];
  /** It is whole with its first line: the function stands there. */
  whole: boolean;
}

/** A processor's open slice. */
interface Open {
  since: number;
  length: number;
}

/**
 * The text of `perf script`: samples with or without call chains. A sample is a slice that begins at its time. Samples of the clock events (cpu-clock, task-clock) stand for
 * their period; of others, and without a period, for the usual time between two samples of a processor (a running median). A slice ends early where the processor's next
 * sample begins. Context: `COMM-TID`; of pid 0, if the innermost function is one of halting, idle. Path: functions, outermost first; the context when there are none.
 * One event: that of the first sample.
 */
class PerfScript implements Importer {
  private readonly options: ImportOptions;
  private readonly lines: LineReader;
  private readonly time: TimeLine;
  private readonly functions = new NameTable(MOST_NAMES);
  private readonly open = new Map<number, Open>();
  private sink: { readonly slices: SliceQueue; readonly contexts: CodeTable; readonly paths: CodeTable } | null = null;
  private event = '';
  private sample: Sample | null = null;
  private samples = 0;
  private interval = 0;
  private otherEvents = 0;
  private otherEvent = '';
  private withoutCpu = false;
  private skipping = false;
  /** Samples have call chains below them. */
  private chains = false;

  constructor(options: ImportOptions) {
    this.options = options;
    this.lines = new LineReader(options, { line: 'line of a perf script text', remedy: REMEDY }, (line) => this.take(line));
    this.time = new TimeLine(this.lines, options, NS, 'ns');
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): TraceSummary {
    const cut = this.lines.end();
    if (this.chains && this.sample?.whole === false) this.cutSample(cut);
    this.finish();
    const { file, warn } = this.options;
    if (this.sink === null) throw new TraceError(file, '', 'there is no whole sample in it', REMEDY);
    for (const cpu of this.open.keys()) this.close(cpu, Infinity);
    this.time.end();
    if (this.otherEvents > 0) warn(`${file}: only the samples of ${this.event} are read; ${this.otherEvents} of others (${this.otherEvent}) are left out`);
    if (this.withoutCpu) warn(`${file}: its samples do not name their processor, so all are taken as of one; add cpu to perf script -F`);
    const others = this.sink.contexts.others + this.sink.paths.others;
    if (others > 0) warn(`${file}: it has more names than a trace can hold; ${others} samples are named ${OTHER}`);
    return {};
  }

  /** A call chain ends with an empty line: without it there may have been more. */
  private cutSample(told: boolean): void {
    this.sample = null;
    const { file, strict, warn } = this.options;
    const place = `line ${this.lines.line}`;
    if (strict) throw new TraceError(file, place, 'the file is cut off: no empty line ends the call chain', 'give the whole file, or import what is there without --strict');
    if (!told) warn(`${file}: ${place}: the file is cut off: no empty line ends the call chain, and its sample is left out`);
  }

  private take(line: Cursor): void {
    if (line.done) {
      this.finish();
      this.skipping = false;
      return;
    }
    if (line.peek() === HASH) return;
    if (line.peek() === TAB) return this.frame(line);
    const head = SAMPLE.exec(line.characters(line.at, Math.min(line.end, line.at + HEAD)));
    if (head === null) return this.lines.bad();
    this.finish();
    this.begin(line, head);
  }

  private begin(line: Cursor, head: RegExpExecArray): void {
    const [text, command = '', tid, cpu, seconds, behind = '', period, event = ''] = head;
    this.skipping = true;
    const place = cpu === undefined ? 0 : Number(cpu);
    if (place > MOST_CPU) return this.lines.bad('there is no such processor');
    const t = this.time.at(Number(seconds), Number(behind) * (behind.length === 6 ? 1000 : 1));
    if (t < 0) return this.lines.bad('its time is too far from the first one');
    this.event ||= event;
    if (event !== this.event) {
      if (this.otherEvents++ === 0) this.otherEvent = event;
      return;
    }
    this.skipping = false;
    this.withoutCpu ||= cpu === undefined;
    const start = line.at + text.length - text.trimStart().length;
    const comm = line.text(start, start + command.length);
    this.sample = { t, cpu: place, comm, tid: Math.max(0, Number(tid)), period: CLOCK.test(event) && period !== undefined ? Number(period) : 0, stack: [], whole: false };
    // Without a call chain the function stands on the same line.
    line.at += text.length;
    line.blanks();
    if (!line.done) this.sample.whole = this.function(line, this.sample);
  }

  /** `ADDRESS SYMBOL+OFFSET (FILE)` of a call chain. */
  private frame(line: Cursor): void {
    this.chains = true;
    if (this.skipping) return;
    line.blanks();
    if (this.sample === null || !this.function(line, this.sample)) this.lines.bad();
  }

  private function(line: Cursor, { stack }: Sample): boolean {
    const start = line.at;
    if (line.hex() < 0 || (!line.done && line.peek() !== SPACE)) {
      line.at = start;
      return false;
    }
    if (stack.length >= MOST_FRAMES) return true;
    line.blanks();
    const { bytes } = line;
    let end = line.end;
    let open = -1;
    // The file is in the last parentheses.
    if (end > line.at && bytes[end - 1] === CLOSE) {
      open = end - 1;
      while (open > line.at && !(bytes[open] === OPEN && bytes[open - 1] === SPACE)) open--;
      end = bytes[open] === OPEN ? (open === line.at ? open : open - 1) : end;
    }
    let from = line.at;
    const plus = lastPlus(bytes, from, end);
    if (plus > from) end = plus;
    if (end - from <= 0 || line.text(from, Math.min(end, from + 16)) === UNKNOWN) {
      // Without a symbol the file's name is told.
      if (open < 0) {
        end = from = line.end;
      } else {
        from = open + 1;
        end = line.end - 1;
        for (let at = end - 1; at >= from; at--) {
          if (bytes[at] === SLASH) {
            from = at + 1;
            break;
          }
        }
        from = Math.min(from, end);
      }
      stack.push(-2 - this.functions.number(bytes, from, Math.min(end, from + LONGEST_NAME)));
      return true;
    }
    stack.push(this.functions.number(bytes, from, Math.min(end, from + LONGEST_NAME)));
    return true;
  }

  /** The sample is whole: its slice begins. */
  private finish(): void {
    const { sample } = this;
    if (sample === null) return;
    this.sample = null;
    this.sink ??= this.openSink();
    const { slices, contexts, paths } = this.sink;
    const { t, cpu, comm, tid, period, stack } = sample;
    this.learn(cpu, t);
    this.close(cpu, t);
    if (++this.samples % SWEEP === 0) {
      for (const [other, { since, length }] of this.open) {
        if (since + length <= t) this.close(other, t);
      }
    }
    const innermost = stack[0];
    const idle = tid === 0 && (innermost === undefined || HALTED.test(this.name(innermost)));
    const context = idle ? IDLE_NAME : `${comm.replaceAll(';', ':')}-${tid}`;
    const path = idle ? IDLE_NAME : stack.toReversed().map((number) => this.name(number)).join(';') || context;
    slices.begin(t, cpu, contexts.code(context), paths.code(path), 1);
    this.open.set(cpu, { since: t, length: period > 0 ? period : this.interval > 0 ? this.interval : Infinity });
  }

  /** Follows the median of the times between samples of a processor. */
  private learn(cpu: number, t: number): void {
    const since = this.open.get(cpu)?.since ?? t;
    const gap = t - since;
    if (gap <= 0) return;
    if (this.interval === 0) this.interval = gap;
    else this.interval = Math.max(1, this.interval + Math.sign(gap - this.interval) * Math.ceil(this.interval / 16));
  }

  private close(cpu: number, t: number): void {
    const open = this.open.get(cpu);
    if (open === undefined || this.sink === null) return;
    this.open.delete(cpu);
    const end = Math.min(open.since + open.length, t);
    this.sink.slices.end(end === Infinity ? open.since : end, cpu);
  }

  private name(number: number): string {
    if (number === -1) return OTHER;
    if (number >= 0) return (this.functions.names[number] ?? OTHER).replaceAll(';', ':');
    const file = this.functions.names[-2 - number] ?? '';
    return file === '' || file === UNKNOWN ? UNKNOWN : `[${file.replaceAll(/[[\];]/g, '')}]`;
  }

  private openSink(): { readonly slices: SliceQueue; readonly contexts: CodeTable; readonly paths: CodeTable } {
    const sink = this.options.open('ledger', {
      clock: {
        domain: 'host', unit: 'ns', picoseconds: { numerator: 1000, denominator: 1 }, origin: this.time.origin,
        originMeaning: 'zero of perf\'s clock, by default about the start of the kernel',
      },
      loop: 'closed',
      producer: { name: 'Linux perf', version: 'unknown' },
      recorded: { command: this.options.command, scenario: null, notes: `Samples of ${this.event}: a slice is the time that a sample stands for.` },
    });
    return { slices: new SliceQueue(sink), contexts: new CodeTable(sink, 'context'), paths: new CodeTable(sink, 'path') };
  }
}

/** Place of the `+0x` that ends a symbol, or -1. */
function lastPlus(bytes: Uint8Array, start: number, end: number): number {
  for (let at = end - 1; at > start; at--) {
    if (bytes[at] === PLUS) return bytes[at + 1] === 48 && bytes[at + 2] === 120 ? at : -1;
  }
  return -1;
}

export const PERF_SCRIPT: ImportFormat = {
  name: 'perf-script',
  title: 'text of perf script',
  kinds: ['ledger'],
  detect: (head) => anyLine(head, 500, (line) => line.peek() !== HASH && line.peek() !== TAB && SAMPLE.test(line.characters(line.at, Math.min(line.end, line.at + HEAD)))),
  create: (options) => new PerfScript(options),
};
