import type { Simulator } from '../events/simulator.ts';
import { NEVER, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { FLAG_PROBE, FLAG_PSH, FLAG_RETRANSMIT } from '../hw/frame.ts';
import type { Mailbox } from '../hw/mailbox.ts';
import { CongestionWindow } from './congestion-window.ts';
import { RetransmissionTimer } from './retransmission-timer.ts';
import { RoundTrip } from './round-trip.ts';
import { Scoreboard } from './scoreboard.ts';
import type { TcpSenderParameters } from './sender-parameters.ts';

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
  readonly congestion: CongestionWindow;
  readonly board: Scoreboard;
  /** Oldest byte not acknowledged; next new byte; end of what the application has written (Infinity: it always has more). */
  una = ZERO;
  nxt = ZERO;
  limit = ZERO;
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
  private readonly transmit: Transmit;
  private readonly resume: (tick: Tick) => void;
  private readonly timer: RetransmissionTimer;
  private readonly runs: boolean;
  private readonly mss: number;
  private readonly sendWindow: number;
  private state = OPEN;
  private recover = ZERO;
  private forced = false;
  private windowEnd = ZERO;
  private duplicates = 0;
  private smallEnd = ZERO;
  /** Since when data has waited for a window; negative: it does not. */
  private blockedSince: Tick = -NEVER;

  /** `resume(tick)` is called when the retransmission timer has made something due; it should end in `send`. `runs`: new full segments are passed down together and ACKs taken together, else all singly. */
  constructor(simulator: Simulator, name: string, parameters: TcpSenderParameters, transmit: Transmit, resume: (tick: Tick) => void, runs = false) {
    this.runs = runs;
    this.parameters = parameters;
    this.transmit = transmit;
    this.resume = resume;
    this.mss = parameters.mss;
    this.sendWindow = parameters.sendWindow;
    if (!(this.mss >= 1) || !(this.sendWindow >= this.mss)) throw new RangeError(`${name}: a send window of ${this.sendWindow} bytes does not hold one segment of ${this.mss}`);
    this.windowEnd = parameters.peerWindow;
    this.maxPeerWindow = parameters.peerWindow;
    this.roundTrip = new RoundTrip(parameters.roundTrip);
    this.congestion = new CongestionWindow(parameters.cubic, parameters.initialWindow);
    // Minshall allows one small segment in flight beside the full ones.
    this.board = new Scoreboard(Math.ceil(parameters.sendWindow / parameters.mss) + 1, parameters.mss, runs);
    this.timer = new RetransmissionTimer(simulator, `${name}.rto`, (tick) => this.expire(tick));
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

  /** Congestion window in segments. */
  get cwnd(): number {
    return this.congestion.size;
  }

  /** Sends up to `maxSegments` segments, lost ones first, as far as the windows and the application's data go; returns their payload bytes. */
  send(tick: Tick, maxSegments: number): number {
    const { board, mss } = this;
    const wasEmpty = board.length === 0;
    let quota = this.congestion.size - this.pipe;
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
      if (this.congestion.fullest(this.una, board.length)) this.congestion.remember(this.nxt, board.length, this.pipe);
      if (wasEmpty) this.timer.arm(tick + this.roundTrip.timeout);
      if (this.blockedSince >= 0) this.windowLimited += tick - this.blockedSince;
      this.blockedSince = -NEVER;
    } else if (board.length === 0 && this.nxt < this.limit && this.timer.stopped) {
      // Nothing in flight can bring an ACK: the window must be asked for.
      this.timer.arm(tick + this.roundTrip.timeout);
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
    const open = Math.min(room, (this.congestion.size - this.pipe) * mss);
    if (open >= segments * mss || open >= this.limit - this.nxt) return false;
    if (open * 3 >= Math.min(this.windowEnd - this.una, this.sendWindow, this.congestion.size * mss)) return false;
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
    if (board.length === 0) this.timer.stop();
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
      const allowed = this.congestion.size * mss;
      const bound = sendWindow < allowed ? sendWindow : allowed;
      let { smoothed, deviation } = roundTrip;
      let age = tick - flight.headTick;
      let least = age;
      let left = flight.headCount - first;
      let una = ack;
      let taken = 1;
      let ready = false;
      for (;;) {
        // As `RoundTrip.sample` does: what an ACK samples is the oldest segment that it covers.
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
      if (una === nxt) this.timer.stop();
      else this.timer.arm(tick + timeout);
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
    return this.board.plain && this.state === OPEN && this.duplicates === 0 && this.roundTrip.smoothed !== 0 && !this.congestion.grows;
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
      if (this.state === RECOVERY) this.congestion.size = this.congestion.threshold;
      this.state = OPEN;
    } else if (this.state === RECOVERY && board.sacked === 0) {
      board.markHeadLost(); // without SACK a partial ACK points at the next hole (NewReno)
    }
    if (this.state !== RECOVERY && this.congestion.grows) this.congestion.grow(tick, acked, roundTrip.least);
    this.timer.arm(tick + roundTrip.timeout);
  }

  private detectLoss(): void {
    const { board } = this;
    const { duplicateThreshold } = this.parameters;
    if (board.sacked > 0) board.markLost(duplicateThreshold);
    if (this.duplicates >= duplicateThreshold && this.state === OPEN) board.markHeadLost();
    if (this.state === OPEN && board.lost > 0) {
      this.state = RECOVERY;
      this.recover = this.nxt;
      this.congestion.reduce();
      this.congestion.size = this.congestion.threshold;
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

  private block(tick: Tick): void {
    const rest = Math.min(this.limit - this.nxt, this.mss);
    if (this.pipe >= this.congestion.size || this.nxt + rest > Math.min(this.windowEnd, this.una + this.sendWindow)) this.blockedSince = tick;
  }

  private expire(tick: Tick): void {
    this.roundTrip.backOff();
    if (this.board.length === 0) {
      this.probes++;
      this.transmit(tick, this.una - 1, 0, FLAG_PROBE, 1);
    } else {
      this.timeouts++;
      if (this.state !== LOSS) this.congestion.reduce();
      this.congestion.cubic.reset();
      this.congestion.size = 1;
      this.duplicates = 0;
      this.state = LOSS;
      this.recover = this.nxt;
      this.board.markAllLost();
    }
    this.timer.arm(tick + this.roundTrip.timeout);
    this.resume(tick);
  }
}
