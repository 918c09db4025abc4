import { ETHERNET_HEADER_BYTES, IP_HEADER_BYTES, TCP_HEADER_BYTES } from '../../hw/frame.ts';
import type { EpochClock } from './epoch-clock.ts';
import type { Stream } from './pcap-connections.ts';

/** The ACK bit of a TCP header. */
export const ACKNOWLEDGES = 16;

const SYN = 2;
const NANOSECOND_MAGIC = 0xa1b23c4d;
const ETHERNET = 1;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;
/** Ethernet, IP and the longest TCP header. */
const SNAP_BYTES = ETHERNET_HEADER_BYTES + IP_HEADER_BYTES + 60;
const BLOCK_BYTES = 1 << 16;
const IPV4 = 0x0800;
/** IEEE 802, local experimental EtherType 1. */
const EXPERIMENTAL = 0x88b5;
const DO_NOT_FRAGMENT = 0x4000;
const PROTOCOL_TCP = 6;
const SEGMENT_SIZE = 1460;
const NOP = 1;

/** Lays out captured frames, headers only, and gives them away a block at a time. Sources: draft-ietf-opsawg-pcap; RFC 791, 9293, 7323, 2018. */
export class FrameWriter {
  private readonly out: (bytes: Uint8Array) => void;
  private readonly block = new Uint8Array(BLOCK_BYTES);
  private readonly view = new DataView(this.block.buffer);
  private at = FILE_HEADER;
  private seconds = 0;
  private nanoseconds = 0;

  constructor(out: (bytes: Uint8Array) => void) {
    this.out = out;
    const { view } = this;
    view.setUint32(0, NANOSECOND_MAGIC);
    view.setUint16(4, 2);
    view.setUint16(6, 4);
    view.setUint32(16, SNAP_BYTES);
    view.setUint32(20, ETHERNET);
  }

  /** The time of the frames that follow; false if the file cannot hold it. */
  time(clock: EpochClock, t: number): boolean {
    clock.set(t);
    this.seconds = clock.seconds;
    this.nanoseconds = clock.nanoseconds;
    return this.seconds >= 0 && this.seconds <= 0xffffffff;
  }

  /** A frame that is no TCP. */
  other(out: boolean, bytes: number): void {
    const length = Math.min(bytes, ETHERNET_HEADER_BYTES);
    const at = this.record(length, bytes);
    this.block.fill(0, at, at + SNAP_BYTES);
    this.addresses(at, out, EXPERIMENTAL);
    // One that is shorter than its header is left as short as it is.
    this.at = at + length;
  }

  /** A segment. `bytes`: of the whole frame; what is longer than headers and payload is options. `window`: as in the header. Numbers are cut to 32 bits, as setUint32 does. */
  segment(stream: Stream, bytes: number, payload: number, seq: number, ack: number, window: number, sackLow: number, sackHigh: number, flags: number): void {
    const headers = bytes - payload;
    const at = this.record(headers, bytes);
    const { view } = this;
    const { peer } = stream;
    this.addresses(at, stream.out, IPV4);
    const ip = at + ETHERNET_HEADER_BYTES;
    view.setUint32(ip, 0x45000000 | (bytes - ETHERNET_HEADER_BYTES));
    view.setUint32(ip + 4, DO_NOT_FRAGMENT);
    view.setUint32(ip + 8, (64 << 24) | (PROTOCOL_TCP << 16));
    view.setUint32(ip + 12, stream.address);
    view.setUint32(ip + 16, peer.address);
    view.setUint16(ip + 10, this.checksum(ip));
    const tcp = ip + IP_HEADER_BYTES;
    const end = at + headers;
    view.setUint16(tcp, stream.port);
    view.setUint16(tcp + 2, peer.port);
    view.setUint32(tcp + 4, seq);
    view.setUint32(tcp + 8, ack);
    view.setUint16(tcp + 12, (((end - tcp) / 4) << 12) | flags);
    view.setUint16(tcp + 14, window);
    // The checksum covers the payload, which nobody has.
    view.setUint32(tcp + 16, 0);
    this.options(tcp + TCP_HEADER_BYTES, end, (flags & SYN) !== 0, stream.scale, sackLow, sackHigh);
    this.at = end;
  }

  /** Gives away what is left. */
  end(): void {
    if (this.at > 0) this.out(this.block.subarray(0, this.at));
    this.at = 0;
  }

  /** In this order: window scale and segment size of a SYN, a SACK block, timestamps, as far as there is room; the rest is NOPs. */
  private options(from: number, end: number, syn: boolean, scale: number, sackLow: number, sackHigh: number): void {
    const { view } = this;
    let at = from;
    if (syn && end - at >= 4) {
      view.setUint32(at, (NOP << 24) | (3 << 16) | (3 << 8) | scale);
      at += 4;
      if (end - at >= 4) {
        view.setUint32(at, (2 << 24) | (4 << 16) | SEGMENT_SIZE);
        at += 4;
      }
    }
    if (sackHigh !== sackLow && end - at >= 12) {
      view.setUint32(at, (NOP << 24) | (NOP << 16) | (5 << 8) | 10);
      view.setUint32(at + 4, sackLow);
      view.setUint32(at + 8, sackHigh);
      at += 12;
    }
    if (end - at >= 12) {
      // Milliseconds of the capture's clock, as stacks count; nothing is echoed.
      view.setUint32(at, (NOP << 24) | (NOP << 16) | (8 << 8) | 10);
      view.setUint32(at + 4, this.seconds * 1000 + Math.floor(this.nanoseconds / 1e6));
      view.setUint32(at + 8, 0);
      at += 12;
    }
    this.block.fill(NOP, at, end);
  }

  private addresses(at: number, out: boolean, type: number): void {
    const { view } = this;
    // Locally administered: the recorded machine ends in 1, whoever is on the other side of the link in 2.
    view.setUint32(at, 0x02000000);
    view.setUint16(at + 4, out ? 2 : 1);
    view.setUint32(at + 6, 0x02000000);
    view.setUint16(at + 10, out ? 1 : 2);
    view.setUint16(at + 12, type);
  }

  /** Begins a record; returns where its frame begins. */
  private record(captured: number, original: number): number {
    if (this.at + RECORD_HEADER + SNAP_BYTES > BLOCK_BYTES) this.end();
    const { view, at } = this;
    view.setUint32(at, this.seconds);
    view.setUint32(at + 4, this.nanoseconds);
    view.setUint32(at + 8, captured);
    view.setUint32(at + 12, original);
    return at + RECORD_HEADER;
  }

  /** Of an IP header without options (RFC 1071). */
  private checksum(at: number): number {
    let sum = 0;
    for (let word = 0; word < IP_HEADER_BYTES; word += 2) if (word !== 10) sum += this.view.getUint16(at + word);
    sum = (sum & 0xffff) + (sum >>> 16);
    return ~(sum + (sum >>> 16)) & 0xffff;
  }
}
