import type { TraceSummary } from '../sink.ts';
import { TraceError } from '../trace-error.ts';
import { ChunkedRecords } from './chunked-records.ts';
import { Complaints } from './complaints.ts';
import { linkName } from './frame-decoder.ts';
import type { Importer, ImportFormat, ImportOptions } from './importer.ts';
import { MOST_CAPTURED, MOST_ORIGINAL } from './pcap.ts';
import { type CaptureUnit, MOST_PARTS, PcapngClock, PER_SECOND } from './pcapng-clock.ts';
import { WireRows } from './wire-rows.ts';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const OLD_PACKET = 2;
const SIMPLE_PACKET = 3;
const ENHANCED_PACKET = 6;
const BYTE_ORDER = 0x1a2b3c4d;
/** Options of an interface. */
const TS_RESOLUTION = 9;
const FCS_LENGTH = 13;
const TS_OFFSET = 14;
/** Option of a section: the program that wrote it. */
const USER_APPLICATION = 4;

/** Of blocks that are read, with their options. */
const MOST_BLOCK = 1 << 20;
const MOST_INTERFACES = 4096;
const DAMAGED = 'the file is damaged here: cut it before this byte or record it again';

interface Interface {
  readonly link: number;
  readonly snap: number;
  readonly fcs: number;
  readonly clock: PcapngClock;
}

/** Source: draft-ietf-opsawg-pcapng. */
class PcapngImporter implements Importer {
  private readonly options: ImportOptions;
  private readonly complaints: Complaints;
  private readonly records = new ChunkedRecords((view, at, end) => this.read(view, at, end));
  private readonly rows: WireRows;
  private begun = false;
  private littleEndian = true;
  private interfaces: Interface[] = [];
  private readonly links = new Set<string>();
  private application = '';
  /** Length of the block whose trailing length comes next; 0: none. */
  private trailer = 0;
  private trailed = 0;
  private unit: CaptureUnit = 'ns';
  /** Second of the first frame; times are relative to it. */
  private base: bigint | null = null;
  private lastTime = 0;

  constructor(options: ImportOptions) {
    this.options = options;
    this.complaints = new Complaints(options);
    this.rows = new WireRows(options, this.complaints, () => ({
      unit: this.unit,
      baseSeconds: this.base ?? 0n,
      producer: { name: this.application === '' ? 'pcapng' : this.application, version: '' },
      notes: `${[...this.links].join(' and ')} capture`.trimStart(),
    }));
  }

  push(chunk: Uint8Array): void {
    this.records.push(chunk);
  }

  end(): TraceSummary {
    const { records, rows, complaints, options } = this;
    if (records.length === 0) throw new TraceError(options.file, 'byte 0', 'the file is empty', 'record or copy it again');
    if (!records.whole || this.trailer !== 0) {
      if (records.length < 4) throw complaints.error('this is not a pcapng file', 0, 'give a capture of dumpcap or Wireshark');
      complaints.add(`the file is cut off in the block that begins here; the ${rows.frames} whole frames before it are read`, this.trailer === 0 ? records.begun : this.trailed, 'record or copy it again to have all');
    }
    const summary = rows.end();
    complaints.tell();
    return summary;
  }

  private read(view: DataView, at: number, end: number): number {
    if (this.trailer !== 0) return this.readTrailer(view, at, end);
    if (end - at < 12) return -12;
    const type = view.getUint32(at, this.littleEndian);
    if (type === SECTION_HEADER) this.readByteOrder(view, at);
    else if (!this.begun) throw this.error('this is not a pcapng file', at, 'give a capture of dumpcap or Wireshark');
    const length = view.getUint32(at + 4, this.littleEndian);
    if (length < 12 || length % 4 !== 0) throw this.error(`a block of ${length} bytes cannot be`, at);
    const known = type === SECTION_HEADER || type === INTERFACE || type === OLD_PACKET || type === SIMPLE_PACKET || type === ENHANCED_PACKET;
    if (!known && length > 12) {
      this.trailer = length;
      this.trailed = this.records.base + at;
      return length - 4;
    }
    if (length > MOST_BLOCK) throw this.error(`a block of ${length} bytes cannot be (at most ${MOST_BLOCK} of its type)`, at);
    if (end - at < length) return -length;
    if (view.getUint32(at + length - 4, this.littleEndian) !== length) throw this.error('a block does not end with its length', at);
    const last = at + length - 4;
    switch (type) {
      case SIMPLE_PACKET:
        if (length < 16) throw this.error('a block is too short for its type', at);
        this.simplePacket(view, at, last);
        break;
      case SECTION_HEADER: this.readSection(view, at, last); break;
      case INTERFACE: this.readInterface(view, at, last); break;
      case ENHANCED_PACKET:
        if (length < 32) throw this.error('a block is too short for its type', at);
        this.packet(view, at, last, 28, view.getUint32(at + 8, this.littleEndian), view.getUint32(at + 20, this.littleEndian), view.getUint32(at + 24, this.littleEndian));
        break;
      case OLD_PACKET:
        if (length < 32) throw this.error('a block is too short for its type', at);
        this.packet(view, at, last, 28, view.getUint16(at + 8, this.littleEndian), view.getUint32(at + 20, this.littleEndian), view.getUint32(at + 24, this.littleEndian));
        break;
      default: // an empty block of a type that is passed over
    }
    return length;
  }

  private readTrailer(view: DataView, at: number, end: number): number {
    if (end - at < 4) return -4;
    if (view.getUint32(at, this.littleEndian) !== this.trailer) throw this.error('a block does not end with its length', at);
    this.trailer = 0;
    return 4;
  }

  private readByteOrder(view: DataView, at: number): void {
    if (view.getUint32(at + 8, true) === BYTE_ORDER) this.littleEndian = true;
    else if (view.getUint32(at + 8, false) === BYTE_ORDER) this.littleEndian = false;
    else throw this.error('a section without its byte-order mark', at);
  }

  private readSection(view: DataView, at: number, last: number): void {
    if (last - at < 24) throw this.error('a block is too short for its type', at);
    const major = view.getUint16(at + 12, this.littleEndian);
    const minor = view.getUint16(at + 14, this.littleEndian);
    // 1.2 is what some writers put for 1.0.
    if (major !== 1 || (minor !== 0 && minor !== 2)) throw this.error(`pcapng version ${major}.${minor}, this program reads 1.0`, at, 'convert it (editcap -F pcapng)');
    this.begun = true;
    this.interfaces = [];
    this.eachOption(view, at + 24, last, (code, place, length) => {
      if (code === USER_APPLICATION && this.application === '') this.application = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + place, Math.min(length, 200))).replaceAll(/\p{Cc}/gu, ' ').trim();
    });
  }

  private readInterface(view: DataView, at: number, last: number): void {
    if (last - at < 16) throw this.error('a block is too short for its type', at);
    if (this.interfaces.length === MOST_INTERFACES) throw this.error(`more than ${MOST_INTERFACES} interfaces`, at);
    let parts = 1_000_000;
    let offset = 0n;
    let fcs = 0;
    this.eachOption(view, at + 16, last, (code, place, length) => {
      if (code === TS_RESOLUTION && length === 1) parts = this.resolution(view.getUint8(place), at);
      else if (code === TS_OFFSET && length === 8) offset = view.getBigInt64(place, this.littleEndian);
      else if (code === FCS_LENGTH && length === 1) fcs = fcsBytes(view.getUint8(place));
    });
    const link = view.getUint16(at + 8, this.littleEndian);
    const name = linkName(link);
    if (name !== undefined) this.links.add(name);
    if (parts > PER_SECOND[this.unit]) {
      if (this.base === null) this.unit = 'ps';
      else this.complaints.remark('an interface begins later whose times are finer than nanoseconds; they are rounded down', this.records.base + at, 'import it by itself if that matters');
    }
    this.interfaces.push({ link, snap: view.getUint32(at + 12, this.littleEndian), fcs, clock: new PcapngClock(parts, offset) });
  }

  /** Parts of a second of if_tsresol. */
  private resolution(value: number, at: number): number {
    const parts = (value & 0x80) === 0 ? 10 ** value : 2 ** (value & 0x7f);
    if (parts > MOST_PARTS) throw this.error(`times of ${value & 0x80 ? `2^-${value & 0x7f}` : `10^-${value}`} s are finer than can be read`, at, 'convert it (editcap -F nsecpcap)');
    return parts;
  }

  /** `fixed`: bytes of the block before the frame. */
  private packet(view: DataView, at: number, last: number, fixed: number, number: number, captured: number, original: number): void {
    const from = this.interfaceOf(number, at);
    this.checkLengths(at, last - at - fixed, captured, original);
    const high = view.getUint32(at + 12, this.littleEndian);
    const low = view.getUint32(at + 16, this.littleEndian);
    this.base ??= from.clock.second(high, low);
    this.frame(from, from.clock.time(high, low, this.base, this.unit), view, at, fixed, captured, original);
  }

  private simplePacket(view: DataView, at: number, last: number): void {
    const from = this.interfaceOf(0, at);
    const original = view.getUint32(at + 8, this.littleEndian);
    const captured = Math.min(original, last - at - 12, from.snap === 0 ? Infinity : from.snap);
    this.checkLengths(at, last - at - 12, captured, original);
    this.complaints.remark('frames without a time (simple packet blocks) are given that of the frame before', this.records.base + at, 'record with times if they matter');
    this.frame(from, this.lastTime, view, at, 12, captured, original);
  }

  private frame({ link, fcs }: Interface, time: number, view: DataView, at: number, fixed: number, captured: number, original: number): void {
    if (linkName(link) === undefined) {
      this.complaints.add(`frames of link type ${link} cannot be read and are left out`, this.records.base + at, 'capture on an Ethernet interface, or as raw IP or Linux cooked');
      return;
    }
    this.lastTime = time;
    this.rows.frame(this.records.base + at, time, view, at + fixed, captured, Math.max(captured, original) - fcs, link);
  }

  private interfaceOf(number: number, at: number): Interface {
    const found = this.interfaces[number];
    if (found === undefined) throw this.error(`a frame of interface ${number}, of which the section has said nothing`, at);
    return found;
  }

  private checkLengths(at: number, room: number, captured: number, original: number): void {
    if (captured > room) throw this.error(`a frame of ${captured} captured bytes in a block with room for ${room}`, at);
    if (captured > MOST_CAPTURED) throw this.error(`a frame of ${captured} captured bytes cannot be (at most ${MOST_CAPTURED})`, at);
    if (original > MOST_ORIGINAL) throw this.error(`a frame of ${original} bytes cannot be`, at);
  }

  private eachOption(view: DataView, from: number, last: number, visit: (code: number, at: number, length: number) => void): void {
    let at = from;
    while (at + 4 <= last) {
      const code = view.getUint16(at, this.littleEndian);
      const length = view.getUint16(at + 2, this.littleEndian);
      if (code === 0) return;
      if (at + 4 + length > last) throw this.error('an option is longer than its block', at);
      visit(code, at + 4, length);
      at += 4 + length + ((4 - (length % 4)) % 4);
    }
  }

  private error(problem: string, at: number, remedy = DAMAGED): TraceError {
    return this.complaints.error(problem, this.records.base + at, remedy);
  }
}

/** The format's text says bits, programs write bytes. */
function fcsBytes(value: number): number {
  return value < 16 ? value : value >> 3;
}

export const PCAPNG: ImportFormat = {
  name: 'pcapng',
  title: 'packet capture of Wireshark and dumpcap (pcapng)',
  kinds: ['wire'],
  detect: (head) => {
    if (head.length < 12) return false;
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    return view.getUint32(0) === SECTION_HEADER && [true, false].some((littleEndian) => view.getUint32(8, littleEndian) === BYTE_ORDER);
  },
  create: (options) => new PcapngImporter(options),
};
