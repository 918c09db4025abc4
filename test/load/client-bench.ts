import { Streams } from '../../src/events/random.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { US, type Tick } from '../../src/events/time.ts';
import { CostTable } from '../../src/hw/cost.ts';
import { PAYLOAD, SEQ } from '../../src/hw/frame.ts';
import { LINK_COSTS, Link, linkParameters } from '../../src/hw/link.ts';
import { IperfClient, clientParameters, type IperfClientParameters } from '../../src/load/iperf-client.ts';
import { LOAD_COSTS } from '../../src/load/load-costs.ts';
import type { PacingName } from '../../src/load/pacing/pacing.ts';
import { StreamReceiver, type ReceiverSettings } from './stream-receiver.ts';

export interface ClientBenchOptions {
  readonly client?: Partial<IperfClientParameters>;
  readonly receiver?: Partial<ReceiverSettings>;
  readonly seed?: number;
  readonly run?: number;
  /** From a frame's arrival to its ACK at the port. */
  readonly think?: Tick;
  /** Data frame `index` is lost on its way. */
  readonly lose?: (index: number) => boolean;
}

export interface Burst {
  readonly tick: Tick;
  readonly frames: number;
}

const costs = new CostTable([...LINK_COSTS, ...LOAD_COSTS]);
const FRAME_TICKS = 12_304_000;

/** A client, both directions of the path and a receiver that keeps up; records every data frame's arrival. */
export class ClientBench {
  readonly simulator = new Simulator();
  readonly client: IperfClient;
  readonly receiver: StreamReceiver;
  readonly forward: Link;
  /** Arrival and payload of each data frame, and when each ACK reached the client's NIC. */
  readonly ticks: Tick[] = [];
  readonly payloads: number[] = [];
  readonly ackTicks: Tick[] = [];
  bytes = 0;

  constructor(loadMbps: number, pacing: PacingName, options: ClientBenchOptions = {}) {
    const { simulator } = this;
    const think = options.think ?? 100 * US;
    const reverse = new Link(simulator, 'reverse', linkParameters(costs), (tick, words, offset) => {
      this.ackTicks.push(tick);
      this.client.receive(tick, words, offset);
    });
    this.receiver = new StreamReceiver(simulator, { window: 262_144, every: 2, sack: true, ...options.receiver }, (tick, ack, window, low, high) => {
      reverse.acknowledge(tick + think, high > 0 ? 78 : 66, ack, window, low, high);
    });
    let index = 0;
    this.forward = new Link(simulator, 'forward', linkParameters(costs), (tick, words, offset) => {
      if (options.lose?.(index++) === true) return;
      this.ticks.push(tick);
      const payload = words[offset + PAYLOAD] ?? 0;
      this.payloads.push(payload);
      this.bytes += payload;
      this.receiver.receive(tick, words[offset + SEQ] ?? 0, payload);
    });
    const parameters = { ...clientParameters(costs, loadMbps, pacing), startWindow: 0, socketBufferBytes: 195_480, ...options.client };
    this.client = new IperfClient(simulator, new Streams(options.seed ?? 1, options.run ?? 0), parameters, this.forward);
    this.client.start(0);
  }

  /** Frames that followed each other at line rate, from `from` on. */
  bursts(from: Tick): Burst[] {
    const bursts: { tick: Tick; frames: number }[] = [];
    let last = -Infinity;
    for (const tick of this.ticks) {
      if (tick >= from) {
        const current = bursts.at(-1);
        if (current !== undefined && tick - last === FRAME_TICKS) current.frames++;
        else bursts.push({ tick, frames: 1 });
      }
      last = tick;
    }
    return bursts;
  }
}
