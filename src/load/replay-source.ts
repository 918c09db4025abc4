import { Lane } from '../events/lane.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { ACK, BYTES, FLAGS, FRAME_WORDS, PAYLOAD, SACK_HIGH, SACK_LOW, SEQ, WINDOW } from '../hw/frame.ts';
import type { FrameReceiver } from '../hw/link.ts';

/** Recorded frames of one direction, a column per word. `ticks`: when the last bit was in. A column left out is all zeros. */
export interface FrameColumns {
  readonly ticks: Float64Array;
  readonly bytes: Float64Array;
  readonly seq?: Float64Array;
  readonly payload?: Float64Array;
  readonly ack?: Float64Array;
  readonly window?: Float64Array;
  readonly sackLow?: Float64Array;
  readonly sackHigh?: Float64Array;
  readonly flags?: Float64Array;
}

/** Something that puts frames before a NIC whatever the machine does. */
export interface OpenLoopSource {
  /** Begins: every frame is given to `receive` at its own tick plus `shift`. */
  start(simulator: Simulator, receive: FrameReceiver, shift: Tick): void;
  /** What to tell about a run that lasted until `end`, one line each. */
  warnings?(end: Tick): readonly string[];
}

/** Open-loop replay: frames arrive when they did, whatever the receiver does. One frame at a time waits in the lane. */
export class ReplaySource {
  /** Frames put into the lane so far. */
  sent = 0;
  /** Frames known so far. */
  length = 0;
  private readonly name: string;
  private readonly more: () => FrameColumns | null;
  private readonly columns: (Float64Array | undefined)[] = Array.from({ length: FRAME_WORDS });
  private readonly lane: Lane;
  private ticks: Float64Array = new Float64Array(0);
  /** Number of the first row in `ticks`. */
  private base = ZERO;
  private last: Tick = ZERO;
  private shift: Tick = ZERO;

  /**
   * `more()`: the frames that follow, asked for when the last one known is in the lane, null when there are none; the columns before may then be reused.
   * @throws RangeError that names the row when a tick is not a whole number at or after the one before, or a column is too short.
   */
  constructor(simulator: Simulator, name: string, frames: FrameColumns, receive: FrameReceiver, more: () => FrameColumns | null = () => null) {
    this.name = name;
    this.more = more;
    this.load(frames);
    const lane = new Lane(simulator, name, Priority.wire, FRAME_WORDS, (tick, offset) => {
      this.push();
      receive(tick, lane.words, offset);
    });
    this.lane = lane;
  }

  /** Starts the replay with every tick moved by `shift`. */
  start(shift: Tick = 0): void {
    this.shift = shift;
    this.push();
  }

  private push(): void {
    while (this.sent >= this.length) {
      const frames = this.more();
      if (frames === null) return;
      this.load(frames);
    }
    const row = this.sent++ - this.base;
    const offset = this.lane.push(this.ticks[row]! + this.shift);
    const { words } = this.lane;
    for (let i = 0; i < FRAME_WORDS; i++) {
      const column = this.columns[i];
      words[offset + i] = column === undefined ? 0 : column[row]!;
    }
  }

  private load(frames: FrameColumns): void {
    const { columns } = this;
    this.ticks = frames.ticks;
    this.base = this.length;
    this.length += frames.ticks.length;
    columns[BYTES] = frames.bytes;
    columns[SEQ] = frames.seq;
    columns[PAYLOAD] = frames.payload;
    columns[ACK] = frames.ack;
    columns[WINDOW] = frames.window;
    columns[SACK_LOW] = frames.sackLow;
    columns[SACK_HIGH] = frames.sackHigh;
    columns[FLAGS] = frames.flags;
    this.check();
  }

  private check(): void {
    const { ticks, base, name } = this;
    for (const column of this.columns) {
      if (column !== undefined && column.length !== ticks.length) throw new RangeError(`${name}: a column has ${column.length} rows, ticks have ${ticks.length}`);
    }
    for (let row = 0; row < ticks.length; row++) {
      const tick = ticks[row]!;
      if (!Number.isSafeInteger(tick) || tick < 0) throw new RangeError(`${name}: row ${base + row}: ${tick} is not a tick`);
      if (tick < this.last) throw new RangeError(`${name}: row ${base + row}: tick ${tick} is before ${this.last}`);
      this.last = tick;
    }
  }
}
