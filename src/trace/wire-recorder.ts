import type { Tick } from '../events/time.ts';
import { ACK, BYTES, COUNT, FLAGS, NO_SEGMENT, PAYLOAD, SACK_HIGH, SACK_LOW, SEQ, SPACING, WINDOW } from '../hw/frame.ts';
import type { WireTap } from '../hw/probe.ts';
import { DIRECTION_IN, DIRECTION_OUT, WireColumn, WireKind } from './format.ts';
import { RowQueue } from './row-queue.ts';
import type { TraceSink } from './sink.ts';

/** Words of a frame that a row holds: those before the run's count. */
const WORDS = COUNT;

/**
 * Writes the frames at a NIC's port in time order. A frame that comes in is told at its DMA, a run of them at the first one's, a frame that goes out before it leaves: both wait
 * until nothing earlier can come.
 */
export class WireRecorder implements WireTap {
  private readonly sink: TraceSink;
  private readonly end: Tick;
  private readonly incoming = new RowQueue(WORDS);
  private readonly outgoing = new RowQueue(WORDS);
  private framesIn = 0;
  private framesOut = 0;

  /** Rows before `end` are written, what happens at it or later is not. */
  constructor(sink: TraceSink, end: Tick) {
    this.sink = sink;
    this.end = end;
  }

  received(tick: Tick, words: Float64Array, offset: number): void {
    // Links keep frames in order, and what is sent from now on leaves later than now, so nothing before this frame is still to come.
    this.writeBefore(tick);
    const count = Math.max(1, words[offset + COUNT]!); // a record of FRAME_WORDS
    const spacing = words[offset + SPACING]!;
    const payload = words[offset + PAYLOAD]!;
    const other = words[offset + SEQ] === NO_SEGMENT;
    for (let i = 0; i < count; i++) {
      const row = this.incoming.push(tick + i * spacing);
      const target = this.incoming.words;
      for (let word = 0; word < WORDS; word++) target[row + word] = words[offset + word]!;
      target[row + SEQ] = other ? 0 : target[row + SEQ]! + i * payload;
    }
  }

  sent(tick: Tick, bytes: number, ack: number, window: number, sackLow: number, sackHigh: number): void {
    const row = this.outgoing.push(tick);
    const { words } = this.outgoing;
    words[row + BYTES] = bytes;
    words[row + SEQ] = 0;
    words[row + PAYLOAD] = 0;
    words[row + ACK] = ack;
    words[row + WINDOW] = window;
    words[row + SACK_LOW] = sackLow;
    words[row + SACK_HIGH] = sackHigh;
    words[row + FLAGS] = 0;
  }

  /** The run is over: writes what waits. Returns the frames written, by direction. */
  finish(): { readonly in: number; readonly out: number } {
    this.writeBefore(this.end);
    return { in: this.framesIn, out: this.framesOut };
  }

  private writeBefore(bound: Tick): void {
    const limit = Math.min(bound, this.end);
    const { incoming, outgoing } = this;
    for (;;) {
      const inTick = incoming.headTick;
      const outTick = outgoing.headTick;
      if (inTick >= limit && outTick >= limit) return;
      if (inTick <= outTick) {
        this.framesIn++;
        const offset = incoming.shift();
        this.write(inTick, DIRECTION_IN, incoming.words[offset + PAYLOAD]! > 0 ? WireKind.rxData : WireKind.rxAck, incoming.words, offset);
      } else {
        this.framesOut++;
        const offset = outgoing.shift();
        this.write(outTick, DIRECTION_OUT, outgoing.words[offset + PAYLOAD]! > 0 ? WireKind.txData : WireKind.txAck, outgoing.words, offset);
      }
    }
  }

  private write(tick: Tick, direction: number, kind: number, words: Float64Array, offset: number): void {
    const row = this.sink.row(tick);
    const { columns } = this.sink;
    columns[WireColumn.kind]![row] = kind; // the wire format has these columns, here and below
    columns[WireColumn.direction]![row] = direction;
    for (let word = 0; word < WORDS; word++) columns[WireColumn.bytes + word]![row] = words[offset + word]!;
    columns[WireColumn.flow]![row] = 0;
  }
}
