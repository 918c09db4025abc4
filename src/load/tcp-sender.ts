import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { NEVER, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { FLAG_PROBE, FLAG_PSH, FLAG_RETRANSMIT } from '../hw/frame.ts';
import type { Mailbox } from '../hw/mailbox.ts';
import { Cubic, LINUX_CUBIC, type CubicParameters } from './cubic.ts';
import { LINUX_ROUND_TRIP, RoundTrip, type RoundTripParameters } from './round-trip.ts';
import { Scoreboard } from './scoreboard.ts';

export interface TcpSenderParameters {
  /** Payload of a full segment in bytes. */
  readonly mss: number;
  /** First congestion window in segments. */
  readonly initialWindow: number;
  /** The socket buffer's bound on bytes in flight. */
  readonly sendWindow: number;
  /** Receive window of the handshake in bytes. */
  readonly peerWindow: number;
  /** SACKed segments above one, or duplicate ACKs, that make it lost. */
  readonly duplicateThreshold: number;
  readonly cubic: CubicParameters;
  readonly roundTrip: RoundTripParameters;
}

/** Linux's values. `sendWindow`: 87,380 bytes is 60 full segments; see `load-costs.ts` for its range. */
export const LINUX_SENDER: TcpSenderParameters = {
  mss: 1448, initialWindow: 10, sendWindow: 87_380, peerWindow: 65_535, duplicateThreshold: 3, cubic: LINUX_CUBIC, roundTrip: LINUX_ROUND_TRIP,
};

/** Passes `count` segments down that follow one another in the stream, of `length` bytes each. `flags` as in `frame.ts`. */
export type Transmit = (tick: Tick, seq: number, length: number, flags: number, count: number) => void;

const OPEN = 0;
const RECOVERY = 1; // fast recovery until everything sent before the loss is acknowledged
const LOSS = 2; // after a timeout: slow start over everything not SACKed

/**
 * The sending half of an established Linux TCP connection in bulk use: windows, ACK clock, SACK scoreboard, fast retransmit and recovery
 * (RFC 6675 with Linux's cubic), retransmission timeout, zero-window probe, Nagle as Minshall changed it. When to send is the pacing's
 * business: it calls `send`. Left out, since they change nothing without loss: PRR, tail-loss probes, F-RTO, undo, slow start after idle.
 * Stream offsets are absolute and start at 0.
 */
export class TcpSender {
  readonly parameters: TcpSenderParameters;
  readonly roundTrip: RoundTrip;
  readonly cubic: Cubic;
  readonly board: Scoreboard;
  /** Oldest byte not acknowledged; next new byte; end of what the application has written (Infinity: it always has more). */
  una = ZERO;
  nxt = ZERO;
  limit = ZERO;
  /** Congestion window and slow-start threshold in segments. */
  cwnd = 0;
  ssthresh = Infinity;
  /** Largest receive window ever offered. */
  maxPeerWindow = ZERO;
  /** Counters. */
  segmentsSent = 0;
  retransmissions = 0;
  timeouts = 0;
  fastRetransmits = 0;
  probes = 0;
  acksReceived = 0;
  /** Time in which data waited for the receiver's, the socket's or the congestion window. */
  windowLimited: Tick = ZERO;
  private readonly simulator: Simulator;
  private readonly transmit: Transmit;
  private readonly resume: (tick: Tick) => void;
  private readonly timer: Event;
  private readonly runs: boolean;
  private readonly mss: number;
  private readonly sendWindow: number;
  private state = OPEN;
  private recover = ZERO;
  private forced = false;
  private windowEnd = ZERO;
  private duplicates = 0;
  private smallEnd = ZERO;
  private deadline: Tick = NEVER;
  /** Since when data has waited for a window; negative: it does not. */
  private blockedSince: Tick = -NEVER;
  private maxOutstanding = 0;
  private maxOutstandingEnd = ZERO;
  private cwndLimited = false;

  /** `resume(tick)` is called when the retransmission timer has made something due; it should end in `send`. `runs`: new full segments are passed down together and ACKs taken together, else all singly. */
  constructor(simulator: Simulator, name: string, parameters: TcpSenderParameters, transmit: Transmit, resume: (tick: Tick) => void, runs = false) {
    this.runs = runs;
    this.simulator = simulator;
    this.parameters = parameters;
    this.transmit = transmit;
    this.resume = resume;
    this.mss = parameters.mss;
    this.sendWindow = parameters.sendWindow;
    if (!(this.mss >= 1) || !(this.sendWindow >= this.mss)) throw new RangeError(`${name}: a send window of ${this.sendWindow} bytes does not hold one segment of ${this.mss}`);
    this.cwnd = parameters.initialWindow;
    this.windowEnd = parameters.peerWindow;
    this.maxPeerWindow = parameters.peerWindow;
    this.roundTrip = new RoundTrip(parameters.roundTrip);
    this.cubic = new Cubic(parameters.cubic);
    // Minshall allows one small segment in flight beside the full ones.
    this.board = new Scoreboard(Math.ceil(parameters.sendWindow / parameters.mss) + 1, parameters.mss, runs);
    this.timer = new Event(`${name}.rto`, Priority.load, (tick) => this.expire(tick));
  }

  /** The application writes `bytes` more; Infinity: from now on there is always more to send. */
  offer(bytes: number): void {
    this.limit += bytes;
  }

  /** Bytes written and not yet acknowledged: what fills the socket buffer. */
  get queued(): number {
    return this.limit - this.una;
  }

  get done(): boolean {
    return this.una === this.limit;
  }

  /** Sends up to `maxSegments` segments, lost ones first, as far as the windows and the application's data go; returns their payload bytes. */
  send(tick: Tick, maxSegments: number): number {
    const { board, mss } = this;
    const wasEmpty = board.length === 0;
    let quota = this.cwnd - this.pipe;
    // The first retransmission of a recovery goes out whatever is in flight (RFC 6675, 5, step 4.3).
    const forced = this.forced && quota < 1;
    if (forced) quota = 1;
    if (quota > maxSegments) quota = maxSegments;
    let bytes = 0;
    for (; quota > 0; quota--) {
      const position = board.nextLost();
      if (position < 0) break;
      bytes += this.repeat(tick, position);
    }
    if (forced) quota = 0;
    const end = Math.min(this.windowEnd, this.una + this.sendWindow);
    if (this.runs && quota > 1) {
      // Full segments, the last byte written not among them: none is small, none pushes.
      const full = Math.min(quota, Math.floor((Math.min(end, this.limit - 1) - this.nxt) / mss));
      if (full > 1) {
        const seq = this.nxt;
        board.pushRun(seq, mss, tick, full);
        this.nxt += full * mss;
        bytes += full * mss;
        quota -= full;
        this.segmentsSent += full;
        this.transmit(tick, seq, mss, 0, full);
      }
    }
    for (; quota > 0; quota--) {
      const rest = this.limit - this.nxt;
      const length = rest < mss ? rest : mss;
      if (length <= 0 || this.nxt + length > end) break;
      if (length < mss) {
        if (this.smallEnd > this.una) break;
        this.smallEnd = this.nxt + length;
      }
      board.push(this.nxt, length, tick);
      const seq = this.nxt;
      this.nxt += length;
      bytes += length;
      this.segmentsSent++;
      this.transmit(tick, seq, length, this.nxt === this.limit ? FLAG_PSH : 0, 1);
    }
    if (bytes > 0) {
      this.validateWindow();
      if (wasEmpty) this.arm(tick + this.roundTrip.timeout);
      if (this.blockedSince >= 0) this.windowLimited += tick - this.blockedSince;
      this.blockedSince = -NEVER;
    } else if (board.length === 0 && this.nxt < this.limit && this.deadline === NEVER) {
      // Nothing in flight can bring an ACK: the window must be asked for.
      this.arm(tick + this.roundTrip.timeout);
    }
    // A pacer that got something waits for its own time, not for a window.
    if (this.blockedSince < 0 && (bytes === 0 || maxSegments === Infinity) && this.nxt < this.limit) this.block(tick);
    return bytes;
  }

  /**
   * Whether Linux would rather wait for an ACK than send less than `segments` now (tcp_tso_should_defer): less than a third of the window is
   * open and the oldest segment has been out for half a round trip, so that its ACK is near.
   */
  defers(tick: Tick, segments: number): boolean {
    const { board, mss } = this;
    if (this.state !== OPEN || board.length === 0) return false;
    const room = Math.min(this.windowEnd, this.una + this.sendWindow) - this.nxt;
    const open = Math.min(room, (this.cwnd - this.pipe) * mss);
    if (open >= segments * mss || open >= this.limit - this.nxt) return false;
    if (open * 3 >= Math.min(this.windowEnd - this.una, this.sendWindow, this.cwnd * mss)) return false;
    if (tick - board.headTick < this.roundTrip.smoothed / 2) return false;
    if (this.blockedSince < 0) this.block(tick);
    return true;
  }

  /** An ACK frame has reached TCP. Sends nothing: `send` should follow. */
  acknowledge(tick: Tick, ack: number, window: number, sackLow: number, sackHigh: number): void {
    this.acksReceived++;
    if (ack < this.una || ack > this.nxt) return;
    const { board } = this;
    const moved = ack + window !== this.windowEnd;
    this.windowEnd = ack + window;
    if (window > this.maxPeerWindow) this.maxPeerWindow = window;
    if (ack > this.una) {
      this.advance(tick, ack);
    } else if (board.length > 0 && sackHigh === 0 && !moved && this.state !== LOSS) {
      this.duplicates++;
    }
    if (sackHigh > ack) board.sack(sackLow, sackHigh);
    if (board.sacked > 0 || this.duplicates > 0) this.detectLoss();
    if (board.length === 0) this.deadline = NEVER;
  }

  /**
   * Takes the ACKs that have come to `inbox`, one after the other, until one is in after which a pacer that sends up to `wanted` segments should look: returns whether that was so.
   * 0 wanted: the pacer waits for its own time, whatever comes. The same as so many `acknowledge`, each with a look of the pacer.
   */
  take(tick: Tick, inbox: Mailbox, wanted: number): boolean {
    const { mss, roundTrip, sendWindow } = this;
    const { flight } = this.board;
    const looks = wanted > 0;
    const packet = wanted * mss;
    for (;;) {
      const count = inbox.arrived(tick);
      if (count === 0) return false;
      const { ack, step, edge, unit, sackHigh } = inbox.oldest;
      const covered = (ack - this.una) / mss;
      const first = covered | 0;
      const each = (step / mss) | 0;
      let window = Math.floor((edge - ack) / unit) * unit;
      // Only whole segments, each time some more, and nothing to be seen but that; the first ACK offers most, as the edge stays.
      if (
        !this.plain || sackHigh !== 0 || first <= 0 || first !== covered || (count > 1 && (each <= 0 || each * mss !== step)) || ack + (count - 1) * step > this.nxt ||
        window > this.maxPeerWindow || (looks && this.limit !== Infinity)
      ) {
        this.takeOne(tick, inbox);
        if (looks) return true;
        continue;
      }
      const { nxt } = this;
      const congestion = this.cwnd * mss;
      const bound = sendWindow < congestion ? sendWindow : congestion;
      let { smoothed, deviation } = roundTrip;
      let age = tick - flight.headTick;
      let least = age;
      let left = flight.headCount - first;
      let una = ack;
      let taken = 1;
      let ready = false;
      for (;;) {
        least = age;
        const error = age - smoothed;
        smoothed += Math.floor(error / 8);
        deviation += Math.floor((Math.abs(error) - deviation) / 4);
        if (left <= 0) {
          flight.drop(flight.headCount - left);
          left = flight.headCount;
          age = tick - flight.headTick;
        }
        if (looks) {
          // What is in flight is all full segments, so that the windows can be compared in bytes.
          const usable = window < bound ? window : bound;
          const open = usable + una - nxt;
          if (open < mss) {
            if (this.blockedSince < 0) this.blockedSince = tick;
          } else if (open >= packet || open * 3 >= usable || age < smoothed / 2) {
            ready = true;
            break;
          }
        }
        if (taken === count) break;
        taken++;
        una += step;
        left -= each;
        window = Math.floor((edge - una) / unit) * unit;
      }
      flight.dropTo(left);
      this.una = una;
      this.windowEnd = una + window;
      this.acksReceived += taken;
      inbox.take(taken);
      const timeout = roundTrip.sampled(smoothed, deviation, least);
      if (una === nxt) this.deadline = NEVER;
      else this.arm(tick + timeout);
      // With nothing in flight no ACK will come that the pacer could wait for.
      if (ready || (looks && una === nxt)) return true;
    }
  }

  /** Takes one ACK by itself. */
  private takeOne(tick: Tick, inbox: Mailbox): void {
    const { ack, sackLow, sackHigh } = inbox.oldest;
    const window = inbox.oldest.windowOf(0);
    inbox.take(1);
    this.acknowledge(tick, ack, window, sackLow, sackHigh);
  }

  /** An ACK of new data does nothing but that: nothing is lost, and the window does not grow. */
  private get plain(): boolean {
    return this.board.plain && this.state === OPEN && this.duplicates === 0 && this.roundTrip.smoothed !== 0 && !this.grows;
  }

  private get pipe(): number {
    const { board } = this; // without SACK a duplicate ACK says that some segment has left the network
    return board.sacked > 0 ? board.pipe : Math.max(board.pipe - this.duplicates, 0);
  }

  private advance(tick: Tick, ack: number): void {
    const { board, roundTrip } = this;
    const acked = board.acknowledge(ack);
    if (board.sampleTick >= 0) roundTrip.sample(tick - board.sampleTick);
    roundTrip.acknowledged();
    this.una = ack;
    this.duplicates = 0;
    if (this.state !== OPEN && ack >= this.recover) {
      if (this.state === RECOVERY) this.cwnd = this.ssthresh;
      this.state = OPEN;
    } else if (this.state === RECOVERY && board.sacked === 0) {
      board.markHeadLost(); // without SACK a partial ACK points at the next hole (NewReno)
    }
    if (this.state !== RECOVERY && this.grows) this.grow(tick, acked);
    this.arm(tick + roundTrip.timeout);
  }

  /** Whether the window has been the limit, so that ACKs may let it grow (tcp_is_cwnd_limited). */
  private get grows(): boolean {
    return this.cwnd < this.ssthresh ? this.cwnd < 2 * this.maxOutstanding : this.cwndLimited;
  }

  private grow(tick: Tick, acked: number): void {
    let rest = acked;
    if (this.cwnd < this.ssthresh) {
      const window = Math.min(this.cwnd + acked, this.ssthresh);
      rest = this.cwnd + acked - window;
      this.cwnd = window;
    }
    if (rest > 0) this.cwnd = this.cubic.grow(tick, this.cwnd, rest, this.roundTrip.least);
  }

  private detectLoss(): void {
    const { board } = this;
    const { duplicateThreshold } = this.parameters;
    if (board.sacked > 0) board.markLost(duplicateThreshold);
    if (this.duplicates >= duplicateThreshold && this.state === OPEN) board.markHeadLost();
    if (this.state === OPEN && board.lost > 0) {
      this.state = RECOVERY;
      this.recover = this.nxt;
      this.ssthresh = this.cubic.reduce(this.cwnd);
      this.cwnd = this.ssthresh;
      this.forced = true;
      this.fastRetransmits++;
    }
  }

  private repeat(tick: Tick, position: number): number {
    const { board } = this;
    const length = board.lengthOf(position);
    board.retransmit(position, tick);
    this.forced = false;
    this.retransmissions++;
    this.transmit(tick, board.startOf(position), length, FLAG_RETRANSMIT, 1);
    return length;
  }

  /** Remembers how full the window got, as growing it is only allowed when it was the limit (tcp_cwnd_validate). */
  private validateWindow(): void {
    const outstanding = this.board.length;
    if (this.una >= this.maxOutstandingEnd || outstanding > this.maxOutstanding) {
      this.maxOutstanding = outstanding;
      this.maxOutstandingEnd = this.nxt;
      this.cwndLimited = this.pipe >= this.cwnd;
    }
  }

  private block(tick: Tick): void {
    const rest = Math.min(this.limit - this.nxt, this.mss);
    if (this.pipe >= this.cwnd || this.nxt + rest > Math.min(this.windowEnd, this.una + this.sendWindow)) this.blockedSince = tick;
  }

  /** Moves the deadline. The pending event is left alone while it is early enough: it looks again when it fires. */
  private arm(deadline: Tick): void {
    this.deadline = deadline;
    const { timer } = this;
    if (timer.tick === NEVER) this.simulator.schedule(timer, deadline);
    else if (deadline < timer.tick) this.simulator.reschedule(timer, deadline);
  }

  private expire(tick: Tick): void {
    if (this.deadline === NEVER) return;
    if (tick < this.deadline) {
      this.simulator.schedule(this.timer, this.deadline);
      return;
    }
    this.roundTrip.backOff();
    if (this.board.length === 0) {
      this.probes++;
      this.transmit(tick, this.una - 1, 0, FLAG_PROBE, 1);
    } else {
      this.timeouts++;
      if (this.state !== LOSS) this.ssthresh = this.cubic.reduce(this.cwnd);
      this.cubic.reset();
      this.cwnd = 1;
      this.duplicates = 0;
      this.state = LOSS;
      this.recover = this.nxt;
      this.board.markAllLost();
    }
    this.arm(tick + this.roundTrip.timeout);
    this.resume(tick);
  }
}
