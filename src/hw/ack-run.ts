import type { Tick } from '../events/time.ts';

/** Most packets of a run; above any transmit queue. */
const CAPACITY = 128;

/** Pure ACKs that a host hands to its NIC one after the other, with nothing in between that anybody could see. In order of time; packet i of `count`. */
export class AckRun {
  count = 0;
  /** When each was handed over. */
  readonly ticks = new Float64Array(CAPACITY);
  /** Next byte expected, absolute, and the window offered with it, in bytes. */
  readonly acks = new Float64Array(CAPACITY);
  readonly windows = new Float64Array(CAPACITY);
  /** When each has left the port, and when it arrives: written by the port. */
  readonly departures = new Float64Array(CAPACITY);
  readonly arrivals = new Float64Array(CAPACITY);

  clear(): void {
    this.count = 0;
  }

  add(tick: Tick, ack: number, window: number): void {
    const i = this.count++;
    this.ticks[i] = tick;
    this.acks[i] = ack;
    this.windows[i] = window;
  }
}

/** A transmit side that takes runs of ACKs. */
export interface AckPort {
  /** Sending now makes nothing happen earlier than what is already scheduled: whoever receives has been told to look. */
  readonly quiet: boolean;
  /** Sends each of the run's packets, of `bytes` each, `delay` after it was handed over, and notes when it has left. The same as so many single ones; more than one only while `quiet`. */
  acknowledgeRun(run: AckRun, delay: Tick, bytes: number): void;
}
