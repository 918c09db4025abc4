import type { TraceKind } from '../format.ts';
import type { TraceClock } from '../metadata.ts';
import type { TraceSink, TraceSummary } from '../sink.ts';
import { TraceError } from '../trace-error.ts';
import { anyLine, type Cursor } from './bytes.ts';
import type { Importer, ImportFormat, ImportOptions } from './importer.ts';
import { LineReader } from './lines.ts';
import { NameTable } from './name-table.ts';
import { EVENT_NAMES, QemuHardware } from './qemu-hardware.ts';
import { QemuLedger } from './qemu-ledger.ts';
import type { QemuLines } from './qemu-lines.ts';
import { TimeLine } from './time-line.ts';

const AT = 64;
const POINT = 46;
const COLON = 58;
const SPACE = 32;
const REMEDY = 'record with -trace EVENT, -D FILE and -msg timestamp=on (log backend)';
/** Names of trace events that are told apart; QEMU has some thousands. */
const MOST_EVENTS = 4096;
/** Host seconds are counted from 1970 and have six digits behind the point. */
const HOST_SECONDS = 1e9;
const NS = 1e9;
/** Trace events of these devices are known; those that make no row say again what another one says, or what the model does not have. */
const KNOWN = /^(?:e1000e|apic|ioapic|pic|memory_region)_/;
const LISTED = 3;

const CLOCKS = {
  host: { domain: 'host', originMeaning: '1970-01-01T00:00:00Z, to the microsecond' },
  virtual: { domain: 'virtual', originMeaning: 'QEMU_CLOCK_VIRTUAL: start of the emulated machine' },
} as const;

/**
 * The text of QEMU's `log` trace backend: `PID@SECONDS.MICROSECONDS:event arguments` in host time; or the same from a QEMU whose gettimeofday was
 * made to answer instructions and virtual nanoseconds, with or without `PID@`: `INSTRUCTIONS.NANOSECONDS:event arguments`. Host stamps have six digits
 * behind the point and at least 10^9 before it.
 * Kinds: hardware (qemu-hardware.ts), and ledger from stamps with instructions (qemu-ledger.ts).
 */
class QemuLog implements Importer {
  private readonly options: ImportOptions;
  private readonly lines: LineReader;
  private readonly time: TimeLine;
  private readonly events = new NameTable(MOST_EVENTS);
  private readonly counts: number[] = [];
  private form: keyof typeof CLOCKS | null = null;
  private body: QemuLines | null = null;

  constructor(options: ImportOptions) {
    this.options = options;
    this.lines = new LineReader(options, { line: 'line of a QEMU trace log', remedy: REMEDY }, (line) => this.take(line));
    this.time = new TimeLine(this.lines, options, NS, 'ns');
    const encoder = new TextEncoder();
    for (const name of EVENT_NAMES) {
      const text = encoder.encode(name);
      this.events.number(text, 0, text.length);
    }
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): TraceSummary {
    this.lines.end();
    const { file, warn } = this.options;
    if (this.body === null) throw new TraceError(file, '', 'there is no whole line of a trace log in it', REMEDY);
    this.body.end();
    this.time.end();
    const unknown = this.counts.map((count, event) => ({ count, name: this.events.names[event] ?? 'other events' })).filter(({ count, name }) => count > 0 && !KNOWN.test(name));
    if (this.options.kind !== 'ledger' && unknown.length > 0) {
      const total = unknown.reduce((sum, { count }) => sum + count, 0);
      const listed = unknown.toSorted((a, b) => b.count - a.count).slice(0, LISTED).map(({ count, name }) => `${name} ${count} times`);
      warn(`${file}: no rows are made of ${total} lines of trace events that are not known: ${listed.join(', ')}${unknown.length > LISTED ? ', ...' : ''}`);
    }
    return {};
  }

  private take(line: Cursor): void {
    const start = line.at;
    let before = line.decimal();
    if (before < 0) return this.unstamped(line, start);
    if (line.take(AT)) before = line.decimal();
    if (before < 0 || !line.take(POINT)) return this.lines.bad();
    const point = line.at;
    const behind = line.decimal();
    const digits = line.at - point;
    if (behind < 0 || !line.take(COLON)) return this.lines.bad();
    const host = digits === 6 && before >= HOST_SECONDS;
    if ((host && before >= 10 * HOST_SECONDS) || digits < 6) return this.lines.bad();
    const name = line.at;
    const nameEnd = line.until(SPACE);
    if (nameEnd === name) return this.lines.bad();
    const form = host ? 'host' : 'virtual';
    if (this.form !== form) {
      if (this.form !== null) return this.lines.bad('its time stamp is of another form than the first one');
      this.form = form;
    }
    const t = host ? this.time.at(before, behind * 1000) : this.time.at(0, behind);
    if (t < 0) return this.lines.bad('its time is too far from the first one');
    this.body ??= this.open(form);
    let event = this.events.number(line.bytes, name, nameEnd);
    if (event < 0) event = MOST_EVENTS;
    line.at = nameEnd + 1;
    if (!this.body.line(event, t, before, line)) this.lines.bad('its arguments cannot be read');
    else if (event >= EVENT_NAMES.length) this.counts[event] = (this.counts[event] ?? 0) + 1;
  }

  /** Other lines of a log are those of `-d` and warnings; an event without a stamp means that there are no times at all. */
  private unstamped(line: Cursor, start: number): void {
    const end = line.until(SPACE, start);
    if (this.form === null && isEvent(line, start, end)) this.lines.fail('a trace event without a time stamp', 'record it again with -msg timestamp=on');
    this.lines.bad();
  }

  private open(form: keyof typeof CLOCKS): QemuLines {
    const ledger = this.options.kind === 'ledger';
    if (ledger && form === 'host') {
      this.lines.fail('a busy and idle time cannot be told from host stamps', 'record it with instructions and virtual time in the stamps (traces/record), or import it as --kind hardware');
    }
    const kind: TraceKind = ledger ? 'ledger' : 'hardware';
    const clock: TraceClock = { ...CLOCKS[form], unit: 'ns', picoseconds: { numerator: 1000, denominator: 1 }, origin: this.time.origin };
    const sink: TraceSink = this.options.open(kind, {
      clock,
      loop: 'closed',
      producer: { name: 'QEMU', version: 'unknown' },
      recorded: { command: this.options.command, scenario: null, notes: ledger ? QemuLedger.notes : QemuHardware.notes },
    });
    return ledger ? new QemuLedger(sink, this.lines) : new QemuHardware(sink, this.options);
  }
}

function isEvent(line: Cursor, start: number, end: number): boolean {
  if (end - start > 64) return false;
  const name = line.text(start, end);
  return EVENT_NAMES.includes(name) || (KNOWN.test(name) && /^\w+$/.test(name));
}

export const QEMU_LOG: ImportFormat = {
  name: 'qemu-log',
  title: 'log of QEMU\'s -trace',
  kinds: ['hardware', 'ledger'],
  detect: (head) => anyLine(head, 200, (line) => {
    const start = line.at;
    if (line.decimal() >= 0) {
      if (line.take(AT) && line.decimal() < 0) return false;
      if (!line.take(POINT) || line.decimal() < 0 || !line.take(COLON)) return false;
      return /^[a-z]\w+(?: |$)/.test(line.text(line.at, Math.min(line.end, line.at + 80)));
    }
    return isEvent(line, start, line.until(SPACE, start)) && line.until(SPACE, start) < line.end;
  }),
  create: (options) => new QemuLog(options),
};
