import { Event } from '../../src/events/event.ts';
import { Priority } from '../../src/events/priority.ts';
import type { Simulator } from '../../src/events/simulator.ts';
import { MS, type Tick } from '../../src/events/time.ts';

export interface ReceiverSettings {
  /** Receive window offered, bytes beyond the next expected one. */
  window: number;
  /** In-order segments per ACK; a timer of 200 ms acknowledges the rest. */
  every: number;
  sack: boolean;
}

export type SendAck = (tick: Tick, ack: number, window: number, sackLow: number, sackHigh: number) => void;

/** A plain TCP receiver whose application reads at once: reassembles, acknowledges, and checks that no byte is delivered twice or too early. */
export class StreamReceiver {
  readonly settings: ReceiverSettings;
  /** Bytes delivered in order. */
  next = 0;
  /** Highest byte that any ACK allowed. */
  allowed: number;
  /** Sequence of events worth asserting on. */
  duplicates = 0;
  acks = 0;
  private readonly sendAck: SendAck;
  private readonly timer: Event;
  private readonly simulator: Simulator;
  private held: [low: number, high: number][] = [];
  private unacknowledged = 0;

  constructor(simulator: Simulator, settings: ReceiverSettings, sendAck: SendAck) {
    this.settings = settings;
    this.simulator = simulator;
    this.sendAck = sendAck;
    this.allowed = settings.window;
    this.timer = new Event('receiver.delack', Priority.timer, (tick) => this.answer(tick, 0, 0));
  }

  receive(tick: Tick, seq: number, length: number): void {
    if (seq + length > this.allowed) throw new Error(`byte ${seq + length} is beyond the window that ends at ${this.allowed}`);
    if (seq + length <= this.next) {
      this.duplicates++;
      this.answer(tick, 0, 0);
      return;
    }
    if (seq > this.next) {
      const [low, high] = this.hold(seq, seq + length);
      this.answer(tick, low, high);
      return;
    }
    this.next = seq + length;
    const filled = this.held.length > 0;
    this.held = this.held.filter(([low, high]) => {
      if (low > this.next) return true;
      this.next = Math.max(this.next, high);
      return false;
    });
    if (filled || ++this.unacknowledged >= this.settings.every) {
      const [low, high] = this.held[0] ?? [0, 0];
      this.answer(tick, low, high);
    } else if (!this.timer.scheduled) {
      this.simulator.schedule(this.timer, tick + 200 * MS);
    }
  }

  /** Sends an ACK with one SACK block, none when that is 0 and 0 or SACK is off. */
  answer(tick: Tick, sackLow: number, sackHigh: number): void {
    this.simulator.deschedule(this.timer);
    this.unacknowledged = 0;
    this.acks++;
    this.allowed = Math.max(this.allowed, this.next + this.settings.window);
    this.sendAck(tick, this.next, this.settings.window, this.settings.sack ? sackLow : 0, this.settings.sack ? sackHigh : 0);
  }

  private hold(low: number, high: number): readonly [number, number] {
    const apart = this.held.filter(([a, b]) => b < low || a > high);
    const touching = this.held.filter(([a, b]) => b >= low && a <= high);
    const block: [number, number] = [Math.min(low, ...touching.map(([a]) => a)), Math.max(high, ...touching.map(([, b]) => b))];
    this.held = [...apart, block].toSorted(([a], [b]) => a - b);
    return block;
  }
}
