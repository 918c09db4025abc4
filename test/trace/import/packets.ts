/** Frames and captures laid out by hand for the tests, one byte after the other, from the standards. */

export function u8(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

/** Big-endian, as on the wire. */
export function u16(value: number): Uint8Array {
  return u8((value >> 8) & 255, value & 255);
}

export function u32(value: number): Uint8Array {
  return u8((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function ip4(text: string): Uint8Array {
  return u8(...text.split('.').map(Number));
}

export interface Segment {
  readonly from?: string;
  readonly to?: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  /** Bits of the TCP header; ACK if left out. */
  readonly flags?: number;
  /** Padded to whole words by the caller. */
  readonly options?: Uint8Array;
  readonly payload?: number;
}

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;
/** Two NOPs and timestamps. */
export const TIMESTAMPS = u8(1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2);
export const CLIENT = '10.0.0.2';
export const SERVER = '10.0.0.1';

export function tcp({ sport = 40_000, dport = 5201, seq = 0, ack = 0, window = 1000, flags = ACK, options = u8(), payload = 0 }: Segment): Uint8Array {
  const header = join(u16(sport), u16(dport), u32(seq), u32(ack), u8(((20 + options.length) / 4) << 4, flags), u16(window), u16(0), u16(0), options);
  return join(header, new Uint8Array(payload));
}

export function ipv4(body: Uint8Array, { from = CLIENT, to = SERVER, protocol = 6, fragment = 0, options = u8(), total = 20 + options.length + body.length }: { from?: string; to?: string; protocol?: number; fragment?: number; options?: Uint8Array; total?: number } = {}): Uint8Array {
  return join(u8(0x40 | ((20 + options.length) / 4), 0), u16(total), u16(0), u16(fragment), u8(64, protocol), u16(0), ip4(from), ip4(to), options, body);
}

/** `next`: type of the first header of `body`; addresses of 16 bytes each. */
export function ipv6(body: Uint8Array, next = 6, from: Uint8Array = v6(2), to: Uint8Array = v6(1)): Uint8Array {
  return join(u8(0x60, 0, 0, 0), u16(body.length), u8(next, 64), from, to, body);
}

/** 2001:db8::n */
export function v6(n: number): Uint8Array {
  return join(u8(0x20, 0x01, 0x0d, 0xb8), new Uint8Array(11), u8(n));
}

export function mac(n: number): Uint8Array {
  return u8(2, 0, 0, 0, 0, n);
}

/** An Ethernet frame, not padded. `tags`: EtherTypes of VLAN tags. */
export function ethernet(body: Uint8Array, type: number, { from = 2, to = 1, tags = [] as readonly number[] } = {}): Uint8Array {
  return join(mac(to), mac(from), ...tags.flatMap((tag) => [u16(tag), u16(7)]), u16(type), body);
}

/** A TCP segment in IPv4 in Ethernet, from client to server unless said otherwise. */
export function segment(what: Segment = {}): Uint8Array {
  const { from = CLIENT, to = SERVER } = what;
  return ethernet(ipv4(tcp(what), { from, to }), 0x0800, from === SERVER ? { from: 1, to: 2 } : {});
}

/** The answer's direction: server to client. */
export function reply(what: Segment = {}): Uint8Array {
  return segment({ from: SERVER, to: CLIENT, sport: 5201, dport: 40_000, ...what });
}

export interface Packet {
  /** Seconds and parts of one. */
  readonly time: readonly [number, number];
  readonly frame: Uint8Array;
  /** Length on the link, that of the frame if left out. */
  readonly original?: number;
}

export interface PcapOptions {
  readonly magic?: number;
  readonly little?: boolean;
  readonly link?: number;
  readonly snap?: number;
  readonly version?: readonly [number, number];
}

function number(value: number, bytes: 2 | 4, little: boolean): Uint8Array {
  const big = bytes === 2 ? u16(value) : u32(value);
  return little ? big.toReversed() : big;
}

export function pcapHeader({ magic = 0xa1b2c3d4, little = true, link = 1, snap = 65_535, version = [2, 4] }: PcapOptions = {}): Uint8Array {
  const word = (value: number): Uint8Array => number(value, 4, little);
  return join(word(magic), number(version[0], 2, little), number(version[1], 2, little), word(0), word(0), word(snap), word(link));
}

export function pcapRecord({ time, frame, original = frame.length }: Packet, { magic = 0xa1b2c3d4, little = true, snap = 65_535 }: PcapOptions = {}): Uint8Array {
  const word = (value: number): Uint8Array => number(value, 4, little);
  const kept = frame.subarray(0, snap);
  return join(word(time[0]), word(time[1]), word(kept.length), word(original), magic === 0xa1b2cd34 ? new Uint8Array(8) : u8(), kept);
}

export function pcap(packets: readonly Packet[], options: PcapOptions = {}): Uint8Array {
  return join(pcapHeader(options), ...packets.map((packet) => pcapRecord(packet, options)));
}

/** Blocks of a pcapng section in one byte order. */
export class Pcapng {
  readonly little: boolean;

  constructor(little = true) {
    this.little = little;
  }

  word(value: number): Uint8Array {
    return number(value, 4, this.little);
  }

  half(value: number): Uint8Array {
    return number(value, 2, this.little);
  }

  block(type: number, body: Uint8Array): Uint8Array {
    const padded = join(body, new Uint8Array((4 - (body.length % 4)) % 4));
    const length = this.word(padded.length + 12);
    return join(this.word(type), length, padded, length);
  }

  option(code: number, value: Uint8Array): Uint8Array {
    return join(this.half(code), this.half(value.length), value, new Uint8Array((4 - (value.length % 4)) % 4));
  }

  section(application = ''): Uint8Array {
    const options = application === '' ? u8() : join(this.option(4, new TextEncoder().encode(application)), this.option(0, u8()));
    return this.block(0x0a0d0d0a, join(this.word(0x1a2b3c4d), this.half(1), this.half(0), this.word(0xffffffff), this.word(0xffffffff), options));
  }

  interface({ link = 1, snap = 0, resolution, offset }: { link?: number; snap?: number; resolution?: number; offset?: bigint } = {}): Uint8Array {
    const options: Uint8Array[] = [];
    if (resolution !== undefined) options.push(this.option(9, u8(resolution)));
    if (offset !== undefined) {
      const value = new Uint8Array(8);
      new DataView(value.buffer).setBigInt64(0, offset, this.little);
      options.push(this.option(14, value));
    }
    return this.block(1, join(this.half(link), this.half(0), this.word(snap), ...options, this.option(0, u8())));
  }

  /** Enhanced packet block. */
  packet(time: bigint, frame: Uint8Array, { id = 0, original = frame.length } = {}): Uint8Array {
    return this.block(6, join(this.word(id), this.word(Number(time >> 32n)), this.word(Number(time & 0xffffffffn)), this.word(frame.length), this.word(original), frame));
  }

  oldPacket(time: bigint, frame: Uint8Array, { id = 0, original = frame.length } = {}): Uint8Array {
    return this.block(2, join(this.half(id), this.half(0xffff), this.word(Number(time >> 32n)), this.word(Number(time & 0xffffffffn)), this.word(frame.length), this.word(original), frame));
  }

  simple(frame: Uint8Array, original = frame.length): Uint8Array {
    return this.block(3, join(this.word(original), frame));
  }
}
