import { addressText } from './address.ts';

/** Addresses that are told apart; frames of others are not assigned to a connection. */
export const MOST_HOSTS = 65_536;

const FIRST_CAPACITY = 64;

/** Network addresses, numbered from 0 on: four words each, IPv4 as ::ffff:a.b.c.d. */
export class Hosts {
  count = 0;
  /** By host: its Ethernet address as far as it was seen, else 0. */
  macs = new Float64Array(FIRST_CAPACITY);
  /** By host: bytes of frames to it that are no TCP. */
  received = new Float64Array(FIRST_CAPACITY);
  private words = new Int32Array(4 * FIRST_CAPACITY);
  /** Number + 1 of the host, 0 where there is none. */
  private slots = new Int32Array(4 * FIRST_CAPACITY);

  /** The number of the address in words[at .. at + 4), which is added when it is new; -1 when there are too many. */
  number(words: Int32Array, at: number): number {
    const a = words[at]!; // the caller gives four words
    const b = words[at + 1]!;
    const c = words[at + 2]!;
    const d = words[at + 3]!;
    const known = this.words;
    const mask = this.slots.length - 1;
    let slot = mixed(a, b, c, d) & mask;
    for (;;) {
      const host = this.slots[slot]! - 1; // the mask keeps it inside
      if (host < 0) break;
      const own = 4 * host;
      if (known[own + 3] === d && known[own + 2] === c && known[own + 1] === b && known[own] === a) return host;
      slot = (slot + 1) & mask;
    }
    if (this.count === MOST_HOSTS) return -1;
    if (this.count === this.macs.length) {
      this.grow();
      return this.number(words, at);
    }
    const host = this.count++;
    this.slots[slot] = host + 1;
    this.words.set(words.subarray(at, at + 4), 4 * host);
    return host;
  }

  /** The number of an address as people write it, -1 when no frame had it. */
  find(address: Int32Array): number {
    for (let host = 0; host < this.count; host++) if (address.every((word, i) => this.words[4 * host + i] === word)) return host;
    return -1;
  }

  /** Whether the address can be that of one machine: not multicast, broadcast or unspecified. */
  isUnicast(host: number): boolean {
    const first = this.words[4 * host]!; // the caller's number is one of a host
    const last = this.words[4 * host + 3]!;
    if (this.isIpv4(host)) return (last >>> 28) !== 14 && last !== -1 && last !== 0;
    return (first >>> 24) !== 0xff && !(first === 0 && last === 0);
  }

  /** The address as people write it. */
  name(host: number): string {
    return addressText(this.words.subarray(4 * host, 4 * host + 4));
  }

  private isIpv4(host: number): boolean {
    return this.words[4 * host] === 0 && this.words[4 * host + 1] === 0 && this.words[4 * host + 2] === 0xffff;
  }

  private grow(): void {
    const { words, macs, received } = this;
    this.words = new Int32Array(words.length * 2);
    this.words.set(words);
    this.macs = new Float64Array(macs.length * 2);
    this.macs.set(macs);
    this.received = new Float64Array(received.length * 2);
    this.received.set(received);
    this.slots = new Int32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let host = 0; host < this.count; host++) {
      let slot = mixed(words[4 * host]!, words[4 * host + 1]!, words[4 * host + 2]!, words[4 * host + 3]!) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = host + 1;
    }
  }
}

/** Spreads four words over 32 bits: multiplications by odd constants, the last mixing step that of MurmurHash3. */
export function mixed(a: number, b: number, c: number, d: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77) ^ Math.imul(c, 0xc2b2ae3d) ^ Math.imul(d, 0x27d4eb2f);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
