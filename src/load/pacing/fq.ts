import { Lane } from '../../events/lane.ts';
import { Priority } from '../../events/priority.ts';
import type { RandomStream } from '../../events/random.ts';
import type { Simulator } from '../../events/simulator.ts';
import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import type { TcpSender } from '../tcp-sender.ts';
import { checkRate, nextRelease, type Pacing } from './pacing.ts';

export interface FqPacingParameters {
  /** Payload rate in Mb/s. */
  readonly rateMbps: number;
  /** Segments of a full TSO packet: `tsoSegments`. */
  readonly burstSegments: number;
  /** TSO packets that TCP may have in the host at a time, at least 2: waiting, and one more being sent (TCP small queues: 2). */
  readonly queuePackets: number;
  /** Bytes a segment that the pacer counts beside payload: 0 for the kernel's own pacing, 66 for the fq qdisc. */
  readonly headerBytes: number;
  /** Releases by timer are late by a uniform time in [0, jitter). */
  readonly jitter: Tick;
  /** So long after a release nobody has noticed it yet. */
  readonly slack: Tick;
}

/** Puts `count` segments of one length that follow one another on the wire and returns when the last has left the port. */
export type Send = (tick: Tick, seq: number, length: number, flags: number, count: number) => Tick;

/**
 * SO_MAX_PACING_RATE: TCP hands TSO packets to the fq qdisc ahead of time, which releases one every length / rate; the port cuts it into
 * frames that leave back to back. To TCP a waiting packet is in flight: it uses the window and lengthens the round trip.
 * The application always has data. Sources: Linux 4.9 (KudProject/kernel_msm-4.9) net/ipv4/tcp_output.c @7f42cb46 (tcp_write_xmit, tcp_small_queue_check), net/sched/sch_fq.c @420ae2e2.
 */
export class FqPacing implements Pacing {
  readonly parameters: FqPacingParameters;
  /** TSO packets released. */
  packets = 0;
  private readonly sender: TcpSender;
  private readonly put: Send;
  private readonly random: RandomStream;
  private readonly wakes: Lane;
  private readonly ticksPerByte: number;
  private readonly mss: number;
  /** Segments waiting, as runs of equal ones in one packet: seq, length, flags, count each, in a ring. */
  private readonly segments: Float64Array;
  private readonly mask: number;
  private first = 0;
  private last = 0;
  /** First run of the packet being filled. */
  private packetStart = 0;
  /** Payload bytes of the waiting packets, oldest first. */
  private readonly sizes: Float64Array;
  private waiting = 0;
  private armed = false;
  private next: Tick = ZERO;
  /** The peer's largest window as of the last packet, and the segments that it allows one. */
  private peerWindow = ZERO;
  private peerBurst = 0;
  /** When the last frame released has left the port. */
  private left: Tick = ZERO;

  constructor(simulator: Simulator, name: string, sender: TcpSender, parameters: FqPacingParameters, put: Send, random: RandomStream) {
    const { queuePackets, burstSegments } = parameters;
    if (!(queuePackets >= 2) || !(burstSegments >= 1)) throw new RangeError(`${name}: needs at least 2 packets of 1 segment, not ${queuePackets} of ${burstSegments}`);
    this.parameters = parameters;
    this.sender = sender;
    this.put = put;
    this.random = random;
    this.mss = sender.parameters.mss;
    this.ticksPerByte = 8e6 / checkRate(parameters.rateMbps);
    let size = 64;
    while (size < queuePackets * burstSegments) size *= 2;
    this.segments = new Float64Array(size * 4);
    this.mask = size - 1;
    this.sizes = new Float64Array(queuePackets);
    // A wake-up is never moved or cancelled, so a lane does what an event would, for less.
    this.wakes = new Lane(simulator, name, Priority.load, 0, (tick) => {
      this.armed = false;
      this.release(tick);
      this.work(tick);
    });
    this.wakes.slack = parameters.slack;
  }

  start(tick: Tick): void {
    this.sender.offer(Infinity);
    this.next = tick;
    this.work(tick);
  }

  resume(tick: Tick): void {
    this.work(tick);
  }

  /** None while the queue is full and a wake-up will come. */
  wanted(tick: Tick): number {
    return this.armed && this.waiting >= this.room(tick) ? 0 : this.burst();
  }

  /** Takes segments of the packet that the sender is sending. */
  enqueue(seq: number, length: number, flags: number, more: number): void {
    const { segments } = this;
    if (this.last > this.packetStart) {
      const at = ((this.last - 1) & this.mask) * 4;
      const count = segments[at + 3]!; // a run of the packet being filled
      if (length === segments[at + 1]! && flags === segments[at + 2]! && seq === segments[at]! + count * length) {
        segments[at + 3] = count + more;
        return;
      }
    }
    const at = (this.last++ & this.mask) * 4;
    segments[at] = seq;
    segments[at + 1] = length;
    segments[at + 2] = flags;
    segments[at + 3] = more;
  }

  private work(tick: Tick): void {
    for (;;) {
      this.fill(tick);
      if (this.waiting === 0 || this.armed) return;
      if (tick < this.next) {
        this.armed = true;
        const { jitter } = this.parameters;
        this.wakes.push(jitter === 0 ? this.next : this.next + Math.floor(jitter * this.random.uniform()));
        return;
      }
      this.release(tick);
    }
  }

  /** TCP sends packets into the queue while it may have more of them in the host. */
  private fill(tick: Tick): void {
    const { sender } = this;
    const room = this.room(tick);
    while (this.waiting < room) {
      const burst = this.burst();
      if (sender.defers(tick, burst)) return;
      this.packetStart = this.last;
      const bytes = sender.send(tick, burst);
      if (bytes === 0) return;
      this.sizes[this.waiting++] = bytes;
    }
  }

  /** Packets that may wait: one of those TCP may have in the host is being sent until the port is done with it. */
  private room(tick: Tick): number {
    const { queuePackets } = this.parameters;
    return tick < this.left ? queuePackets - 1 : queuePackets;
  }

  /** Segments of the next packet: at most half the peer's largest window (tcp_bound_to_half_wnd) and half the congestion window (tcp_cwnd_test). */
  private burst(): number {
    const { sender } = this;
    if (sender.maxPeerWindow !== this.peerWindow) {
      this.peerWindow = sender.maxPeerWindow;
      this.peerBurst = Math.min(this.parameters.burstSegments, Math.floor(this.peerWindow / (2 * this.mss)));
    }
    const half = sender.cwnd >> 1;
    return Math.max(1, half < this.peerBurst ? half : this.peerBurst);
  }

  /** Sends the oldest packet's frames. */
  private release(tick: Tick): void {
    const { segments, mask, sizes } = this;
    const bytes = sizes[0]!; // waiting > 0
    const waiting = --this.waiting;
    for (let i = 0; i < waiting; i++) sizes[i] = sizes[i + 1]!; // waiting is below the length
    this.packets++;
    let count = 0;
    for (let rest = bytes; rest > 0; ) {
      const at = (this.first++ & mask) * 4;
      const length = segments[at + 1]!;
      const run = segments[at + 3]!;
      this.left = this.put(tick, segments[at]!, length, segments[at + 2]!, run);
      rest -= length * run;
      count += run;
    }
    const counted = bytes + count * this.parameters.headerBytes;
    this.next = nextRelease(tick, this.next, Math.round(counted * this.ticksPerByte));
  }
}
