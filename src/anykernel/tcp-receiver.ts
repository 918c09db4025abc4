import { MS, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { young } from '../events/young.ts';
import { AckRun, offered } from '../hw/ack-run.ts';
import type { Core } from '../hw/core.ts';
import type { Counters } from '../hw/counters.ts';
import { ETHERNET_HEADER_BYTES, IP_HEADER_BYTES } from '../hw/frame.ts';
import type { I82574 } from '../hw/i82574.ts';
import { bytes, spend } from '../hw/path.ts';
import { ANYWHERE, type Sequence } from '../hw/sequence.ts';
import { counted, less, operation } from './operation.ts';
import { Reassembly } from './reassembly.ts';
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
  /** What a header can say. */
  private readonly largestWindow: number;
  /** A full segment, checksum included; and the same for a segment of any size, checksum apart. */
  private readonly segment: number;
  private readonly frame: number;
  private readonly ackSend: number;
  /** Two full segments and their ACK. */
  private readonly pair: Sequence;
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
  /** Segments of `queue` that have not been processed, and what each holds. */
  private waiting = 0;
  private waitingPayload = 0;
  private readonly reassembly = new Reassembly();
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
    this.largestWindow = 65535 * this.windowUnit;
    this.advertised = this.window();
    this.autosizing = settings.autosize;
    const paths = core.paths;
    const { segmentBytes, checksum = 'checksum.cold' } = settings;
    this.segment = paths.define('tcp.segment', ...counted(paths, 'tcp.frame'), spend('miss.frame'), bytes(checksum, segmentBytes + HEADER_BYTES));
    this.frame = operation(paths, 'tcp.frame', spend('miss.frame'));
    this.ackSend = operation(paths, 'tcp.ack', spend('nic.mmio.write'), ...less(paths, 'driver', VIRT_TO_MACH));
    this.outputNothing = operation(paths, 'tcp.output-nothing');
    this.checksum = paths.define('tcp.checksum', bytes(checksum, segmentBytes));
    this.updateSend = operation(paths, 'tcp.window-update', spend('nic.mmio.write'), ...less(paths, 'driver', VIRT_TO_MACH));
    this.checksumTicksPerByte = paths.ticksPerByte(checksum);
    this.acksSent = counters.define('tcp.acks');
    this.segments = counters.define('tcp.segments');
    this.outOfOrder = counters.define('tcp.out-of-order');
    this.windowUpdates = counters.define('tcp.window-updates');
    this.tailWrites = counters.define('mmio.nic.write');
    this.pair = core.defineSequence(ANYWHERE, [this.segment, this.segment, this.ackSend], counters, [this.segments, this.segments, this.acksSent, this.tailWrites]);
    this.pairTicks = this.pair.ticks;
  }

  /** Next byte expected. */
  get expected(): number {
    return this.next;
  }

  /** tcp_input for one data segment whose frame record was received at `arrival`. Returns true when in-order data was added to the buffer. */
  input(seq: number, payload: number, arrival: Tick): boolean {
    this.inputAll();
    if (this.inOrder(seq, payload, 1)) {
      this.buffer.note(payload, arrival, 0, 1);
      this.accept(payload, 0);
      return true;
    }
    this.counters.add(this.segments);
    this.process(payload);
    this.counters.add(this.outOfOrder);
    const before = this.next;
    if (seq + payload > this.next && payload <= this.buffer.space) {
      const stretch = this.reassembly.add(seq, seq + payload, arrival, this.next);
      if (stretch !== null) {
        this.buffer.append(stretch.high - this.next, stretch.arrival);
        this.next = stretch.high;
        this.onReadable();
      }
    }
    this.acknowledge(0);
    return this.next > before;
  }

  /**
   * Data segments of one size that follow one another in the stream and arrived `spacing` apart, for `inputAll`: the same as `input` of each in its turn. Those that do not go on where the ones before
   * end, or do not fit, are processed at once, and so is then what waits before them.
   */
  queue(seq: number, payload: number, first: Tick, spacing: Tick, count: number): void {
    if (!this.inOrder(seq, payload, count)) {
      this.inputAll();
      if (!this.inOrder(seq, payload, count)) {
        for (let i = 0; i < count; i++) this.input(seq + i * payload, payload, first + i * spacing);
        return;
      }
    }
    // Nobody reads before the last one is in.
    this.buffer.note(payload, first, spacing, count);
    this.waiting += count;
    this.waitingPayload = payload;
  }

  /** tcp_input for the segments of `queue`. */
  inputAll(): void {
    const payload = this.waitingPayload;
    const full = payload === this.settings.segmentBytes;
    while (this.waiting > 0) {
      this.waiting--;
      this.waiting -= 2 * this.accept(payload, full ? this.waiting >> 1 : 0);
    }
  }

  /** tcp_input or another protocol's for `count` frames of `bytes` each that are no segments of the connection: looked at and done with, no ACK. */
  inputOthers(bytes: number, count: number): void {
    this.inputAll();
    for (let i = 0; i < count; i++) {
      this.core.run(this.frame);
      this.core.spend(this.checksum, Math.round(Math.max(0, bytes - LINK_HEADERS) * this.checksumTicksPerByte));
    }
  }

  /** Whether `count` segments are what comes next after those that wait, of the same size, and there is room for all. */
  private inOrder(seq: number, payload: number, count: number): boolean {
    const { waiting } = this;
    if (waiting > 0 && payload !== this.waitingPayload) return false;
    return seq === this.next + waiting * payload && this.reassembly.empty && this.buffer.holds(payload, waiting + count);
  }

  /** Processes a segment that is in order, fits and has been noted. Of the `pairs` pairs of full segments that come next takes those that can go with its ACK, and returns how many. */
  private accept(payload: number, pairs: number): number {
    this.counters.add(this.segments);
    this.process(payload);
    this.next += payload;
    if (this.autosizing) this.autosize(payload);
    this.buffer.charge(payload, 1);
    this.onReadable();
    if (this.delayedAckDue !== Infinity) return this.acknowledge(pairs);
    this.delayedAckDue = this.hardclocks() + DELACK_HARDCLOCKS;
    return 0;
  }

  /** Takes full segments two by two, an ACK after each pair, as many of `limit` pairs as can go with the ACK that is handed over now; returns how many. */
  private takePairs(limit: number): number {
    const { core, nic, buffer, pairTicks } = this;
    // The window must not be bounded by what a header can say: then its right edge would move.
    if (buffer.hiwat > this.largestWindow) return 0;
    const span = this.autosizing ? Math.min(nic.ackSpan, this.autosizeFrom + TIMESTAMP_PERIOD - core.now) : nic.ackSpan;
    let pairs = Math.min(limit, this.driver.transmitRoom - 1);
    if (pairs * pairTicks >= span) pairs = Math.ceil(span / pairTicks) - 1;
    if (pairs < 1) return 0;
    pairs = core.repeatHere(this.pair, pairs);
    const bytes = 2 * pairs * this.settings.segmentBytes;
    this.next += bytes;
    this.autosizeBytes += bytes;
    buffer.charge(bytes, 2 * pairs);
    return pairs;
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
    this.send(this.updateSend, 0);
  }

  /** The delayed-ACK callout. */
  delayedAck(): void {
    if (this.delayedAckDue !== Infinity) this.acknowledge(0);
  }

  private acknowledge(pairs: number): number {
    return this.send(this.ackSend, pairs);
  }

  /**
   * Sends a pure ACK by a path that ends with the tail write. Of the `pairs` pairs of full segments that come next takes those that can go with it, an ACK after each, and returns how many: data takes less
   * of the window than of the room for storage, so the right edge that the first ACK offers is that of all.
   */
  private send(path: number, pairs: number): number {
    const { core, counters, run } = this;
    this.delayedAckDue = Infinity;
    const edge = this.next + this.window();
    if (edge > this.advertised) this.advertised = edge;
    if (this.driver.transmitRoom === 0) this.driver.reclaim();
    core.run(path);
    counters.add(this.acksSent);
    counters.add(this.tailWrites);
    const { now } = core;
    const { next } = this;
    const block = this.reassembly.newest;
    if (block !== undefined) {
      this.nic.writeTransmitTail(ACK_BYTES, next, offered(this.advertised, next, this.windowUnit), block.low, block.high);
      return 0;
    }
    const more = pairs > 0 ? this.takePairs(pairs) : 0;
    if (more > 0) run.set(1 + more, now, this.pairTicks, next, 2 * this.settings.segmentBytes, this.advertised, this.windowUnit);
    else run.set(1, now, 0, next, 0, this.advertised, this.windowUnit);
    this.nic.writeTransmitTails(run, ACK_BYTES);
    if (more > 0) core.catchUp();
    return more;
  }

  /** The window that would be advertised now. rcv_adv keeps it to the byte; the header says it in whole units (tcp_output.c 1417, 1697). */
  private window(): number {
    return Math.min(this.buffer.space, this.largestWindow);
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
}
