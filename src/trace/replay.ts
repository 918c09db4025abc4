import type { Simulator } from '../events/simulator.ts';
import { secondsToTicks, type Tick, ticksToSeconds } from '../events/time.ts';
import type { FrameReceiver } from '../hw/link.ts';
import { type FrameColumns, type OpenLoopSource, ReplaySource } from '../load/replay-source.ts';
import { DIRECTION_IN } from './format.ts';
import { SIMULATED_CLOCK, type TraceMetadata } from './metadata.ts';
import { type TraceBatch, TraceReader } from './reader.ts';

/** Columns of a wire trace that a replayed frame is made of, by the field of `FrameColumns` they go to. */
const COLUMNS = { bytes: 'bytes', seq: 'seq', payload: 'payload', ack: 'ack', window: 'window', sackLow: 'sack_low', sackHigh: 'sack_high', flags: 'flags' } as const;

const NO_FRAMES: FrameColumns = { ticks: new Float64Array(0), bytes: new Float64Array(0) };

/** Drives a NIC from the frames that came in when a wire trace was recorded; those that went out are passed over. One batch of the trace is in memory at a time. */
export class TraceReplay implements OpenLoopSource {
  readonly metadata: TraceMetadata;
  private readonly reader: TraceReader;
  private source: ReplaySource | null = null;
  private ended = false;

  /** @throws TraceError when the file cannot be read or is not a wire trace of simulated time. */
  constructor(file: string) {
    this.reader = new TraceReader(file, { kind: 'wire', clock: SIMULATED_CLOCK });
    this.metadata = this.reader.metadata;
  }

  /** Once. A row that cannot be replayed ends the simulation with a TraceError that names it. */
  start(simulator: Simulator, receive: FrameReceiver, shift: Tick): void {
    if (this.source !== null) throw new Error('a replay drives one run');
    this.source = new ReplaySource(simulator, 'replay', NO_FRAMES, receive, () => this.next());
    this.source.start(shift);
  }

  warnings(end: Tick): readonly string[] {
    const { recorded, span } = this.metadata;
    const duration = recorded.scenario?.['duration'];
    const covered = Math.max(span?.last ?? 0, typeof duration === 'number' ? secondsToTicks(duration) : 0);
    if (!this.ended || end <= covered) return this.reader.warnings;
    return [...this.reader.warnings, `open loop: the trace ends at ${ticksToSeconds(covered)} s, the run at ${ticksToSeconds(end)} s; nothing arrived in between`];
  }

  close(): void {
    this.reader.close();
  }

  private next(): FrameColumns | null {
    if (this.ended) return null;
    const batch = this.reader.next();
    if (batch !== null) return incoming(batch);
    this.ended = true;
    return null;
  }
}

/** The frames of a batch that came in. */
function incoming(batch: TraceBatch): FrameColumns {
  const direction = batch.integers('direction');
  let rows = 0;
  const select = (values: Float64Array): Float64Array => {
    rows = 0;
    // In place: what has been passed over is not read again.
    for (let row = 0; row < values.length; row++) if (direction[row] === DIRECTION_IN) values[rows++] = values[row]!;
    return values.subarray(0, rows);
  };
  const column = (name: keyof typeof COLUMNS): Float64Array => select(batch.integers(COLUMNS[name]));
  return {
    ticks: select(batch.t), bytes: column('bytes'), seq: column('seq'), payload: column('payload'), ack: column('ack'), window: column('window'),
    sackLow: column('sackLow'), sackHigh: column('sackHigh'), flags: column('flags'),
  };
}
