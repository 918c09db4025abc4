import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import type { Departures } from './departures.ts';

/**
 * Pure ACKs that a host hands to its NIC one after the other, with nothing in between that anybody could see: ACK i of `count` is handed over at first + i * spacing and acknowledges
 * up to ack + i * step. The right edge of the window stays where it is, so what each offers is `edge` less what it acknowledges, told in whole units.
 */
export class AckRun {
  count = 0;
  first: Tick = ZERO;
  spacing: Tick = ZERO;
  /** Next byte expected, absolute, and how much further each one after the first is. */
  ack = ZERO;
  step = ZERO;
  /** Right edge of the window, absolute, and the unit that windows are told in, bytes. */
  edge = ZERO;
  unit = ZERO;

  set(count: number, first: Tick, spacing: Tick, ack: number, step: number, edge: number, unit: number): void {
    this.count = count;
    this.first = first;
    this.spacing = spacing;
    this.ack = ack;
    this.step = step;
    this.edge = edge;
    this.unit = unit;
  }

  /** What ACK i acknowledges. */
  ackOf(i: number): number {
    return this.ack + i * this.step;
  }

  /** The window that ACK i offers, bytes. */
  windowOf(i: number): number {
    return offered(this.edge, this.ackOf(i), this.unit);
  }
}

/** The window from `ack` to `edge` as a header tells it: whole units. */
export function offered(edge: number, ack: number, unit: number): number {
  return Math.floor((edge - ack) / unit) * unit;
}

/** A transmit side that takes runs of ACKs. */
export interface AckPort {
  /** How long after a packet is sent somebody notices at the earliest that whoever receives it looks. NEVER where that is scheduled already. */
  readonly silence: Tick;
  /** Sends each of the run's packets, of `bytes` each, `delay` after it was handed over, and notes when it has left. The same as so many single ones; the run takes less than `delay` and `silence`. */
  acknowledgeRun(run: AckRun, delay: Tick, bytes: number, departures: Departures): void;
}
