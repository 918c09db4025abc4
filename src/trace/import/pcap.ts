import type { TraceSummary } from '../sink.ts';
import { TraceError } from '../trace-error.ts';
import { ChunkedRecords } from './chunked-records.ts';
import { Complaints } from './complaints.ts';
import { linkName } from './frame-decoder.ts';
import type { Importer, ImportFormat, ImportOptions } from './importer.ts';
import { WireRows } from './wire-rows.ts';

/** Most bytes that a capture keeps of a frame (libpcap's MAXIMUM_SNAPLEN for all link types read here). */
export const MOST_CAPTURED = 262_144;
/** Longest frame: the column holds 32 bits, and nothing real is near. */
export const MOST_ORIGINAL = 0x7fff0000;

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** "Modified" pcap (A. Kuznetzov's patch of libpcap): interface, protocol, packet type and padding follow the usual header. */
const MODIFIED_RECORD_HEADER = 24;

/** What the magic number of a file says. */
interface Variant {
  readonly littleEndian: boolean;
  /** Nanoseconds of the fraction's unit. */
  readonly fraction: 1 | 1000;
  readonly recordHeader: number;
}

const MAGICS: readonly (readonly [number, 1 | 1000, number])[] = [
  [0xa1b2c3d4, 1000, RECORD_HEADER], [0xa1b23c4d, 1, RECORD_HEADER], [0xa1b2cd34, 1000, MODIFIED_RECORD_HEADER],
];

function variantOf(view: DataView, at: number): Variant | null {
  for (const littleEndian of [true, false]) {
    for (const [magic, fraction, recordHeader] of MAGICS) if (view.getUint32(at, littleEndian) === magic) return { littleEndian, fraction, recordHeader };
  }
  return null;
}

/** Sources: draft-ietf-opsawg-pcap (the format), libpcap's sf-pcap.c as of 1.10 (the variants). */
class PcapImporter implements Importer {
  private readonly options: ImportOptions;
  private readonly complaints: Complaints;
  private readonly records = new ChunkedRecords((view, at, end) => this.read(view, at, end));
  private readonly rows: WireRows;
  private variant: Variant | null = null;
  private version = '';
  private littleEndian = true;
  private fraction = 1;
  private perSecond = 1_000_000;
  private recordHeader = RECORD_HEADER;
  private link = 0;
  private fcs = 0;
  private snap = 0;
  /** Seconds of the first frame; times are relative to it, so that they are exact. */
  private base = -1;

  constructor(options: ImportOptions) {
    this.options = options;
    this.complaints = new Complaints(options);
    this.rows = new WireRows(options, this.complaints, () => ({
      unit: 'ns',
      baseSeconds: BigInt(Math.max(0, this.base)),
      producer: { name: 'pcap', version: this.version },
      notes: `${linkName(this.link) ?? ''} capture, up to ${this.snap} bytes of each frame, times to the ${this.fraction === 1 ? 'nanosecond' : 'microsecond'}`,
    }));
  }

  push(chunk: Uint8Array): void {
    this.records.push(chunk);
  }

  end(): TraceSummary {
    const { records, rows, complaints, options } = this;
    if (records.length === 0) throw new TraceError(options.file, 'byte 0', 'the file is empty', 'record or copy it again');
    if (!records.whole || this.variant === null) {
      if (records.length < 4) throw complaints.error('this is not a pcap file', 0, 'give a capture of tcpdump, dumpcap or QEMU');
      complaints.add(`the file is cut off in the record that begins here; the ${rows.frames} whole frames before it are read`, records.begun, 'record or copy it again to have all');
    }
    const summary = rows.end();
    complaints.tell();
    return summary;
  }

  private read(view: DataView, at: number, end: number): number {
    if (this.variant === null) return this.readHeader(view, at, end);
    const { littleEndian, recordHeader } = this;
    if (end - at < recordHeader) return -recordHeader;
    const captured = view.getUint32(at + 8, littleEndian);
    if (captured > MOST_CAPTURED) throw this.complaints.error(`a frame of ${captured} captured bytes cannot be (at most ${MOST_CAPTURED})`, this.records.base + at, 'the file is damaged here: cut it before this byte or record it again');
    const length = recordHeader + captured;
    if (end - at < length) return -length;
    const original = view.getUint32(at + 12, littleEndian);
    if (original > MOST_ORIGINAL) throw this.complaints.error(`a frame of ${original} bytes cannot be`, this.records.base + at, 'the file is damaged here: cut it before this byte or record it again');
    const seconds = view.getUint32(at, littleEndian);
    const fraction = view.getUint32(at + 4, littleEndian);
    if (fraction >= this.perSecond) this.complaints.add(`a frame's time has ${fraction} of ${this.perSecond} parts of a second`, this.records.base + at, 'it is taken as it stands; record the file again');
    if (this.base < 0) this.base = seconds;
    const time = (seconds - this.base) * 1_000_000_000 + fraction * this.fraction;
    this.rows.frame(this.records.base + at, time, view, at + recordHeader, captured, Math.max(captured, original) - this.fcs, this.link);
    return length;
  }

  private readHeader(view: DataView, at: number, end: number): number {
    const { complaints } = this;
    if (end - at < 4) return -4;
    const variant = variantOf(view, at);
    if (variant === null) throw complaints.error('this is not a pcap file', 0, 'give a capture of tcpdump, dumpcap or QEMU');
    if (end - at < FILE_HEADER) return -FILE_HEADER;
    const { littleEndian } = variant;
    const major = view.getUint16(at + 4, littleEndian);
    const minor = view.getUint16(at + 6, littleEndian);
    if (major !== 2) throw complaints.error(`pcap version ${major}.${minor}, this program reads version 2`, 4, 'convert it (editcap -F pcap)');
    const link = view.getUint32(at + 20, littleEndian);
    this.link = link & 0xffff;
    if (linkName(this.link) === undefined) throw complaints.error(`link type ${this.link} cannot be read`, 20, 'capture on an Ethernet interface, or as raw IP or Linux cooked');
    // Bit 26 says that the four highest bits are the length of the FCS in units of 16 bits.
    this.fcs = (link & 0x04000000) === 0 ? 0 : (link >>> 28) * 2;
    this.snap = view.getUint32(at + 16, littleEndian);
    this.version = `${major}.${minor}`;
    this.littleEndian = littleEndian;
    this.fraction = variant.fraction;
    this.perSecond = 1_000_000_000 / variant.fraction;
    this.recordHeader = variant.recordHeader;
    this.variant = variant;
    return FILE_HEADER;
  }
}

export const PCAP: ImportFormat = {
  name: 'pcap',
  title: 'packet capture of tcpdump, dumpcap, QEMU (pcap: micro- and nanoseconds, either byte order)',
  kinds: ['wire'],
  detect: (head) => head.length >= 4 && variantOf(new DataView(head.buffer, head.byteOffset, head.byteLength), 0) !== null,
  create: (options) => new PcapImporter(options),
};
