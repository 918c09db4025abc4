import type { Simulator } from '../events/simulator.ts';
import { secondsToTicks, type Tick, ticksToSeconds, US } from '../events/time.ts';
import { FLAG_PROBE, NO_SEGMENT, wireBytes } from '../hw/frame.ts';
import type { FrameReceiver } from '../hw/link.ts';
import { type FrameColumns, type OpenLoopSource, ReplaySource } from '../load/replay-source.ts';
import { toTicks, type ToTicks } from './clock.ts';
import { DIRECTION_IN } from './format.ts';
import type { TraceMetadata } from './metadata.ts';
import type { TraceBatch, TraceSource } from './source.ts';
import { TraceError } from './trace-error.ts';

/** When the first frame of a recording of something else than a simulated run arrives: the machine has begun. */
export const FIRST_ARRIVAL: Tick = US;

/** Time of a byte on the NIC's port: 1 Gb/s. */
const BYTE: Tick = 8000;

const NO_FRAMES: FrameColumns = { ticks: new Float64Array(0), bytes: new Float64Array(0) };

/** How long a replay takes at most, from the start of the simulation. */
export function replayedSpan({ clock, span, recorded }: TraceMetadata): Tick {
  if (span === null) return 0;
  return recorded.scenario !== null ? toTicks(clock)(span.last) : toTicks(clock)(span.last - span.first) + FIRST_ARRIVAL;
}

export interface ReplayOptions {
  /** The connection whose segments go to the server; 0 if left out (`inboundFlows` finds the busiest). */
  readonly flow?: number | undefined;
  /** Read what the machine does not look at, too (ACK, window, SACK), because the replay is recorded again; without it these are 0. */
  readonly recorded?: boolean | undefined;
}

/**
 * Drives a NIC from the frames that came in when a wire trace was recorded; those that went out are passed over. One batch of the trace is in memory at a time.
 * The trace of a whole simulated run keeps its times, of any other the first frame that came in arrives at FIRST_ARRIVAL and the rest as long after it as they did, in whole picoseconds.
 * Frames that a capture has closer together than a port of 1 Gb/s carries them (an emulated link, a shaper that lets clumps through, stamps taken in batches) are set apart, each as early as it can be.
 * The segments of one flow are the stream that the server reads, from the first one on; every other frame (another flow's, another protocol's, an ACK alone) arrives with its size, costs
 * what looking at it costs, and ends there.
 */
export class TraceReplay implements OpenLoopSource {
  readonly metadata: TraceMetadata;
  private readonly trace: TraceSource;
  private readonly flow: number;
  private readonly recorded: boolean;
  private readonly ticks: ToTicks;
  /** Whether it is the trace of a whole simulated run. */
  private readonly whole: boolean;
  private source: ReplaySource | null = null;
  private ended = false;
  /** The time that is moved to the start, and the first sequence number of the flow; null before they are known. */
  private firstTime: number | null = null;
  private firstSeq: number | null = null;
  private last: Tick = 0;
  private strangers = 0;
  private setApart = 0;
  private latest: Tick = 0;
  private rows = new Int32Array(0);

  /** @throws TraceError when it is not a wire trace. */
  constructor(trace: TraceSource, { flow = 0, recorded = false }: ReplayOptions = {}) {
    const { metadata, file } = trace;
    if (metadata.kind !== 'wire') throw new TraceError(file, 'metadata', `this is a ${metadata.kind} trace`, 'give a wire trace');
    this.trace = trace;
    this.metadata = metadata;
    this.flow = flow;
    this.recorded = recorded;
    this.ticks = toTicks(metadata.clock);
    this.whole = metadata.recorded.scenario !== null;
  }

  /** Once. A row that cannot be replayed ends the simulation with a TraceError that names it. */
  start(simulator: Simulator, receive: FrameReceiver, shift: Tick): void {
    if (this.source !== null) throw new Error('a replay drives one run');
    this.source = new ReplaySource(simulator, 'replay', NO_FRAMES, receive, () => this.next());
    this.source.start(shift);
  }

  warnings(end: Tick): readonly string[] {
    const duration = this.metadata.recorded.scenario?.['duration'];
    const covered = Math.max(this.last, replayedSpan(this.metadata), typeof duration === 'number' ? secondsToTicks(duration) : 0);
    const warnings = [...this.trace.warnings];
    if (this.strangers > 0) warnings.push(`open loop: ${this.strangers} data frames are of other flows than ${this.flow}; they arrive, and nothing reads them`);
    if (this.setApart > 0) warnings.push(`open loop: ${this.setApart} frames were recorded closer together than 1 Gb/s carries them; they arrive one by one, by up to ${(this.latest / US).toFixed(0)} us later than recorded`);
    if (this.ended && end > covered) warnings.push(`open loop: the trace ends at ${ticksToSeconds(covered)} s, the run at ${ticksToSeconds(end)} s; nothing arrived in between`);
    return warnings;
  }

  close(): void {
    this.trace.close();
  }

  /** The frames that came in with the next batch, and null at the end of the trace. For the simulation, or for who only reads. */
  next(): FrameColumns | null {
    if (this.ended) return null;
    const batch = this.trace.next();
    if (batch !== null) return this.incoming(batch);
    this.ended = true;
    return null;
  }

  private incoming(batch: TraceBatch): FrameColumns {
    const rows = this.inward(batch);
    const column = (name: string): Float64Array => batch.integers(name, rows);
    const own = { ticks: column('t'), bytes: column('bytes'), seq: column('seq'), payload: column('payload'), flags: column('flags') };
    const frames = this.recorded ? { ...own, ack: column('ack'), window: column('window'), sackLow: column('sack_low'), sackHigh: column('sack_high') } : own;
    this.separate(column('flow'), own);
    this.moveTimes(own.ticks, batch.firstRow);
    if (!this.whole) this.spread(own.ticks, own.bytes);
    return frames;
  }

  /** The rows of the frames that came in. */
  private inward(batch: TraceBatch): Int32Array {
    const direction = batch.integers('direction');
    const { rows } = batch;
    if (this.rows.length < rows) this.rows = new Int32Array(rows);
    const found = this.rows;
    let count = 0;
    for (let row = 0; row < rows; row++) {
      found[count] = row;
      // No branch that could be guessed wrongly.
      count += Number(direction[row] === DIRECTION_IN);
    }
    return found.subarray(0, count);
  }

  /** Segments of the flow get their place in the stream; other frames are none. */
  private separate(flows: Float64Array, { seq, payload, flags }: { readonly seq: Float64Array; readonly payload: Float64Array; readonly flags: Float64Array }): void {
    for (let row = 0; row < flows.length; row++) {
      const bytes = payload[row]!; // columns of one length
      const own = flows[row] === this.flow;
      if (own && (bytes > 0 || (flags[row]! & FLAG_PROBE) !== 0)) {
        this.firstSeq ??= seq[row]!;
        seq[row] = seq[row]! - this.firstSeq;
      } else {
        if (bytes > 0) this.strangers++;
        seq[row] = NO_SEGMENT;
        payload[row] = 0;
      }
    }
  }

  private moveTimes(ticks: Float64Array, firstRow: number): void {
    if (ticks.length === 0) return;
    this.firstTime ??= this.whole ? 0 : ticks[0]!; // there is one
    const first = this.firstTime;
    const at = this.whole ? 0 : FIRST_ARRIVAL;
    for (let row = 0; row < ticks.length; row++) ticks[row] = this.ticks(ticks[row]! - first) + at;
    if (this.whole) this.last = ticks[ticks.length - 1]!;
    if (ticks[ticks.length - 1]! > Number.MAX_SAFE_INTEGER) throw new TraceError(this.trace.file, `rows from ${firstRow} on`, 'more than 2^53 ps (2.5 hours) after the first frame', 'replay a part: rumpsim trace cut --to');
  }

  /** Last bits are at least as far apart as the later frame is long. */
  private spread(ticks: Float64Array, bytes: Float64Array): void {
    let { last } = this;
    for (let row = 0; row < ticks.length; row++) {
      const earliest = last + wireBytes(bytes[row]!) * BYTE; // columns of one length
      const recorded = ticks[row]!;
      if (earliest > recorded && last > 0) {
        this.setApart++;
        if (earliest - recorded > this.latest) this.latest = earliest - recorded;
        ticks[row] = earliest;
      }
      last = ticks[row]!;
    }
    this.last = last;
  }
}
