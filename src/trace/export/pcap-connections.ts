import { DIRECTION_OUT } from '../format.ts';

const SYN = 2;
/** Offsets that begin higher are those of a trace that was cut; they are moved down, because a handshake cannot lie 2^31 or more before them. */
const FAR = 2 ** 30;
/** RFC 7323, 2.3. */
const MOST_SCALE = 14;
/** Sequence number of a stream's first byte; the SYN has the one before. */
export const FIRST = 1;
const SERVER_PORT = 5201;
const CLIENT_PORT = 49_152;
const SERVER = 0x0a000001;

/** What one end of a connection sends. */
export class Stream {
  readonly out: boolean;
  readonly address: number;
  readonly port: number;
  /** The other end's; set once both are made. */
  peer: Stream = this;
  /** Sequence number of offset 0, before it is cut to 32 bits. */
  shift = FIRST;
  scale = 0;
  /** The trace has its SYN. */
  hasSyn = false;
  opened = false;
  sent = false;
  /** Behind the highest byte sent. */
  next = FIRST;
  /** Gathered before the first row is written. */
  lowest = Infinity;
  largestWindow = 0;

  constructor(out: boolean, address: number, port: number) {
    this.out = out;
    this.address = address;
    this.port = port;
  }

  /** A window as the header of a segment that is no SYN has it. */
  headerWindow(window: number): number {
    return Math.min(65_535, Math.floor(window / 2 ** this.scale));
  }

  /** Fixes what the rows seen so far decide. */
  begin(): void {
    const low = this.lowest < FAR || this.lowest === Infinity ? 0 : this.lowest;
    this.shift = FIRST - low;
    while (this.scale < MOST_SCALE && 65_535 * 2 ** this.scale < this.largestWindow) this.scale++;
  }
}

/** The connections of a trace that is written as a capture, by the numbers that the trace gives them. */
export class PcapConnections {
  /** By flow, the stream in and the stream out. */
  private readonly streams = new Map<number, readonly [Stream, Stream]>();

  /** Looks at a row before it is written: what it says is used if its connection has not begun. */
  expect(flow: number, direction: number, flags: number, seq: number, payload: number, ack: number, window: number): void {
    const stream = this.find(flow)[direction === DIRECTION_OUT ? 1 : 0];
    if (stream.opened) return;
    if ((flags & SYN) === 0) {
      stream.largestWindow = Math.max(stream.largestWindow, window);
      if (payload > 0) stream.lowest = Math.min(stream.lowest, seq);
      // 0 is also what stands where nothing was acknowledged.
      stream.peer.lowest = Math.min(stream.peer.lowest, ack);
    } else stream.hasSyn = true;
  }

  /** The stream that a row belongs to, of a connection that was expected. */
  stream(flow: number, direction: number): Stream {
    const [incoming, outgoing] = this.find(flow);
    if (!incoming.opened) {
      incoming.begin();
      outgoing.begin();
    }
    return direction === DIRECTION_OUT ? outgoing : incoming;
  }

  private find(flow: number): readonly [Stream, Stream] {
    const known = this.streams.get(flow);
    if (known !== undefined) return known;
    // The rest of the network 10.0.0.0/8, then other ports.
    const client = SERVER + 1 + (flow % 0xfffff0);
    const incoming = new Stream(false, client, CLIENT_PORT + (Math.floor(flow / 0xfffff0) % 16_384));
    const outgoing = new Stream(true, SERVER, SERVER_PORT);
    incoming.peer = outgoing;
    outgoing.peer = incoming;
    const pair = [incoming, outgoing] as const;
    this.streams.set(flow, pair);
    return pair;
  }
}
