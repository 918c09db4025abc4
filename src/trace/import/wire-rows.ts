import { MTU_BYTES } from '../../hw/frame.ts';
import { DIRECTION_IN, DIRECTION_OUT, WireColumn, WireKind } from '../format.ts';
import type { TraceOrigin } from '../metadata.ts';
import type { TraceSink, TraceSummary } from '../sink.ts';
import type { Complaints } from './complaints.ts';
import { Connections, MOST_CONNECTIONS, NONE } from './connections.ts';
import { FrameDecoder, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from './frame-decoder.ts';
import { Hosts } from './hosts.ts';
import type { ImportOptions } from './importer.ts';
import { LocalEnd } from './local-end.ts';
import { ReorderWindow } from './reorder-window.ts';

/** Frames that are looked at before the first row is written, and over which those that are out of order are put right. */
export const WINDOW_FRAMES = 65_536;
/** Connections that the metadata name. */
const MOST_NAMED = 1000;
const FLAGS = TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH;

/** Words of a waiting row. Numbers are still those of Connections; NONE where there is none. */
const STREAM = 0;
const BYTES = 1;
const SEQ = 2;
const PAYLOAD = 3;
const ACK = 4;
const WINDOW = 5;
const SACK_LOW = 6;
const SACK_HIGH = 7;
const FLAG_BITS = 8;
const HOST = 9;
const MAC = 10;
const WORDS = 11;

/** What the capture's own format says of it, asked for before the first row is written. */
export interface Capture {
  readonly unit: 'ns' | 'ps';
  /** Seconds of 1970-01-01T00:00:00Z at which times of frames are 0. */
  readonly baseSeconds: bigint;
  readonly producer: TraceOrigin['producer'];
  /** One clause of how it was recorded. */
  readonly notes: string;
}

/**
 * Makes the rows of a wire trace of captured frames. Rows wait in a window of WINDOW_FRAMES frames: what is decided by looking ahead, the local end and where sequence numbers
 * begin, is decided on the first window; and frames that are out of time order by less are put in order.
 *
 * Offsets of a connection whose SYN is in the capture begin behind the SYN; else at the lowest number in the first window; of a connection that begins later without a SYN, 2^30
 * (the largest window) before its first number. What lies lower still, as the probe of a keep-alive may, is 0.
 */
export class WireRows {
  /** Frames so far. */
  frames = 0;
  private readonly options: ImportOptions;
  private readonly complaints: Complaints;
  private readonly capture: () => Capture;
  private readonly decoder = new FrameDecoder();
  private readonly hosts = new Hosts();
  private readonly connections = new Connections();
  private readonly local: LocalEnd;
  private readonly window = new ReorderWindow(WORDS);
  private sink: TraceSink | null = null;
  /** Number of a connection in the trace, from its first row on. */
  private readonly numbers = new Int32Array(MOST_CONNECTIONS);
  private numbered = 0;
  private readonly flows: { flow: number; meaning: string }[] = [];
  private firstTime = 0;
  private lastTime = -Infinity;
  private segments = 0;
  private framesIn = 0;
  private framesOut = 0;

  /** @throws TraceError when the local address is none. */
  constructor(options: ImportOptions, complaints: Complaints, capture: () => Capture) {
    this.options = options;
    this.complaints = complaints;
    this.capture = capture;
    this.local = new LocalEnd(options, this.hosts, this.connections);
  }

  /**
   * Takes the frame whose `captured` bytes begin at `at`. `byte`: where its record begins in the file; `time`: in the capture's unit from its base;
   * `original`: length on the link without FCS.
   */
  frame(byte: number, time: number, view: DataView, at: number, captured: number, original: number, link: number): void {
    if (!(Math.abs(time) <= Number.MAX_SAFE_INTEGER)) throw this.complaints.error('this frame\'s time is too far from the first one\'s for a trace', byte, 'cut the capture into shorter ones (editcap -A, -B)');
    this.frames++;
    const { decoder, window } = this;
    decoder.decode(view, at, captured, original, link);
    if (window.count === WINDOW_FRAMES) this.write();
    let t = time;
    if (t < this.lastTime) {
      this.complaints.add(`a frame's time is before that of a frame more than ${WINDOW_FRAMES} frames earlier; it is given the later time`, byte, 'sort the capture first (reordercap)');
      t = this.lastTime;
    }
    const row = window.push(t);
    const { words } = window;
    words[row + BYTES] = decoder.bytes;
    words[row + STREAM] = NONE;
    words[row + HOST] = NONE;
    words[row + MAC] = decoder.sourceMac;
    if (decoder.short) this.complaints.remark('frames were captured too short for their TCP header; they are other frames here', byte, 'capture at least 96 bytes of each frame (-s 96)');
    if (decoder.ip) this.packet(byte, words, row);
  }

  /** The end of the capture. */
  end(): TraceSummary {
    while (this.window.count > 0) this.write();
    if (this.sink === null) this.open(0);
    this.local.tell();
    return { frames: { in: this.framesIn, out: this.framesOut }, flows: this.flows };
  }

  private packet(byte: number, words: Float64Array, row: number): void {
    const { decoder, hosts, connections } = this;
    const source = hosts.number(decoder.addresses, 0);
    const target = hosts.number(decoder.addresses, 4);
    if (source === NONE || target === NONE) {
      this.complaints.remark('more addresses than can be told apart; frames of the others are other frames here', byte, 'filter the capture (tcpdump -r FILE -w OUT host ADDRESS)');
      return;
    }
    words[row + HOST] = source;
    if (hosts.macs[source] === 0) hosts.macs[source] = decoder.sourceMac;
    if (hosts.macs[target] === 0 && decoder.targetMac !== 0) hosts.macs[target] = decoder.targetMac;
    if (!decoder.tcp) {
      hosts.received[target]! += decoder.bytes; // a host's number
      return;
    }
    const stream = connections.stream(source, target, decoder);
    if (stream === NONE) {
      this.complaints.remark(`more than ${MOST_CONNECTIONS} connections; segments of the others are other frames here`, byte, 'filter the capture (tcpdump -r FILE -w OUT host ADDRESS)');
      return;
    }
    this.segments++;
    this.segment(byte, stream, words, row);
  }

  private segment(byte: number, stream: number, words: Float64Array, row: number): void {
    const { decoder, connections } = this;
    const { flags, payload } = decoder;
    connections.learn(stream, decoder);
    const seen = (flags & TCP_RST) === 0;
    const seq = connections.count32(stream, decoder.seq, seen);
    words[row + STREAM] = stream;
    words[row + PAYLOAD] = payload;
    words[row + SEQ] = seq + ((flags & TCP_SYN) === 0 ? 0 : 1);
    words[row + ACK] = (flags & TCP_ACK) === 0 ? NONE : connections.count32(stream ^ 1, decoder.ack, seen);
    const window = connections.window(stream, decoder);
    words[row + WINDOW] = window === NONE ? decoder.window : window;
    if (window === NONE) this.complaints.remark('the handshake is not in the capture, so the window scale is not known; windows stand as in the TCP header', byte, 'start the capture before the connection');
    if (decoder.sackHigh === decoder.sackLow) words[row + SACK_LOW] = NONE;
    else {
      words[row + SACK_LOW] = connections.count32(stream ^ 1, decoder.sackLow, false);
      words[row + SACK_HIGH] = connections.count32(stream ^ 1, decoder.sackHigh, false);
    }
    words[row + FLAG_BITS] = flags & FLAGS;
    if (payload > 536) this.checkSize(byte, stream, payload);
  }

  /** Looks for segments that offloading merged or has not cut yet. */
  private checkSize(byte: number, stream: number, payload: number): void {
    const limit = this.connections.segmentLimit(stream);
    if (payload <= (limit === 0 ? MTU_BYTES : limit)) return;
    this.complaints.remark('segments are longer than their connection allows on the wire: segmentation or receive offload was on where this was captured (or jumbo frames)', byte, 'record with offloads off at both ends (ethtool -K DEV tso off gso off gro off lro off)');
  }

  private open(time: number): TraceSink {
    const { unit, baseSeconds, producer, notes } = this.capture();
    this.local.settle();
    this.connections.settle();
    this.firstTime = time;
    const perSecond = unit === 'ns' ? 1_000_000_000n : 1_000_000_000_000n;
    const sink = this.options.open('wire', {
      clock: {
        domain: 'host', unit, picoseconds: { numerator: unit === 'ns' ? 1000 : 1, denominator: 1 },
        origin: String(baseSeconds * perSecond + BigInt(time)), originMeaning: '1970-01-01T00:00:00Z',
      },
      loop: this.segments > 0 ? 'closed' : 'open',
      producer,
      recorded: { command: this.options.command, scenario: null, notes: `${notes}; ${this.local.meaning}` },
    });
    this.sink = sink;
    return sink;
  }

  /** Writes the earliest row that waits. */
  private write(): void {
    const { window } = this;
    const time = window.headTime;
    const sink = this.sink ?? this.open(time);
    const offset = window.shift();
    const { words } = window;
    this.lastTime = time;
    const { columns } = sink;
    const t = time - this.firstTime;
    if (t > Number.MAX_SAFE_INTEGER) throw this.complaints.error('the capture is too long for a trace', 0, 'cut it into shorter ones (editcap -A, -B)');
    const row = sink.row(t);
    const stream = words[offset + STREAM]!; // a row has all words, here and below
    const end = stream === NONE ? NONE : this.local.end(stream >> 1);
    const out = end === NONE ? this.local.sent(words[offset + HOST]!, words[offset + MAC]!) : end === (stream & 1);
    if (out) this.framesOut++;
    else this.framesIn++;
    columns[WireColumn.direction]![row] = out ? DIRECTION_OUT : DIRECTION_IN; // the wire format has these columns, here and below
    columns[WireColumn.bytes]![row] = words[offset + BYTES]!;
    if (end === NONE) {
      columns[WireColumn.kind]![row] = out ? WireKind.txOther : WireKind.rxOther;
      for (let column = WireColumn.bytes + 1; column <= WireColumn.flow; column++) columns[column]![row] = 0;
      return;
    }
    const payload = words[offset + PAYLOAD]!;
    if (payload > 0) columns[WireColumn.kind]![row] = out ? WireKind.txData : WireKind.rxData;
    else columns[WireColumn.kind]![row] = out ? WireKind.txAck : WireKind.rxAck;
    const own = this.connections.base[stream]!;
    const other = this.connections.base[stream ^ 1]!;
    const ack = words[offset + ACK]!;
    const sack = words[offset + SACK_LOW]!;
    columns[WireColumn.bytes + 1]![row] = payload === 0 ? 0 : offsetFrom(own, words[offset + SEQ]!);
    columns[WireColumn.bytes + 2]![row] = payload;
    columns[WireColumn.bytes + 3]![row] = ack === NONE ? 0 : offsetFrom(other, ack);
    columns[WireColumn.bytes + 4]![row] = words[offset + WINDOW]!;
    columns[WireColumn.bytes + 5]![row] = sack === NONE ? 0 : offsetFrom(other, sack);
    columns[WireColumn.bytes + 6]![row] = sack === NONE ? 0 : offsetFrom(other, words[offset + SACK_HIGH]!);
    columns[WireColumn.bytes + 7]![row] = words[offset + FLAG_BITS]!;
    columns[WireColumn.flow]![row] = (this.numbers[stream >> 1]! || this.number(stream >> 1)) - 1;
  }

  /** Numbers a connection at its first row; counted from 1, so that 0 is none. */
  private number(connection: number): number {
    const number = ++this.numbered;
    this.numbers[connection] = number;
    if (number <= MOST_NAMED) this.flows.push({ flow: number - 1, meaning: this.local.connectionText(connection) });
    return number;
  }
}

function offsetFrom(base: number, number: number): number {
  return number > base ? number - base : 0;
}
