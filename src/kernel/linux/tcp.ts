import { operation } from '../../anykernel/operation.ts';
import { MS, type Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import { AckRun } from '../../hw/ack-run.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import { NO_SEGMENT } from '../../hw/frame.ts';
import { ANYWHERE, type Sequence } from '../../hw/sequence.ts';
import type { E1000e } from './e1000e.ts';
import type { SuperSegment } from './gro.ts';
import type { ReceiveQueue } from './receive-queue.ts';

/** TCP_ATO_MIN: HZ / 25. */
const DELAYED_ACK: Tick = 40 * MS;
/** Segments in the first window (tcp_default_init_rwnd), and the MSS without timestamps by which the window then grows. */
const FIRST_WINDOW = 20;
const ADVERTISED_MSS = 1460;
/** A window that has not been asked for: less than any. */
const UNASKED = -1;

export interface LinuxTcpSettings {
  /** Payload of a full segment. */
  readonly segmentBytes: number;
  /** SO_RCVBUF as the server asked for it; the kernel doubles it and offers half of what is left as window (tcp_adv_win_scale 1). */
  readonly bufferBytes: number;
  /** log2 of the advertised window's unit. */
  readonly windowScale: number;
}

interface Stretch {
  low: number;
  high: number;
  readonly arrival: Tick;
}

/**
 * Linux's TCP receive side for one bulk connection (net/ipv4/tcp_input.c, tcp_output.c, tcp.c of 4.9). An ACK goes out when more than one full segment has come and the window would not be
 * smaller than last offered; what is owed then goes out with the read that makes room, or after the delayed-ACK time. Frames merged by GRO count by their bytes, so a
 * super-segment of two frames or more is ACKed once. Segments that come while the reader holds the socket are processed at once; the kernel would do it when the read returns.
 */
export class LinuxTcp {
  readonly queue: ReceiveQueue;
  /** When a delayed ACK is due; Infinity when none is owed. */
  delayedAckDue = Infinity;
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly driver: E1000e;
  private readonly settings: LinuxTcpSettings;
  private readonly unit: number;
  private readonly storage: number;
  private readonly superSegment: number;
  private readonly ackPath: number;
  /** The path of an ACK, the write of the transmit tail, and their counters. */
  private readonly sending: Sequence;
  private readonly stretches: Stretch[] = [];
  private readonly run = new AckRun();
  private readonly segments: number;
  private readonly merged: number;
  private readonly outOfOrder: number;
  private readonly acks: number;
  private readonly updates: number;
  private next = ZERO;
  /** What was last told: next byte expected then (rcv_wup), and window (rcv_wnd). */
  private told = ZERO;
  private offered = ZERO;
  private ackOwed = false;
  /** rcv_ssthresh: what the window has grown to so far. */
  private threshold = 0;

  constructor(core: Core, counters: Counters, driver: E1000e, queue: ReceiveQueue, settings: LinuxTcpSettings) {
    this.core = core;
    this.counters = counters;
    this.driver = driver;
    this.queue = queue;
    this.settings = settings;
    this.unit = 2 ** settings.windowScale;
    this.storage = 2 * settings.bufferBytes;
    this.threshold = Math.min(FIRST_WINDOW * settings.segmentBytes, settings.bufferBytes);
    this.offered = this.window();
    this.superSegment = operation(core.paths, 'linux.super-segment');
    this.ackPath = operation(core.paths, 'linux.ack');
    this.segments = counters.define('tcp.segments');
    this.merged = counters.define('tcp.super-segments');
    this.outOfOrder = counters.define('tcp.out-of-order');
    this.acks = counters.define('tcp.acks');
    this.updates = counters.define('tcp.window-updates');
    this.sending = core.defineSequence(ANYWHERE, [this.ackPath, driver.writing.path], counters, [this.acks, driver.writing.counter]);
  }

  /** Next byte expected. */
  get expected(): number {
    return this.next;
  }

  /** tcp_v4_rcv for a super-segment. Returns true when the reader has something new. */
  input(segment: SuperSegment): boolean {
    this.core.run(this.superSegment);
    // Not of this connection: looked at and done with.
    if (segment.seq === NO_SEGMENT) return false;
    this.counters.add(this.merged);
    this.counters.addMany(this.segments, segment.frames);
    const end = segment.seq + segment.bytes;
    if (segment.seq <= this.next && end > this.next && this.stretches.length === 0) {
      this.queue.append(segment, this.next);
      this.next = end;
      this.ackOwed = true;
      this.grow();
      const window = this.next - this.told > this.settings.segmentBytes ? this.window() : UNASKED;
      if (window >= this.offered) this.acknowledge(window);
      else if (this.delayedAckDue === Infinity) this.delayedAckDue = this.core.now + DELAYED_ACK;
      return true;
    }
    this.counters.add(this.outOfOrder);
    const before = this.next;
    if (end > this.next) this.reassemble(segment.seq, end, segment.firsts[0]!); // a segment has a frame
    this.acknowledge();
    return this.next > before;
  }

  /** tcp_cleanup_rbuf: after a read of at least one byte. */
  afterRead(): void {
    if (!(this.ackOwed && this.next - this.told > this.settings.segmentBytes) && !this.opened()) return;
    this.counters.add(this.updates);
    this.acknowledge();
  }

  /** Whether a read has made room for a window of twice what is left of the offered one. */
  private opened(): boolean {
    const left = Math.max(0, this.told + this.offered - this.next);
    if (2 * left > this.settings.bufferBytes) return false;
    const window = this.window();
    return window > 0 && window >= 2 * left;
  }

  /** The delayed-ACK timer. */
  delayedAck(): void {
    if (this.ackOwed) this.acknowledge();
    this.delayedAckDue = Infinity;
  }

  /** tcp_send_ack; tcp_select_window never takes back what was offered. `window`: what is free. */
  private acknowledge(window: number = this.window()): void {
    this.ackOwed = false;
    this.delayedAckDue = Infinity;
    const left = Math.max(0, this.told + this.offered - this.next);
    this.offered = Math.max(window, Math.ceil(left / this.unit) * this.unit);
    this.told = this.next;
    if (!this.core.runSequenceHere(this.sending)) {
      this.core.run(this.ackPath);
      this.counters.add(this.acks);
      this.driver.write();
    }
    const block = this.stretches[0];
    if (block === undefined) {
      // The window is in whole units already.
      this.run.set(1, this.core.now, 0, this.next, 0, this.next + this.offered, this.unit);
      this.driver.transmit(this.run);
    } else {
      this.driver.transmitSack(this.next, this.offered, block.low, block.high);
    }
  }

  /** tcp_grow_window, where buffers hold more payload than half their storage: by two segments while there is room beyond the window. */
  private grow(): void {
    if (this.threshold < this.space) this.threshold = Math.min(this.threshold + 2 * ADVERTISED_MSS, this.settings.bufferBytes);
  }

  /** tcp_space: half of the free storage. */
  private get space(): number {
    return Math.floor((this.storage - this.queue.charged) / 2);
  }

  /** __tcp_select_window: what is free, as far as the window has grown, in whole units, rounded up. */
  private window(): number {
    const free = Math.min(this.space, this.threshold);
    return free < this.settings.segmentBytes ? 0 : Math.ceil(free / this.unit) * this.unit;
  }

  private reassemble(low: number, high: number, arrival: Tick): void {
    const { stretches } = this;
    const fresh: Stretch = { low: Math.max(low, this.next), high, arrival };
    // The newest goes first, as SACK reports it; what it touches is merged into it.
    for (let i = stretches.length - 1; i >= 0; i--) {
      const other = stretches[i];
      if (other === undefined || other.low > fresh.high || other.high < fresh.low) continue;
      fresh.low = Math.min(fresh.low, other.low);
      fresh.high = Math.max(fresh.high, other.high);
      stretches.splice(i, 1);
    }
    stretches.unshift(fresh);
    if (fresh.low > this.next) return;
    stretches.shift();
    this.queue.appendStretch(fresh.high - this.next, fresh.arrival);
    this.next = fresh.high;
  }
}
