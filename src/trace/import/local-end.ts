import { TraceError } from '../trace-error.ts';
import { addressText, macText, parseAddress } from './address.ts';
import { type Connections, NONE } from './connections.ts';
import type { Hosts } from './hosts.ts';
import type { ImportOptions } from './importer.ts';

/**
 * Whose trace it is. With an address given: that machine's. Else the host that got most TCP payload in the frames looked at; where none got any, the one that was connected to
 * first; where there is no TCP, the one that got most bytes, or sent the first frame. With two ends on one machine (loopback) it is the end that got more, or was connected to.
 */
export class LocalEnd {
  /** In words, for the metadata. */
  meaning = '';
  private readonly options: ImportOptions;
  private readonly hosts: Hosts;
  private readonly connections: Connections;
  private readonly address: Int32Array | null;
  /** Ethernet address that was given, else 0. */
  private readonly mac: number;
  private host = NONE;
  private found = false;
  /** Connections of which no end is local. */
  private others = 0;
  /** By connection, end + 2; 0 while it was not asked for. */
  private ends = new Uint8Array(64);

  /** @throws TraceError when the address that is given is none. */
  constructor(options: ImportOptions, hosts: Hosts, connections: Connections) {
    this.options = options;
    this.hosts = hosts;
    this.connections = connections;
    const { local, file } = options;
    const address = local === undefined ? null : parseAddress(local);
    if (local !== undefined && address === null) throw new TraceError(file, '--local', `'${local}' is not an address`, 'give an IPv4, IPv6 or Ethernet address of the recorded machine');
    this.address = address !== null && 'ip' in address ? address.ip : null;
    if (this.address !== null) this.host = hosts.number(this.address, 0);
    this.mac = address !== null && 'mac' in address ? address.mac : 0;
  }

  /** Decides on what was seen up to now. */
  settle(): void {
    if (this.address !== null) {
      this.meaning = `local end ${addressText(this.address)} (as given)`;
    } else if (this.mac === 0) {
      this.host = this.busiest();
      this.meaning = this.host === NONE ? 'no local end: nothing tells which it is' : `local end ${this.hosts.name(this.host)} (it got most payload or was connected to)`;
    } else {
      this.meaning = `local end ${macText(this.mac)} (as given)`;
    }
  }

  /** Says so if the address that was given is that of no frame, and of connections that were passed over. */
  tell(): void {
    const { file, local, warn } = this.options;
    if (local !== undefined && !this.found) warn(`${file}: no frame is from ${local} or of a connection of it; check --local`);
    else if (this.others > 0) warn(`${file}: ${this.others} ${this.others === 1 ? 'connection is' : 'connections are'} not of the ${this.meaning}, so their segments are other frames here; --local with its Ethernet address takes all of a machine`);
  }

  /** The end of a connection that is local, 0 or 1; NONE when neither is. */
  end(connection: number): number {
    const known = this.ends[connection] ?? 0;
    if (known !== 0) return known - 2;
    if (connection >= this.ends.length) {
      const larger = new Uint8Array(Math.max(connection + 1, this.ends.length * 2));
      larger.set(this.ends);
      this.ends = larger;
    }
    const end = this.find(2 * connection);
    this.ends[connection] = end + 2;
    return end;
  }

  /** Whether the local machine sent a frame that belongs to none of its connections. */
  sent(host: number, mac: number): boolean {
    const own = this.host === NONE ? this.mac : this.hosts.macs[this.host]!; // a host's number
    const sent = (host !== NONE && host === this.host) || (mac !== 0 && mac === own);
    this.found ||= sent;
    return sent;
  }

  /** A connection in words, the local end first, the arrow as most of the payload went so far. */
  connectionText(connection: number): string {
    const { hosts, connections } = this;
    const own = 2 * connection + this.end(connection);
    const text = (stream: number): string => {
      const host = hosts.name(connections.host[stream]!); // a stream of the connection
      return `${host.includes(':') ? `[${host}]` : host}:${connections.port[stream]}`;
    };
    return `${text(own)} ${connections.payload[own]! > connections.payload[own ^ 1]! ? '->' : '<-'} ${text(own ^ 1)}`;
  }

  private find(stream: number): number {
    const first = this.isLocal(stream);
    const second = this.isLocal(stream + 1);
    this.found ||= first || second;
    if (first && second) return this.busierEnd(stream) & 1;
    if (first) return 0;
    if (second) return 1;
    this.others++;
    return NONE;
  }

  private isLocal(stream: number): boolean {
    const host = this.connections.host[stream]!; // the caller's stream is one
    return host === this.host || (this.mac !== 0 && this.hosts.macs[host] === this.mac);
  }

  /** The stream of the end that got more payload, or was connected to, or has the lower port. */
  private busierEnd(stream: number): number {
    const { payload, opener, port } = this.connections;
    const [a, b] = [stream, stream + 1];
    const difference = payload[b]! - payload[a]! || opener[b]! - opener[a]! || port[b]! - port[a]!;
    return difference < 0 ? b : a;
  }

  private busiest(): number {
    const { hosts, connections } = this;
    const got = new Float64Array(hosts.count);
    for (let stream = 0; stream < 2 * connections.count; stream++) got[connections.host[stream ^ 1]!]! += connections.payload[stream]!; // as many as streams
    const most = largest(got);
    if (most !== NONE && got[most]! > 0) return most;
    if (connections.count > 0) return connections.host[this.busierEnd(0)]!;
    const unicast = Array.from({ length: hosts.count }, (_, host) => host).filter((host) => hosts.isUnicast(host));
    const other = largest(unicast.map((host) => hosts.received[host]!));
    return unicast[other] ?? NONE;
  }
}

/** Place of the largest value, the first of several; NONE without values. */
function largest(values: ArrayLike<number>): number {
  let best = NONE;
  for (let i = 0; i < values.length; i++) if (best === NONE || values[i]! > values[best]!) best = i;
  return best;
}
