import { MS, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { young } from '../events/young.ts';
import { AckRun, offered } from '../hw/ack-run.ts';
import type { Core } from '../hw/core.ts';
import type { Counters } from '../hw/counters.ts';
import { ETHERNET_HEADER_BYTES, IP_HEADER_BYTES } from '../hw/frame.ts';
import type { I82574 } from '../hw/i82574.ts';
import { bytes, spend } from '../hw/path.ts';
import { counted, less, operation } from './operation.ts';
import { SB_MAX_DATA, type SocketBuffer } from './socket-buffer.ts';
import { VIRT_TO_MACH, type WmDriver } from './wm.ts';

/** A pure ACK with timestamps: Ethernet 14 + IP 20 + TCP 20 + options 12. */
const ACK_BYTES = 66;
/** TCP header with timestamps: summed with the payload. */
const HEADER_BYTES = 32;
/** Ethernet and IP headers, which the checksum leaves out. */
const LINK_HEADERS = ETHERNET_HEADER_BYTES + IP_HEADER_BYTES;
/** Delayed-ACK time in hardclock ticks: hz / PR_FASTHZ = 100 / 5 (sys/netinet/tcp_timer.h, sys/sys/protosw.h). */
const DELACK_HARDCLOCKS = 20;
/** Receive-buffer autosizing: one step each time the 500 ms timestamp clock has moved and 7/8 of a buffer has come (tcp_input.c). */
const AUTOSIZE_STEP = 16384;
const TIMESTAMP_PERIOD: Tick = 500 * MS;

export interface TcpSettings {
  /** Bytes of payload in a full segment. */
  readonly segmentBytes: number;
  /** Whether the receive buffer grows by itself. tcp_attach turns it on for every accepted connection, whatever SO_RCVBUF said on the listener. */
  readonly autosize: boolean;
  /** log2 of the advertised window's unit. */
  readonly windowScale: number;
  /** Cost per byte of the checksum routine; the portable C one if not given. */
  readonly checksum?: string;
}

/** A stretch of the sequence space that arrived out of order. */
interface Hole {
  low: number;
  high: number;
  readonly arrival: Tick;
}

/**
 * NetBSD's TCP receive side for one bulk connection (sys/netinet/tcp_input.c, tcp_output.c at rumpkernel/src-netbsd b8b951e9): every second in-order segment is ACKed
 * at once, others wait for it or for a delayed-ACK callout; a segment out of order, and each one while the reassembly queue is not empty, is ACKed at once;
 * a read that opens the window by two segments or half the buffer sends a window update.
 */
export class TcpReceiver {
  readonly buffer: SocketBuffer;
  /** Hardclock count at which the delayed ACK is due; Infinity when none is owed. */
  delayedAckDue = Infinity;
  /** sorwakeup(): in-order data is in the buffer; the ACK for it has not been sent yet (tcp_input.c 2151-2157, 2931). */
  onReadable: () => void = young(() => {});
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly nic: I82574;
  private readonly driver: WmDriver;
  private readonly settings: TcpSettings;
  private readonly hardclocks: () => number;
  private readonly windowUnit: number;
  /** A full segment, checksum included; and the same for a segment of any size, checksum apart. */
  private readonly segment: number;
  private readonly frame: number;
  private readonly ackSend: number;
  private readonly segmentTicks: Tick;
  private readonly ackTicks: Tick;
  /** Two segments and their ACK. */
  private readonly pairTicks: Tick;
  private readonly outputNothing: number;
  private readonly checksum: number;
  private readonly updateSend: number;
  private readonly checksumTicksPerByte: number;
  private next = ZERO;
  private advertised = ZERO;
  private autosizing: boolean;
  private autosizeFrom: Tick = ZERO;
  private autosizeBytes = ZERO;
  private readonly run = new AckRun();
  private readonly reassembly: Hole[] = [];
  private readonly acksSent: number;
  private readonly segments: number;
  private readonly outOfOrder: number;
  private readonly windowUpdates: number;
  private readonly tailWrites: number;

  constructor(core: Core, counters: Counters, nic: I82574, driver: WmDriver, buffer: SocketBuffer, settings: TcpSettings, hardclocks: () => number) {
    this.core = core;
    this.counters = counters;
    this.nic = nic;
    this.driver = driver;
    this.buffer = buffer;
    this.settings = settings;
    this.hardclocks = hardclocks;
    this.windowUnit = 2 ** settings.windowScale;
    this.advertised = this.window();
    this.autosizing = settings.autosize;
    const paths = core.paths;
    const { segmentBytes, checksum = 'checksum.cold' } = settings;
    this.segment = paths.define('tcp.segment', ...counted(paths, 'tcp.frame'), spend('miss.frame'), bytes(checksum, segmentBytes + HEADER_BYTES));
    this.frame = operation(paths, 'tcp.frame', spend('miss.frame'));
    this.ackSend = operation(paths, 'tcp.ack', spend('nic.mmio.write'), ...less(paths, 'driver', VIRT_TO_MACH));
    this.segmentTicks = paths.path(this.segment).ticks;
    this.ackTicks = paths.path(this.ackSend).ticks;
    this.pairTicks = 2 * this.segmentTicks + this.ackTicks;
    this.outputNothing = operation(paths, 'tcp.output-nothing');
    this.checksum = paths.define('tcp.checksum', bytes(checksum, segmentBytes));
    this.updateSend = operation(paths, 'tcp.window-update', spend('nic.mmio.write'), ...less(paths, 'driver', VIRT_TO_MACH));
    this.checksumTicksPerByte = paths.ticksPerByte(checksum);
    this.acksSent = counters.define('tcp.acks');
    this.segments = counters.define('tcp.segments');
    this.outOfOrder = counters.define('tcp.out-of-order');
    this.windowUpdates = counters.define('tcp.window-updates');
    this.tailWrites = counters.define('mmio.nic.write');
  }

  /** Next byte expected. */
  get expected(): number {
    return this.next;
  }

  /** tcp_input for one data segment whose frame record was received at `arrival`. Returns true when in-order data was added to the buffer. */
  input(seq: number, payload: number, arrival: Tick): boolean {
    this.counters.add(this.segments);
    this.process(payload);
    if (seq === this.next && this.reassembly.length === 0 && payload <= this.buffer.space) {
      this.next += payload;
      if (this.autosizing) this.autosize(payload);
      this.buffer.append(payload, arrival);
      this.onReadable();
      if (this.delayedAckDue !== Infinity) this.acknowledge();
      else this.delayedAckDue = this.hardclocks() + DELACK_HARDCLOCKS;
      return true;
    }
    this.counters.add(this.outOfOrder);
    const before = this.next;
    if (seq + payload > this.next && payload <= this.buffer.space) this.reassemble(seq, seq + payload, arrival);
    this.acknowledge();
    return this.next > before;
  }

  /**
   * tcp_input for `count` data segments of one size that follow one another in the stream and arrived `spacing` apart: the same as so many calls of `input`. Where they
   * are in order and fit, they go two by two, an ACK after each pair.
   */
  inputRun(seq: number, payload: number, first: Tick, spacing: Tick, count: number): void {
    if (seq !== this.next || this.reassembly.length > 0 || !this.buffer.holds(payload, count) || this.mayAutosize(payload, count)) {
      for (let i = 0; i < count; i++) this.input(seq + i * payload, payload, first + i * spacing);
      return;
    }
    const { buffer } = this;
    const full = payload === this.settings.segmentBytes;
    this.autosizeBytes += payload * count;
    // Nobody reads before the last one is in.
    buffer.note(payload, first, spacing, count);
    let left = count;
    while (left > 0) {
      if (full && this.delayedAckDue === Infinity) {
        const pairs = this.pairRoom(left >> 1);
        if (pairs > 0) this.takePairs(pairs, payload);
        left -= 2 * pairs;
        if (left === 0) return;
      }
      // The segment or pair that there was no room for, up to and including the segment that is ACKed; the last one may have to wait for the next run.
      const owed = this.delayedAckDue !== Infinity;
      const step = owed || left === 1 || this.core.oneByOne ? 1 : 2;
      for (let i = 0; i < step; i++) {
        this.counters.add(this.segments);
        this.process(payload);
      }
      this.next += payload * step;
      buffer.charge(payload, step);
      left -= step;
      if (owed || step === 2) this.acknowledge();
      else this.delayedAckDue = this.hardclocks() + DELACK_HARDCLOCKS;
    }
  }

  /** tcp_input or another protocol's for `count` frames of `bytes` each that are no segments of the connection: looked at and done with, no ACK. */
  inputOthers(bytes: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.core.run(this.frame);
      this.core.spend(this.checksum, Math.round(Math.max(0, bytes - LINK_HEADERS) * this.checksumTicksPerByte));
    }
  }

  /** How many pairs of full segments, at most `limit`, can be taken and ACKed in one go. */
  private pairRoom(limit: number): number {
    // The window must not be bounded by what a header can say: then its right edge would move.
    if (limit < 1 || this.buffer.hiwat > 65535 * this.windowUnit) return 0;
    const span = this.nic.ackSpan;
    let pairs = Math.min(limit, this.driver.transmitRoom);
    if (pairs * this.pairTicks >= span) pairs = Math.floor(span / this.pairTicks);
    return pairs < 1 ? 0 : this.core.room(this.pairTicks, pairs);
  }

  /**
   * Segments two by two, an ACK after each pair, where nobody can look in between. Data takes less of the window than of the room for storage, so the right edge that the first
   * ACK offers is that of all.
   */
  private takePairs(pairs: number, payload: number): void {
    const { core, run, buffer, pairTicks } = this;
    const step = 2 * payload;
    const ack = this.next + step;
    this.advertised = Math.max(this.advertised, ack + buffer.spaceAfter(payload, 2));
    run.set(pairs, core.now + pairTicks, pairTicks, ack, step, this.advertised, this.windowUnit);
    this.next += pairs * step;
    buffer.charge(payload, 2 * pairs);
    core.runMany(this.segment, 2 * pairs);
    core.runMany(this.ackSend, pairs);
    this.counters.addMany(this.segments, 2 * pairs);
    this.counters.addMany(this.acksSent, pairs);
    this.counters.addMany(this.tailWrites, pairs);
    this.nic.writeTransmitTails(run, ACK_BYTES);
  }

  private process(payload: number): void {
    if (payload === this.settings.segmentBytes) {
      this.core.run(this.segment);
      return;
    }
    this.core.run(this.frame);
    this.core.spend(this.checksum, Math.round((payload + HEADER_BYTES) * this.checksumTicksPerByte));
  }

  /** tcp_output after a read (PRU_RCVD): sends when the window opened enough to be worth a packet. */
  afterRead(): void {
    const adv = this.window() - (this.advertised - this.next);
    this.core.run(this.outputNothing);
    if (adv < 2 * this.settings.segmentBytes && 2 * adv < this.buffer.hiwat) return;
    this.counters.add(this.windowUpdates);
    this.send(this.updateSend);
  }

  /** The delayed-ACK callout. */
  delayedAck(): void {
    if (this.delayedAckDue !== Infinity) this.acknowledge();
  }

  private acknowledge(): void {
    this.send(this.ackSend);
  }

  /** Sends a pure ACK by a path that ends with the tail write. */
  private send(path: number): void {
    this.delayedAckDue = Infinity;
    const edge = this.next + this.window();
    if (edge > this.advertised) this.advertised = edge;
    if (this.driver.transmitRoom === 0) this.driver.reclaim();
    this.core.run(path);
    this.counters.add(this.acksSent);
    this.counters.add(this.tailWrites);
    const block = this.reassembly[0];
    if (block === undefined) {
      this.run.set(1, this.core.now, 0, this.next, 0, this.advertised, this.windowUnit);
      this.nic.writeTransmitTails(this.run, ACK_BYTES);
    } else {
      this.nic.writeTransmitTail(ACK_BYTES, this.next, offered(this.advertised, this.next, this.windowUnit), block.low, block.high);
    }
  }

  /** The window that would be advertised now. rcv_adv keeps it to the byte; the header says it in whole units (tcp_output.c 1417, 1697). */
  private window(): number {
    return Math.min(this.buffer.space, 65535 * this.windowUnit);
  }

  /** Whether the buffer could grow while `count` segments are processed, so that each must be looked at. */
  private mayAutosize(payload: number, count: number): boolean {
    const longest = count * (this.segmentTicks + this.ackTicks) * 2;
    return this.autosizing && (payload !== this.settings.segmentBytes || this.core.now + longest - this.autosizeFrom >= TIMESTAMP_PERIOD);
  }

  private autosize(payload: number): void {
    this.autosizeBytes += payload;
    const now = this.core.now;
    if (now - this.autosizeFrom < TIMESTAMP_PERIOD) return;
    this.autosizeFrom = now;
    if (this.autosizeBytes > (this.buffer.hiwat >> 3) * 7) {
      if (this.buffer.hiwat + AUTOSIZE_STEP > SB_MAX_DATA) this.autosizing = false;
      else this.buffer.hiwat += AUTOSIZE_STEP;
    }
    this.autosizeBytes = 0;
  }

  private reassemble(low: number, high: number, arrival: Tick): void {
    const queue = this.reassembly;
    const hole: Hole = { low: Math.max(low, this.next), high, arrival };
    // The newest block goes first, as SACK reports it; overlaps with it are merged.
    for (let i = queue.length - 1; i >= 0; i--) {
      const other = queue[i];
      if (other === undefined || other.low > hole.high || other.high < hole.low) continue;
      hole.low = Math.min(hole.low, other.low);
      hole.high = Math.max(hole.high, other.high);
      queue.splice(i, 1);
    }
    queue.unshift(hole);
    if (hole.low > this.next) return;
    queue.shift();
    this.buffer.append(hole.high - this.next, hole.arrival);
    this.next = hole.high;
    this.onReadable();
  }
}
