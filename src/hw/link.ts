import { Lane } from '../events/lane.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import { NEVER, NS, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import type { AckPort, AckRun } from './ack-run.ts';
import type { Departures } from './departures.ts';
import { Mailbox } from './mailbox.ts';
import { cost, type Cost, type CostTable } from './cost.ts';
import { ACK, BYTES, COUNT, FLAGS, FRAME_WORDS, GAP_BYTES, MIN_FRAME_BYTES, PAYLOAD, SACK_HIGH, SACK_LOW, SEQ, SPACING, WINDOW, WIRE_OVERHEAD_BYTES } from './frame.ts';

/** Mb/s of every port: the 82574L and the paper's network. */
const GIGABIT = 1000;

/** The network's own numbers. The paper names neither switch nor cables, so their delays are estimates around data-sheet values. */
export const LINK_COSTS: readonly Cost[] = [
  cost('link.propagation', 550, 'ns', [330, 900], 'estimate', 'one cable with the PHYs at its ends: MDI to GMII 384 ns (DP83865 data sheet, 6.4.2 T18), about 150 ns the other way and 5 ns per metre of cable estimated'),
  cost('link.switch.latency', 2000, 'ns', [500, 10000], 'estimate', 'look-up and queueing of a store-and-forward switch after a frame\'s last bit; makers state one-digit microseconds for 64-byte frames'),
  cost('link.switch.buffer', 524288, 'bytes', [131072, 16777216], 'estimate', 'output buffer of one port; a gigabit switch of the time shares 0.1 to 16 MB; one port in, one port out at one rate never fills it'),
];

/** One direction of a path host, cable, store-and-forward switch, cable, host. Times in ticks. */
export interface LinkParameters {
  /** Rate of the sender's port in Mb/s; 8e6 / rate must be an integer (8,000 ticks a byte at 1000). */
  readonly rateMbps: number;
  /** Rate of the switch's output port in Mb/s, likewise. */
  readonly outputRateMbps: number;
  /** Delay of each of the two cables, PHYs included. */
  readonly propagation: Tick;
  /** From a frame's last bit in to its first bit out when the output port is free. */
  readonly switchLatency: Tick;
  /** Bytes the output port holds, those being sent included; a frame that does not fit is dropped. */
  readonly switchBuffer: number;
}

/** The path of the table of numbers (`LINK_COSTS`). */
export function linkParameters(costs: CostTable): LinkParameters {
  return {
    rateMbps: GIGABIT,
    outputRateMbps: GIGABIT,
    propagation: Math.round(costs.value('link.propagation') * NS),
    switchLatency: Math.round(costs.value('link.switch.latency') * NS),
    switchBuffer: costs.value('link.switch.buffer'),
  };
}

/** Called when the last bit of a frame, or of the first of a run, is in. The words are those of `frame.ts`, valid until the call returns. */
export type FrameReceiver = (tick: Tick, words: Float64Array, offset: number) => void;

/** Takes frames when it is known when they will arrive, rather than when they do. */
export interface FrameSink {
  /** Whether it does now. */
  readonly expects: boolean;
  /** `count` frames arrive, the first of which is at `words[offset...]`, from `first` on and `spacing` apart. */
  expect(first: Tick, spacing: Tick, count: number, words: Float64Array, offset: number): void;
  /** See `FrameReceiver`. */
  receive(tick: Tick, words: Float64Array, offset: number): void;
}

/**
 * Nothing else uses the two ports of a direction, so a frame's arrival is known as soon as it is handed over: one lane occurrence
 * per frame and no event on the way. Frames leave and arrive in the order of the calls. Where the receiver takes runs, frames that continue the last
 * one, evenly spaced, while that has not arrived yet, share its occurrence.
 */
export class Link implements AckPort {
  readonly parameters: LinkParameters;
  /** Frames and frame bytes (without FCS) taken for sending, dropped ones included. */
  frames = ZERO;
  bytes = ZERO;
  /** Frames lost at the switch's output buffer. */
  dropped = 0;
  /** Ticks in which the sender's port was taken: frames with preamble, FCS and gap. */
  busy: Tick = ZERO;
  private readonly lane: Lane;
  private readonly box: Mailbox | null;
  private readonly sink: FrameSink | null;
  private readonly inTicksPerByte: number;
  private readonly outTicksPerByte: number;
  private readonly propagation: Tick;
  private readonly switchLatency: Tick;
  private readonly bufferTicks: Tick;
  /** Bytes of the last run's ACKs, and `priceAck` of them. */
  private ackBytes = -1;
  private ackIn: Tick = ZERO;
  private ackOut: Tick = ZERO;
  private ackLeaves: Tick = ZERO;
  private ackReady: Tick = ZERO;
  private ackArrives: Tick = ZERO;
  /** All of it, where the ports are free. */
  private ackWay: Tick = ZERO;
  private readonly acknowledgement = new Float64Array(FRAME_WORDS);
  private inFree: Tick = ZERO;
  private outFree: Tick = ZERO;
  private readonly runs: boolean;
  private lastArrival: Tick = ZERO;

  /**
   * `receive`: called as frames arrive, or a box that they wait in, or who expects them. `runs`: the receiver takes runs of frames.
   * @throws RangeError when a rate has no whole number of ticks a byte or a delay is negative or fractional.
   */
  constructor(simulator: Simulator, name: string, parameters: LinkParameters, receive: FrameReceiver | Mailbox | FrameSink, runs = false) {
    this.parameters = parameters;
    this.runs = runs;
    this.inTicksPerByte = ticksPerByte(name, parameters.rateMbps);
    this.outTicksPerByte = ticksPerByte(name, parameters.outputRateMbps);
    this.propagation = wholeTicks(name, 'propagation', parameters.propagation);
    this.switchLatency = wholeTicks(name, 'switch latency', parameters.switchLatency);
    this.bufferTicks = parameters.switchBuffer * this.outTicksPerByte;
    // The words are read from the lane at each call: a lane that grows replaces them.
    this.box = receive instanceof Mailbox ? receive : null;
    const sink = receive instanceof Mailbox || typeof receive === 'function' ? null : receive;
    const call = receive instanceof Mailbox ? null : typeof receive === 'function' ? receive : receive.receive.bind(receive);
    const lane = new Lane(simulator, name, Priority.wire, FRAME_WORDS, (tick, offset) => call?.(tick, lane.words, offset));
    this.lane = lane;
    this.sink = runs ? sink : null;
  }

  /** Time from the hand-over of a frame of `bytes` to its arrival where the ports are free. */
  latency(bytes: number): Tick {
    const onWire = (bytes < MIN_FRAME_BYTES ? MIN_FRAME_BYTES : bytes) + WIRE_OVERHEAD_BYTES - GAP_BYTES;
    return onWire * (this.inTicksPerByte + this.outTicksPerByte) + 2 * this.propagation + this.switchLatency;
  }

  /** Tick from which the sender's port is free. */
  get free(): Tick {
    return this.inFree;
  }

  /**
   * Sends the frame at `words[offset ..]` at `tick` or as soon as the port is free, and returns the tick at which its last bit
   * has left the sender (the gap that follows is port time, too, but the frame is out).
   * @throws RangeError when the frame would arrive before now (a `tick` in the past).
   */
  send(tick: Tick, words: Float64Array, offset: number): Tick {
    const bytes = words[offset + BYTES]!;
    const onWire = (bytes < MIN_FRAME_BYTES ? MIN_FRAME_BYTES : bytes) + WIRE_OVERHEAD_BYTES;
    const start = tick > this.inFree ? tick : this.inFree;
    const portTime = onWire * this.inTicksPerByte;
    const left = start + portTime - GAP_BYTES * this.inTicksPerByte;
    this.inFree = start + portTime;
    this.busy += portTime;
    this.frames++;
    this.bytes += bytes;

    const ready = left + this.propagation + this.switchLatency;
    const out = ready > this.outFree ? ready : this.outFree;
    const outTime = onWire * this.outTicksPerByte;
    if (out - ready + outTime > this.bufferTicks) {
      this.dropped++;
      return left;
    }
    this.outFree = out + outTime;
    const arrival = out + outTime - GAP_BYTES * this.outTicksPerByte + this.propagation;
    if (this.box !== null) {
      this.box.put(arrival, words, offset);
    } else if (this.sink !== null && this.sink.expects) {
      this.sink.expect(arrival, 0, 1, words, offset);
    } else if (!this.runs || !this.extendRun(arrival, words, offset, 1, 0)) {
      const slot = this.lane.push(arrival);
      const target = this.lane.words;
      for (let i = 0; i < COUNT; i++) target[slot + i] = words[offset + i]!;
      target[slot + COUNT] = 1;
      target[slot + SPACING] = 0;
    }
    this.lastArrival = arrival;
    return left;
  }

  /**
   * Sends `count` frames of one size that follow one another in the stream, the first at `words[offset ..]`; returns the tick at which the last one's last bit has left.
   * The same as `count` sends; `words[offset + SEQ]` is used up.
   */
  sendRun(tick: Tick, words: Float64Array, offset: number, count: number): Tick {
    const bytes = words[offset + BYTES]!;
    const portTime = (bytes < MIN_FRAME_BYTES ? MIN_FRAME_BYTES : bytes) + WIRE_OVERHEAD_BYTES;
    const inTime = portTime * this.inTicksPerByte;
    const start = tick > this.inFree ? tick : this.inFree;
    const ready = start + inTime - GAP_BYTES * this.inTicksPerByte + this.propagation + this.switchLatency;
    const out = ready > this.outFree ? ready : this.outFree;
    if (!this.runs || this.inTicksPerByte !== this.outTicksPerByte || out - ready + inTime > this.bufferTicks) {
      let left = tick;
      for (let i = 0; i < count; i++) {
        left = this.send(tick, words, offset);
        words[offset + SEQ]! += words[offset + PAYLOAD]!;
      }
      return left;
    }
    // Ports of one rate keep the distance of one frame time, so the first frame's way tells all.
    const arrival = out + inTime - GAP_BYTES * this.outTicksPerByte + this.propagation;
    this.inFree = start + count * inTime;
    this.outFree = out + count * inTime;
    this.busy += count * inTime;
    this.frames += count;
    this.bytes += count * bytes;
    if (this.sink !== null && this.sink.expects) {
      this.sink.expect(arrival, count > 1 ? inTime : 0, count, words, offset);
    } else if (!this.extendRun(arrival, words, offset, count, inTime)) {
      const slot = this.lane.push(arrival);
      const target = this.lane.words;
      for (let i = 0; i < COUNT; i++) target[slot + i] = words[offset + i]!;
      target[slot + COUNT] = count;
      target[slot + SPACING] = count > 1 ? inTime : 0;
    }
    this.lastArrival = arrival + (count - 1) * inTime;
    return this.inFree - GAP_BYTES * this.inTicksPerByte;
  }

  /** Lets frames join the last pending occurrence; false when they do not continue that. */
  private extendRun(arrival: Tick, words: Float64Array, offset: number, more: number, spacing: Tick): boolean {
    const tail = this.lane.tailOffset;
    if (tail < 0) return false;
    const run = this.lane.words;
    const count = run[tail + COUNT]!;
    const payload = words[offset + PAYLOAD]!;
    const gap = arrival - this.lastArrival;
    if (payload === 0 || payload !== run[tail + PAYLOAD]! || words[offset + SEQ]! !== run[tail + SEQ]! + count * payload) return false;
    if (words[offset + FLAGS]! !== run[tail + FLAGS]! || words[offset + BYTES]! !== run[tail + BYTES]!) return false;
    if ((count > 1 && gap !== run[tail + SPACING]!) || (more > 1 && gap !== spacing)) return false;
    run[tail + COUNT] = count + more;
    run[tail + SPACING] = gap;
    return true;
  }

  /** Sends a frame without payload: the transmit side of a host that only receives data. */
  acknowledge(tick: Tick, bytes: number, ack: number, window: number, sackLow: number, sackHigh: number): Tick {
    const words = this.acknowledgement;
    words[BYTES] = bytes;
    words[ACK] = ack;
    words[WINDOW] = window;
    words[SACK_LOW] = sackLow;
    words[SACK_HIGH] = sackHigh;
    return this.send(tick, words, 0);
  }

  /** See `AckPort`: a receiver that looks now and then looks once more when its box is not empty. */
  get silence(): Tick {
    const { box } = this;
    if (box === null) return 0;
    return box.empty ? this.ackWay + box.delay : NEVER;
  }

  /** See `AckPort`. */
  acknowledgeRun(run: AckRun, delay: Tick, bytes: number, departures: Departures): void {
    if (bytes !== this.ackBytes) this.priceAck(bytes);
    const { box, ackIn, ackOut } = this;
    const { count, spacing } = run;
    const handed = run.first + delay;
    const left = handed + this.ackLeaves;
    const ready = left + this.ackReady;
    // Where none waits for a port, they keep their distance.
    if (box !== null && handed >= this.inFree && ready >= this.outFree && ackOut <= this.bufferTicks && (count === 1 || (spacing >= ackIn && spacing >= ackOut))) {
      const length = (count - 1) * spacing;
      this.inFree = handed + length + ackIn;
      this.outFree = ready + length + ackOut;
      this.busy += count * ackIn;
      this.frames += count;
      this.bytes += count * bytes;
      departures.add(left, spacing, count);
      box.putRun(ready + this.ackArrives, run);
      return;
    }
    for (let i = 0; i < count; i++) departures.add(this.acknowledge(handed + i * spacing, bytes, run.ackOf(i), run.windowOf(i), 0, 0), 0, 1);
  }

  /** The times of a frame of `bytes`: both ports, from its hand-over to its last bit out, from there to the switch's being ready to send it, from that to its arrival. */
  private priceAck(bytes: number): void {
    const onWire = (bytes < MIN_FRAME_BYTES ? MIN_FRAME_BYTES : bytes) + WIRE_OVERHEAD_BYTES;
    this.ackBytes = bytes;
    this.ackIn = onWire * this.inTicksPerByte;
    this.ackOut = onWire * this.outTicksPerByte;
    this.ackLeaves = this.ackIn - GAP_BYTES * this.inTicksPerByte;
    this.ackReady = this.propagation + this.switchLatency;
    this.ackArrives = this.ackOut - GAP_BYTES * this.outTicksPerByte + this.propagation;
    this.ackWay = this.latency(bytes);
  }
}

function ticksPerByte(name: string, rateMbps: number): number {
  const ticks = 8e6 / rateMbps;
  if (!(ticks >= 1) || !Number.isSafeInteger(ticks)) throw new RangeError(`link ${name}: ${rateMbps} Mb/s has no whole number of picoseconds per byte`);
  return ticks;
}

function wholeTicks(name: string, what: string, ticks: Tick): Tick {
  if (!Number.isSafeInteger(ticks) || ticks < 0) throw new RangeError(`link ${name}: ${what} ${ticks} is not a whole number of picoseconds`);
  return ticks;
}
