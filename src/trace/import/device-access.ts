import { ProbeEvent } from '../../hw/probe.ts';
import type { TraceSummary } from '../sink.ts';
import { TraceError } from '../trace-error.ts';
import type { Cursor } from './bytes.ts';
import { Csv, hasColumns } from './csv.ts';
import type { Importer, ImportFormat, ImportOptions } from './importer.ts';
import { instructionOrigin } from './instruction-clock.ts';
import { LineReader } from './lines.ts';
import { NameTable } from './name-table.ts';
import { LAPIC_EOI, type PcDevice, PcRows } from './pc-rows.ts';

const COLUMNS = ['t_insn', 'kind', 'addr', 'size', 'mode', 'device', 'value', 'fn'] as const;
type Column = (typeof COLUMNS)[number];
const NEEDED = ['t_insn', 'kind', 'addr', 'device'] as const;
const KINDS = ['mmio-read', 'mmio-write', 'in', 'out'];
const REMEDY = 'give a device-access.csv as it was recorded';
const NOTES = 'Accesses to devices in the order in which the processor made them; EOIs beside the accesses that make them (at the local APIC without their vector). Times are instructions of the whole machine since power-on.';
const MOST_DEVICES = 4096;

/** Rows of device accesses, as an instruction-counting plugin of QEMU writes them: `t_insn,kind,addr,size,mode,device,value,fn`. The header names the columns, in any order. Kind: hardware. */
class DeviceAccess implements Importer {
  private readonly options: ImportOptions;
  private readonly lines: LineReader;
  private readonly kinds = new NameTable(KINDS.length);
  private readonly names = new NameTable(MOST_DEVICES);
  private readonly devices: PcDevice[] = [];
  private csv: Csv<Column> | null = null;
  private rows: PcRows | null = null;
  private origin = 0;
  private last = 0;

  constructor(options: ImportOptions) {
    this.options = options;
    this.lines = new LineReader(options, { line: 'row of device accesses', remedy: REMEDY }, (line) => this.take(line));
    const encoder = new TextEncoder();
    for (const kind of KINDS) {
      const text = encoder.encode(kind);
      this.kinds.number(text, 0, text.length);
    }
  }

  push(chunk: Uint8Array): void {
    this.lines.push(chunk);
  }

  end(): TraceSummary {
    this.lines.end();
    if (this.rows === null) throw new TraceError(this.options.file, '', 'there is no whole row of a device access in it', REMEDY);
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
    if (this.rows !== null && stamp < this.last) return this.lines.bad('t_insn is before that of the row above');
    const kind = this.kinds.number(line.bytes, csv.start('kind'), csv.fieldEnd);
    if (kind < 0) return this.lines.bad(`its kind is not ${KINDS.join(', ')}`);
    const address = csv.hex('addr');
    const value = csv.hex('value');
    if (address < 0 || value < 0) return this.lines.bad('an address or a value is no hexadecimal number');
    const start = csv.start('device');
    const number = csv.fieldEnd === start ? -1 : this.names.number(line.bytes, start, csv.fieldEnd);
    if (number < 0) return this.lines.bad('it names no device');
    this.last = stamp;
    const rows = (this.rows ??= this.open(stamp));
    const device = (this.devices[number] ??= rows.region(this.names.names[number] ?? ''));
    const write = kind % 2 === 1;
    rows.access(stamp - this.origin, write, kind >= 2, device, address, value);
    if (write && device.code === rows.lapic.code && address % 0x1000 === LAPIC_EOI) rows.row(stamp - this.origin, ProbeEvent.eoi, device, LAPIC_EOI, 0);
  }

  private open(first: number): PcRows {
    this.origin = first;
    return new PcRows(this.options.open('hardware', instructionOrigin(first, this.options.command, NOTES)));
  }
}

export const DEVICE_ACCESS: ImportFormat = {
  name: 'device-access',
  title: 'CSV of device accesses',
  kinds: ['hardware'],
  detect: (head) => hasColumns(head, NEEDED),
  create: (options) => new DeviceAccess(options),
};
