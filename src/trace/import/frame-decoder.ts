import { ETHERNET_HEADER_BYTES } from '../../hw/frame.ts';

/** Link types of captures, by the numbers of the tcpdump group's registry (draft-ietf-opsawg-pcaplinktype). */
export const LinkType = { null: 0, ethernet: 1, rawBsd: 12, rawOpenBsd: 14, raw: 101, loop: 108, linuxSll: 113, ipv4: 228, ipv6: 229, linuxSll2: 276 } as const;

const KNOWN: ReadonlyMap<number, string> = new Map([
  [LinkType.null, 'BSD loopback'], [LinkType.ethernet, 'Ethernet'], [LinkType.rawBsd, 'raw IP'], [LinkType.rawOpenBsd, 'raw IP'], [LinkType.raw, 'raw IP'], [LinkType.loop, 'OpenBSD loopback'],
  [LinkType.linuxSll, 'Linux cooked'], [LinkType.ipv4, 'raw IPv4'], [LinkType.ipv6, 'raw IPv6'], [LinkType.linuxSll2, 'Linux cooked v2'],
]);

/** What a link type is called, undefined when its frames cannot be read. */
export function linkName(type: number): string | undefined {
  return KNOWN.get(type);
}

const IPV4 = 0x0800;
const IPV6 = 0x86dd;
/** 802.1Q, 802.1ad and the number QinQ had before. */
const VLAN = 0x8100;
const PROVIDER_VLAN = 0x88a8;
const OLD_PROVIDER_VLAN = 0x9100;
const VLAN_BYTES = 4;

const PROTOCOL_TCP = 6;
/** More extension headers are no packet that a stack sends. */
const MOST_EXTENSIONS = 8;

export const TCP_FIN = 1;
export const TCP_SYN = 2;
export const TCP_RST = 4;
export const TCP_PSH = 8;
export const TCP_ACK = 16;

/** What `scale` and `mss` are of a segment without the option. */
export const NO_OPTION = -1;

/**
 * Reads link, IP and TCP headers of one captured frame at a time into its own fields. Sources: RFC 791, 8200 (IP), 9293 (TCP), 7323 (window scale), 2018 (SACK), 894 (Ethernet);
 * IEEE 802.1Q; the tcpdump group's pages of the cooked and loopback headers.
 */
export class FrameDecoder {
  /** A TCP segment whose whole fixed header is there. What is said of TCP holds only then. */
  tcp = false;
  /** An IP packet: `addresses` are its own, else they are not set. */
  ip = false;
  /** A TCP segment of which the capture kept too little. */
  short = false;
  /** From the Ethernet header on, without FCS and padding; a capture without Ethernet headers is counted as if it had them. */
  bytes = 0;
  /** Source in 0..3, target in 4..7; IPv4 as ::ffff:a.b.c.d. */
  readonly addresses = new Int32Array(8);
  /** 0 where the link has none. */
  sourceMac = 0;
  targetMac = 0;
  sourcePort = 0;
  targetPort = 0;
  /** As they are in the header. */
  seq = 0;
  ack = 0;
  window = 0;
  flags = 0;
  payload = 0;
  /** First SACK block; 0 and 0 when there is none. */
  sackLow = 0;
  sackHigh = 0;
  scale = NO_OPTION;
  mss = NO_OPTION;
  /** Bytes on the link of the frame that is being read, and of what stands for its Ethernet header. */
  private wire = 0;
  private header = 0;

  /** Reads the frame of which `captured` bytes begin at `at`; `original`: its length on the link, FCS not counted. `link`: one of LinkType. */
  decode(view: DataView, at: number, captured: number, original: number, link: number): void {
    const end = at + captured;
    this.tcp = false;
    this.ip = false;
    this.short = false;
    this.sourceMac = 0;
    this.targetMac = 0;
    let type = 0;
    let next = at;
    switch (link) {
      case LinkType.ethernet:
        if (captured >= ETHERNET_HEADER_BYTES) {
          this.targetMac = view.getUint16(at) * 4294967296 + view.getUint32(at + 2);
          this.sourceMac = view.getUint16(at + 6) * 4294967296 + view.getUint32(at + 8);
          type = view.getUint16(at + 12);
        }
        next = at + 14;
        break;
      case LinkType.linuxSll:
        if (captured >= 16) {
          if (view.getUint16(at + 4) === 6) this.sourceMac = view.getUint16(at + 6) * 4294967296 + view.getUint32(at + 8);
          type = view.getUint16(at + 14);
        }
        next = at + 16;
        break;
      case LinkType.linuxSll2:
        if (captured >= 20) {
          if (view.getUint8(at + 11) === 6) this.sourceMac = view.getUint16(at + 12) * 4294967296 + view.getUint32(at + 14);
          type = view.getUint16(at);
        }
        next = at + 20;
        break;
      case LinkType.null:
      case LinkType.loop:
        if (captured >= 4) type = familyType(view.getUint32(at));
        next = at + 4;
        break;
      default: // raw IP says itself what it is
        if (captured >= 1) type = versionType(view.getUint8(at) >> 4);
        break;
    }
    let tags = 0;
    while ((type === VLAN || type === PROVIDER_VLAN || type === OLD_PROVIDER_VLAN) && next + VLAN_BYTES <= end) {
      type = view.getUint16(next + 2);
      next += VLAN_BYTES;
      tags += VLAN_BYTES;
    }
    this.header = ETHERNET_HEADER_BYTES + tags;
    this.wire = original - (next - at);
    this.bytes = Math.max(0, this.header + this.wire);
    if (type === IPV4) this.ipv4(view, next, end);
    else if (type === IPV6) this.ipv6(view, next, end);
  }

  private ipv4(view: DataView, at: number, end: number): void {
    if (at + 20 > end) return;
    const first = view.getUint8(at);
    const headerBytes = (first & 15) * 4;
    // A packet above 64 KiB, which only offloading makes, has 0 here.
    const total = view.getUint16(at + 2) || this.wire;
    if (first >> 4 !== 4 || headerBytes < 20 || total < headerBytes) return;
    const { addresses } = this;
    addresses[0] = 0;
    addresses[1] = 0;
    addresses[2] = 0xffff;
    addresses[3] = view.getInt32(at + 12);
    addresses[4] = 0;
    addresses[5] = 0;
    addresses[6] = 0xffff;
    addresses[7] = view.getInt32(at + 16);
    this.ip = true;
    this.bytes = this.header + total;
    // More fragments, or not the first one.
    const fragment = (view.getUint16(at + 6) & 0x3fff) !== 0;
    if (view.getUint8(at + 9) === PROTOCOL_TCP && !fragment) this.segment(view, at + headerBytes, end, total - headerBytes);
  }

  private ipv6(view: DataView, at: number, end: number): void {
    if (at + 40 > end || view.getUint8(at) >> 4 !== 6) return;
    // A jumbogram (RFC 2675), and what offloading makes, has 0 here.
    const length = view.getUint16(at + 4) || Math.max(0, this.wire - 40);
    for (let word = 0; word < 8; word++) this.addresses[word] = view.getInt32(at + 8 + 4 * word);
    this.ip = true;
    this.bytes = this.header + 40 + length;
    const last = at + 40 + length;
    let protocol = view.getUint8(at + 6);
    let next = at + 40;
    for (let count = 0; count < MOST_EXTENSIONS && isExtension(protocol) && next + 8 <= end; count++) {
      const units = view.getUint8(next + 1);
      // The authentication header counts words of 4 bytes, the others of 8.
      const bytes = protocol === 51 ? (units + 2) * 4 : (units + 1) * 8;
      protocol = view.getUint8(next);
      next += bytes;
    }
    if (protocol === PROTOCOL_TCP) this.segment(view, next, end, last - next);
  }

  /** `length`: of header and payload, by the IP header. */
  private segment(view: DataView, at: number, end: number, length: number): void {
    if (at + 20 > end) {
      this.short = length >= 20;
      return;
    }
    const headerBytes = (view.getUint8(at + 12) >> 4) * 4;
    if (headerBytes < 20 || headerBytes > length) return;
    this.tcp = true;
    this.sourcePort = view.getUint16(at);
    this.targetPort = view.getUint16(at + 2);
    this.seq = view.getUint32(at + 4);
    this.ack = view.getUint32(at + 8);
    this.flags = view.getUint8(at + 13);
    this.window = view.getUint16(at + 14);
    this.payload = length - headerBytes;
    this.sackLow = 0;
    this.sackHigh = 0;
    this.scale = NO_OPTION;
    this.mss = NO_OPTION;
    // Nothing, or two NOPs and timestamps: nearly every segment.
    if (headerBytes === 20 || (headerBytes === 32 && at + 24 <= end && view.getUint32(at + 20) === 0x0101080a)) return;
    this.options(view, at + 20, Math.min(at + headerBytes, end));
  }

  private options(view: DataView, from: number, end: number): void {
    let at = from;
    while (at < end) {
      const kind = view.getUint8(at);
      if (kind === 0) return;
      if (kind === 1) {
        at++;
        continue;
      }
      if (at + 2 > end) return;
      const length = view.getUint8(at + 1);
      if (length < 2 || at + length > end) return;
      if (kind === 2 && length === 4) this.mss = view.getUint16(at + 2);
      else if (kind === 3 && length === 3) this.scale = Math.min(14, view.getUint8(at + 2)); // RFC 7323, 2.3
      else if (kind === 5 && length >= 10) {
        this.sackLow = view.getUint32(at + 2);
        this.sackHigh = view.getUint32(at + 6);
      }
      at += length;
    }
  }
}

/** The loopback header's address family: in the byte order of whoever captured, with the number of its system's IPv6. */
function familyType(family: number): number {
  const number = family > 0xffff ? family >>> 24 : family;
  if (number === 2) return IPV4;
  return number === 10 || number === 23 || number === 24 || number === 28 || number === 30 ? IPV6 : 0;
}

function versionType(version: number): number {
  if (version === 4) return IPV4;
  return version === 6 ? IPV6 : 0;
}

/** Hop-by-hop options, routing, authentication, destination options, mobility. A fragment is not passed: what follows need not be a header. */
function isExtension(protocol: number): boolean {
  return protocol === 0 || protocol === 43 || protocol === 51 || protocol === 60 || protocol === 135;
}
