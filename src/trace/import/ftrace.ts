import type { TraceKind } from '../format.ts';
import type { TraceClock } from '../metadata.ts';
import type { TraceSummary } from '../sink.ts';
import { TraceError } from '../trace-error.ts';
import { anyLine, ascii, type Cursor } from './bytes.ts';
import { FtraceHardware } from './ftrace-hardware.ts';
import { FtraceLedger } from './ftrace-ledger.ts';
import { FtraceLine } from './ftrace-line.ts';
import type { FtraceRows } from './ftrace-rows.ts';
import type { Importer, ImportFormat, ImportOptions } from './importer.ts';
import { LineReader } from './lines.ts';
import { NameTable } from './name-table.ts';
import { TimeLine } from './time-line.ts';

const NS = 1e9;
const HASH = 35;
const TRACER = ascii('# tracer:');
const CPUS = ascii('cpus=');
const VERSION = ascii('version = ');
const CPU = ascii('CPU');
const REMEDY = 'give the text of /sys/kernel/tracing/trace or of trace-cmd report, with events';
const MOST_EVENTS = 4096;

/** The text of Linux's ftrace and of `trace-cmd report`. Kinds: ledger (ftrace-ledger.ts) and hardware (ftrace-hardware.ts). */
class Ftrace implements Importer {
  private readonly options: ImportOptions;
  private readonly lines: LineReader;
  private readonly time: TimeLine;
  private readonly parsed = new FtraceLine();
  private readonly events = new NameTable(MOST_EVENTS);
  private rows: FtraceRows | null = null;
  private raw = false;
  private lostTimes = 0;
  private firstLost = 0;

  constructor(options: ImportOptions) {
    this.options = options;
    this.lines = new LineReader(options, { line: 'line of an ftrace text', remedy: REMEDY }, (line) => this.take(line));
    this.time = new TimeLine(this.lines, options, NS, 'ns');
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): TraceSummary {
    this.lines.end();
    const { file, warn } = this.options;
    if (this.rows === null) throw new TraceError(file, '', 'there is no whole line of an event in it', REMEDY);
    this.rows.end();
    this.time.end();
    if (this.raw) warn(`${file}: its time stamps are counts of an unknown unit (trace_clock x86-tsc or counter); one is taken as 1 ns`);
    if (this.lostTimes > 0) warn(`${file}: events were lost ${this.lostTimes} times, first at line ${this.firstLost}; record with a larger buffer`);
    return {};
  }

  private take(line: Cursor): void {
    if (line.done || line.peek() === HASH) return;
    const start = line.at;
    const { parsed } = this;
    if (!parsed.read(line)) {
      line.at = start;
      return this.other(line);
    }
    if (this.rows !== null && parsed.raw !== this.raw) return this.lines.bad('its time stamp is of another form than the first one');
    const t = this.time.at(parsed.seconds, parsed.rest);
    if (t < 0) return this.lines.bad('its time is too far from the first one');
    this.rows ??= this.open(parsed.raw);
    const event = this.events.number(line.bytes, parsed.eventStart, parsed.eventEnd);
    this.rows.event(t, this.events.names[event] ?? '', parsed, line);
  }

  /** Lines between the events: `cpus=N`, `CPU 0 is empty`, `CPU:0 [LOST 12 EVENTS]`, `CPU:0 [12 EVENTS DROPPED]`. */
  private other(line: Cursor): void {
    if (line.skip(CPUS) || line.skip(VERSION)) return;
    if (!line.skip(CPU)) return this.lines.bad();
    const text = line.text(line.at, line.end);
    const lost = /^:(\d{1,5}) \[(?:LOST \d+ EVENTS|(?:\d+ )?EVENTS DROPPED)\]/.exec(text);
    if (lost !== null) {
      if (this.lostTimes++ === 0) this.firstLost = this.lines.line;
      this.rows?.lost(Number(lost[1]));
    } else if (!/^ ?\d+ is empty|^:\d/.test(text)) {
      this.lines.bad();
    }
  }

  private open(raw: boolean): FtraceRows {
    const { options } = this;
    this.raw = raw;
    const kind: TraceKind = options.kind === 'hardware' ? 'hardware' : 'ledger';
    const clock: TraceClock = {
      domain: raw ? 'tsc' : 'host', unit: raw ? 'cycles' : 'ns', picoseconds: { numerator: 1000, denominator: 1 }, origin: this.time.origin,
      originMeaning: raw ? 'zero of the count that trace_clock named; the length of one is assumed' : 'zero of the trace clock, by default about the start of the kernel',
    };
    const sink = options.open(kind, {
      clock,
      loop: 'closed',
      producer: { name: 'Linux ftrace', version: 'unknown' },
      recorded: { command: options.command, scenario: null, notes: kind === 'ledger' ? FtraceLedger.notes : FtraceHardware.notes },
    });
    return kind === 'ledger' ? new FtraceLedger(sink, options) : new FtraceHardware(sink);
  }
}

export const FTRACE: ImportFormat = {
  name: 'ftrace',
  title: 'text of Linux ftrace or trace-cmd report',
  kinds: ['ledger', 'hardware'],
  detect(head) {
    const parsed = new FtraceLine();
    return anyLine(head, 200, (line) => line.skip(TRACER) || parsed.read(line));
  },
  create: (options) => new Ftrace(options),
};
