import { Lane } from '../events/lane.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import type { Tick } from '../events/time.ts';
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

/** Open-loop replay: frames arrive when they did, whatever the receiver does. One frame at a time waits in the lane. */
export class ReplaySource {
  /** Frames put into the lane so far. */
  sent = 0;
  readonly length: number;
  private readonly columns: readonly (Float64Array | undefined)[];
  private readonly ticks: Float64Array;
  private readonly lane: Lane;
  private shift: Tick = 0;

  /** @throws RangeError that names the row when a tick is not a whole number at or after the one before, or a column is too short. */
  constructor(simulator: Simulator, name: string, frames: FrameColumns, receive: FrameReceiver) {
    this.ticks = frames.ticks;
    this.length = frames.ticks.length;
    const columns: (Float64Array | undefined)[] = Array.from({ length: FRAME_WORDS });
    columns[BYTES] = frames.bytes;
    columns[SEQ] = frames.seq;
    columns[PAYLOAD] = frames.payload;
    columns[ACK] = frames.ack;
    columns[WINDOW] = frames.window;
    columns[SACK_LOW] = frames.sackLow;
    columns[SACK_HIGH] = frames.sackHigh;
    columns[FLAGS] = frames.flags;
    this.columns = columns;
    check(name, this.ticks, columns);
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
    const row = this.sent;
    if (row >= this.length) return;
    const offset = this.lane.push(this.ticks[row]! + this.shift);
    const { words } = this.lane;
    for (let i = 0; i < FRAME_WORDS; i++) {
      const column = this.columns[i];
      words[offset + i] = column === undefined ? 0 : column[row]!;
    }
    this.sent = row + 1;
  }
}

function check(name: string, ticks: Float64Array, columns: readonly (Float64Array | undefined)[]): void {
  for (const column of columns) {
    if (column !== undefined && column.length !== ticks.length) throw new RangeError(`${name}: a column has ${column.length} rows, ticks have ${ticks.length}`);
  }
  for (let row = 0; row < ticks.length; row++) {
    const tick = ticks[row]!;
    if (!Number.isSafeInteger(tick) || tick < 0) throw new RangeError(`${name}: row ${row}: ${tick} is not a tick`);
    if (row > 0 && tick < ticks[row - 1]!) throw new RangeError(`${name}: row ${row}: tick ${tick} is before ${ticks[row - 1]!}`);
  }
}
