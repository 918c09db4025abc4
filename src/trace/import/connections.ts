import { mixed } from './hosts.ts';
import { type FrameDecoder, NO_OPTION, TCP_ACK, TCP_SYN } from './frame-decoder.ts';

/** Connections that are told apart in one capture. */
export const MOST_CONNECTIONS = 65_536;
/** No stream, number or host. */
export const NONE = -1;

const FIRST_CAPACITY = 16;
/** Sequence numbers are counted up from here plus 32 bits, so that what lies before the first one seen stays positive. */
const START = 4294967296;
/** Largest window (RFC 7323, 2.3): a retransmission lies at most so far before what was first seen. */
const LARGEST_WINDOW = 2 ** 30;
/** Beyond it a stream's numbers are not counted on: some forged ones could run past what a double holds. */
const MOST_COUNTED = 2 ** 52;
/** `scale` of an end whose SYN was not seen. */
const UNSEEN = -2;

/**
 * The TCP connections of a capture, numbered from 0 on, each with two streams: 2 * connection + end. End 0 is the one with the lower host and port.
 *
 * Sequence numbers are 32 bits wide on the wire. Here they are counted on: a number is the one nearest to the highest seen of its stream so far (RST segments do not count as
 * seen: their numbers may be anything).
 */
export class Connections {
  count = 0;
  /** By stream: number of the first payload byte, where offsets begin; NONE while it is not known. */
  base = new Float64Array(2 * FIRST_CAPACITY);
  /** By stream: payload that it carried. */
  payload = new Float64Array(2 * FIRST_CAPACITY);
  /** By stream: host and port of the end that sends it. */
  host = new Int32Array(2 * FIRST_CAPACITY);
  port = new Int32Array(2 * FIRST_CAPACITY);
  /** By stream: whether its end sent the SYN that opened the connection. */
  opener = new Uint8Array(2 * FIRST_CAPACITY);
  /** By stream: number of the first payload byte as a SYN, or the answer to it, said. */
  private first = new Float64Array(2 * FIRST_CAPACITY);
  private highest = new Float64Array(2 * FIRST_CAPACITY);
  private lowest = new Float64Array(2 * FIRST_CAPACITY);
  private scale = new Int8Array(2 * FIRST_CAPACITY);
  private mss = new Int32Array(2 * FIRST_CAPACITY);
  /** Connection + 1; 0 where there is none. */
  private slots = new Int32Array(4 * FIRST_CAPACITY);
  private settled = false;

  /** The stream that a segment between these hosts belongs to, of a new connection when there is none yet or the segment opens another one; NONE when there are too many. */
  stream(source: number, target: number, { sourcePort, targetPort, seq, flags }: FrameDecoder): number {
    const end = source < target || (source === target && sourcePort <= targetPort) ? 0 : 1;
    const lowHost = end === 0 ? source : target;
    const highHost = end === 0 ? target : source;
    const lowPort = end === 0 ? sourcePort : targetPort;
    const highPort = end === 0 ? targetPort : sourcePort;
    let slot = this.place(lowHost, highHost, lowPort, highPort);
    const known = 2 * (this.slots[slot]! - 1); // a place inside
    if (known >= 0 && ((flags & (TCP_SYN | TCP_ACK)) !== TCP_SYN || !this.opensAnother(known + end, seq))) return known + end;
    if (this.count === MOST_CONNECTIONS) return NONE;
    if (2 * this.count === this.base.length) {
      this.grow();
      slot = this.place(lowHost, highHost, lowPort, highPort);
    }
    return this.add(slot, lowHost, highHost, lowPort, highPort) + end;
  }

  /** Learns from a segment of a stream: options of a SYN, where the numbers begin. To be called before what follows. */
  learn(stream: number, { seq, ack, flags, scale, mss, payload }: FrameDecoder): void {
    if ((flags & TCP_SYN) !== 0) {
      if ((flags & TCP_ACK) === 0) this.opener[stream] = 1;
      this.scale[stream] = scale;
      this.mss[stream] = mss === NO_OPTION ? 0 : mss;
      const first = this.count32(stream, seq, true) + 1;
      this.begin(stream, first);
      if ((flags & TCP_ACK) !== 0) this.begin(stream ^ 1, this.count32(stream ^ 1, ack, true));
    }
    this.payload[stream]! += payload; // the caller's stream is one of these
  }

  /** A number of a stream, counted on. `seen`: it tells how far the stream is. */
  count32(stream: number, raw: number, seen: boolean): number {
    const highest = this.highest[stream]!; // the caller's stream is one of these
    if (highest === NONE) {
      const first = raw + START;
      if (!seen) return first;
      this.highest[stream] = first;
      this.lowest[stream] = first;
      if (this.settled && this.base[stream] === NONE) this.base[stream] = first - LARGEST_WINDOW;
      return first;
    }
    const number = highest + ((raw - highest) | 0);
    if (!seen) return number;
    if (number > highest) {
      if (number < MOST_COUNTED) this.highest[stream] = number;
    } else if (number < this.lowest[stream]!) this.lowest[stream] = number;
    return number;
  }

  /** The window that a segment offers, scaled as the two SYNs agreed; NONE if its end's SYN was not seen. */
  window(stream: number, { window, flags }: FrameDecoder): number {
    const scale = this.scale[stream]!; // the caller's stream is one of these
    if (scale === UNSEEN) return NONE;
    return scale <= 0 || (flags & TCP_SYN) !== 0 || this.scale[stream ^ 1] === NO_OPTION ? window : window * (1 << scale);
  }

  /** Longest payload of a segment of the stream: what the other end announced; 0 if that was not seen. */
  segmentLimit(stream: number): number {
    return this.mss[stream ^ 1]!;
  }

  /** From now on offsets are asked for: where no SYN was seen they begin at the lowest number of the stream so far. */
  settle(): void {
    for (let stream = 0; stream < 2 * this.count; stream++) if (this.base[stream] === NONE) this.base[stream] = this.lowest[stream]!; // as many as streams
    this.settled = true;
  }

  /** A SYN on a known connection opens another one unless it is the one seen before, sent again or come late. */
  private opensAnother(stream: number, seq: number): boolean {
    const first = this.first[stream] === NONE ? this.lowest[stream]! : this.first[stream]!;
    return first !== NONE && ((seq + 1 - first) | 0) !== 0;
  }

  /** The first SYN says where the numbers begin; once offsets have been told it is too late for that. */
  private begin(stream: number, first: number): void {
    if (this.first[stream] !== NONE) return;
    this.first[stream] = first;
    if (!this.settled || this.base[stream] === NONE) this.base[stream] = first;
  }

  private add(slot: number, lowHost: number, highHost: number, lowPort: number, highPort: number): number {
    const stream = 2 * this.count++;
    this.slots[slot] = this.count;
    for (let end = stream; end < stream + 2; end++) {
      this.base[end] = NONE;
      this.first[end] = NONE;
      this.highest[end] = NONE;
      this.lowest[end] = NONE;
      this.scale[end] = UNSEEN;
    }
    this.host[stream] = lowHost;
    this.host[stream + 1] = highHost;
    this.port[stream] = lowPort;
    this.port[stream + 1] = highPort;
    return stream;
  }

  /** The place in `slots` of the last connection between these ends, or the place for it. */
  private place(lowHost: number, highHost: number, lowPort: number, highPort: number): number {
    const mask = this.slots.length - 1;
    let slot = mixed(lowHost, highHost, lowPort, highPort) & mask;
    for (;;) {
      const stream = 2 * (this.slots[slot]! - 1); // the mask keeps it inside
      if (stream < 0 || (this.host[stream] === lowHost && this.host[stream + 1] === highHost && this.port[stream] === lowPort && this.port[stream + 1] === highPort)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private grow(): void {
    const size = this.base.length * 2;
    this.base = larger(this.base, new Float64Array(size));
    this.payload = larger(this.payload, new Float64Array(size));
    this.first = larger(this.first, new Float64Array(size));
    this.highest = larger(this.highest, new Float64Array(size));
    this.lowest = larger(this.lowest, new Float64Array(size));
    this.host = larger(this.host, new Int32Array(size));
    this.port = larger(this.port, new Int32Array(size));
    this.mss = larger(this.mss, new Int32Array(size));
    this.scale = larger(this.scale, new Int8Array(size));
    this.opener = larger(this.opener, new Uint8Array(size));
    this.slots = new Int32Array(size * 2);
    // In order, so that of several between the same ends the last one is found.
    for (let connection = 0; connection < this.count; connection++) {
      const stream = 2 * connection;
      this.slots[this.place(this.host[stream]!, this.host[stream + 1]!, this.port[stream]!, this.port[stream + 1]!)] = connection + 1;
    }
  }
}

function larger<T extends { set(values: T): void }>(old: T, array: T): T {
  array.set(old);
  return array;
}
