import { ETHERNET_HEADER_BYTES, IP_HEADER_BYTES, TCP_HEADER_BYTES } from '../../hw/frame.ts';
import { DIRECTION_OUT, WireKind } from '../format.ts';
import type { TraceSource } from '../source.ts';
import { TraceError } from '../trace-error.ts';
import { EpochClock } from './epoch-clock.ts';
import type { ExportFormat, ExportOptions } from './exporter.ts';
import { FIRST, PcapConnections, type Stream } from './pcap-connections.ts';
import { ACKNOWLEDGES, FrameWriter } from './pcap-frame.ts';

const SYN = 2;
/** Bits of the column `flags` that a TCP header has. */
const TCP_FLAGS = 15;
const LARGEST_IP = 65_535;
const HEADERS = ETHERNET_HEADER_BYTES + IP_HEADER_BYTES;
/** SYN with maximum segment size, window scale and a NOP. */
const HANDSHAKE_BYTES = HEADERS + TCP_HEADER_BYTES + 8;

/**
 * Writes a wire trace as a capture with times in nanoseconds that holds headers only, made of the rows: the recorded machine is 10.0.0.1:5201, the other end of connection n
 * 10.0.0.2 + n. What the trace does not tell is made up to fit: sequence numbers (the offset plus 1), the sequence number of a segment without payload (what follows the highest sent), TCP
 * options up to the length of the frame, the type of frames that are no TCP (88b5, for experiments).
 *
 * A connection without SYN gets a handshake at the time of its first row, because a header holds windows above 65,535 bytes only with a scale; the scale is the least for the windows of the batch in which it begins.
 */
class PcapExporter {
  private readonly source: TraceSource;
  private readonly options: ExportOptions;
  private readonly clock: EpochClock;
  private readonly connections = new PcapConnections();
  private readonly frames: FrameWriter;
  private changedWindows = 0;
  private changedSizes = 0;
  private lostBlocks = 0;

  constructor(source: TraceSource, out: (bytes: Uint8Array) => void, options: ExportOptions) {
    this.source = source;
    this.options = options;
    this.clock = new EpochClock(source.metadata.clock);
    this.frames = new FrameWriter(out);
  }

  write(): void {
    for (let batch = this.source.next(); batch !== null; batch = this.source.next()) {
      const { rows, firstRow, t } = batch;
      const [kind, direction, bytes] = [batch.codes('kind'), batch.integers('direction'), batch.integers('bytes')];
      const [seq, payload, ack, window] = [batch.integers('seq'), batch.integers('payload'), batch.integers('ack'), batch.integers('window')];
      const [sackLow, sackHigh, flags, flow] = [batch.integers('sack_low'), batch.integers('sack_high'), batch.integers('flags'), batch.integers('flow')];
      // The columns of a batch are equally long.
      for (let row = 0; row < rows; row++) {
        if (isTcp(kind[row]!)) this.connections.expect(flow[row]!, direction[row]!, flags[row]!, seq[row]!, payload[row]!, ack[row]!, window[row]!);
      }
      for (let row = 0; row < rows; row++) {
        if (!this.frames.time(this.clock, t[row]!)) throw this.error(firstRow + row, 'its time is not one that a pcap file holds (1970 to 2106)', 'export it in another format');
        if (!isTcp(kind[row]!)) {
          this.frames.other(isOut(direction[row]!), bytes[row]!);
          continue;
        }
        const stream = this.connections.stream(flow[row]!, direction[row]!);
        if (!stream.opened) this.handshake(stream, flags[row]!);
        this.segment(stream, firstRow + row, bytes[row]!, seq[row]!, payload[row]!, ack[row]!, window[row]!, sackLow[row]!, sackHigh[row]!, flags[row]! & TCP_FLAGS);
      }
    }
    this.frames.end();
    const { file, warn } = this.options;
    if (this.changedWindows > 0) warn(`${file}: windows that a TCP header with its scale does not hold were rounded down (${this.changedWindows} rows)`);
    if (this.changedSizes > 0) warn(`${file}: lengths of frames do not fit their payload with whole TCP options; the nearest shorter header was taken (${this.changedSizes} rows)`);
    if (this.lostBlocks > 0) warn(`${file}: SACK blocks of frames without room for the option were left out (${this.lostBlocks} rows)`);
  }

  /** What stands for the connection's own handshake, which the trace does not have. */
  private handshake(stream: Stream, flags: number): void {
    const { peer } = stream;
    stream.opened = true;
    peer.opened = true;
    if ((flags & SYN) !== 0 || stream.hasSyn || peer.hasSyn) return;
    this.frames.segment(stream, HANDSHAKE_BYTES, 0, 0, 0, stream.headerWindow(65_535), 0, 0, SYN);
    this.frames.segment(peer, HANDSHAKE_BYTES, 0, 0, FIRST, peer.headerWindow(65_535), 0, 0, SYN | ACKNOWLEDGES);
  }

  private segment(stream: Stream, row: number, bytes: number, seq: number, payload: number, ack: number, window: number, sackLow: number, sackHigh: number, flags: number): void {
    const { peer } = stream;
    const options = bytes - payload - HEADERS - TCP_HEADER_BYTES;
    const fitting = Math.max(0, Math.min(40, options - (options % 4)));
    const length = HEADERS + TCP_HEADER_BYTES + fitting + payload;
    if (length - ETHERNET_HEADER_BYTES > LARGEST_IP) throw this.error(row, `a frame of ${bytes} bytes is longer than an IP packet`, 'export it in another format');
    if (length !== bytes) this.changedSizes++;
    if (sackHigh > 0 && fitting < 12) this.lostBlocks++;
    const syn = (flags & SYN) !== 0;
    // Only the first SYN of a connection acknowledges nothing.
    const acknowledges = !syn || peer.sent;
    const header = syn ? Math.min(window, 65_535) : stream.headerWindow(window);
    if ((syn ? header : header * 2 ** stream.scale) !== window) this.changedWindows++;
    const first = syn ? FIRST - 1 : payload > 0 ? seq + stream.shift : stream.next;
    this.frames.segment(
      stream, length, payload, first, acknowledges ? ack + peer.shift : 0, header,
      sackHigh > 0 ? sackLow + peer.shift : 0, sackHigh > 0 ? sackHigh + peer.shift : 0, acknowledges ? flags | ACKNOWLEDGES : flags,
    );
    stream.sent = true;
    stream.next = Math.max(stream.next, first + payload + (flags & 1) + (syn ? 1 : 0));
  }

  private error(row: number, problem: string, remedy: string): TraceError {
    return new TraceError(this.source.file, `row ${row}`, problem, remedy);
  }
}

function isOut(direction: number): boolean {
  return direction === DIRECTION_OUT;
}

function isTcp(kind: number): boolean {
  return kind === WireKind.rxData || kind === WireKind.rxAck || kind === WireKind.txData || kind === WireKind.txAck;
}

export const pcap: ExportFormat = {
  name: 'pcap',
  title: 'packet capture of headers, for Wireshark and tcpdump',
  extension: '.pcap',
  kinds: ['wire'],
  write(sources, out, options) {
    for (const source of sources) new PcapExporter(source, out, options).write();
  },
};
