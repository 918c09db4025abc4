import type { Simulator } from '../events/simulator.ts';
import { NEVER, type Tick } from '../events/time.ts';
import type { AckPort, AckRun } from '../hw/ack-run.ts';
import type { Departures } from '../hw/departures.ts';
import { COUNT, PAYLOAD, SEQ } from '../hw/frame.ts';
import type { I82574 } from '../hw/i82574.ts';
import { Link, type LinkParameters } from '../hw/link.ts';
import { Mailbox } from '../hw/mailbox.ts';
import type { OpenLoopSource } from '../load/replay-source.ts';

/** Busy share above which a machine may not have kept up. */
const SATURATED = 0.99;

/** What an open-loop run found that its validity hangs on, over the measurement window. */
export interface OpenLoopFindings {
  readonly end: Tick;
  readonly framesDropped: number;
  readonly outOfOrder: number;
  readonly utilisation: number;
}

/** The other end of the wire when a source that does not listen takes the place of the iperf client: what the machine sends leaves as ever, and nobody answers. */
export class OpenLoop implements AckPort {
  /** Nobody reacts to what the machine sends. */
  readonly silence = NEVER;
  private readonly link: Link;
  private readonly source: OpenLoopSource;
  /** Right edge of the window that the machine has offered. */
  private edge: number;
  private beyondWindow = 0;

  /** `offered`: bytes that the sender may send before the first ACK. */
  constructor(simulator: Simulator, parameters: LinkParameters, nic: I82574, source: OpenLoopSource, offered: number) {
    this.source = source;
    const sink: Mailbox = new Mailbox(() => sink.take(1));
    this.link = new Link(simulator, 'link/reverse', parameters, sink);
    this.edge = offered;
    source.start(simulator, (tick, words, offset) => {
      const last = words[offset + SEQ]! + Math.max(1, words[offset + COUNT]!) * words[offset + PAYLOAD]!; // a frame record
      if (last > this.edge) this.beyondWindow++;
      nic.receive(tick, words, offset);
    }, nic.receiveLatency);
  }

  /** See `Link.acknowledge`. */
  acknowledge(tick: Tick, bytes: number, ack: number, window: number, sackLow: number, sackHigh: number): Tick {
    if (ack + window > this.edge) this.edge = ack + window;
    return this.link.acknowledge(tick, bytes, ack, window, sackLow, sackHigh);
  }

  /** See `AckPort`. */
  acknowledgeRun(run: AckRun, delay: Tick, bytes: number, departures: Departures): void {
    for (let i = 0; i < run.count; i++) departures.add(this.acknowledge(run.first + i * run.spacing + delay, bytes, run.ackOf(i), run.windowOf(i), 0, 0), 0, 1);
  }

  /** Where the answer is not valid, since a sender that listens would have done something else. One line each. */
  warnings({ end, framesDropped, outOfOrder, utilisation }: OpenLoopFindings): string[] {
    const found = [...(this.source.warnings?.(end) ?? [])];
    if (framesDropped > 0) found.push(`open loop: ${framesDropped} frames were dropped and not sent again; a real sender would have slowed down, so utilisation and throughput are not valid`);
    else if (outOfOrder > 0) found.push(`open loop: ${outOfOrder} segments came out of order or did not fit into the socket buffer; a real sender would have answered, so utilisation and throughput are not exact`);
    if (utilisation > SATURATED) found.push('open loop: the machine is saturated; a real sender would have slowed down, so utilisation and throughput are not valid');
    if (this.beyondWindow > 0) found.push(`open loop: ${this.beyondWindow} frames were sent beyond the window this system offered; a real sender would have waited, so timing is not valid`);
    return found;
  }
}
