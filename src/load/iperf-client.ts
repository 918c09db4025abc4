import { Event } from '../events/event.ts';
import { Lane } from '../events/lane.ts';
import { Priority } from '../events/priority.ts';
import type { RandomStream, Streams } from '../events/random.ts';
import type { Simulator } from '../events/simulator.ts';
import { NS, type Tick } from '../events/time.ts';
import type { CostTable } from '../hw/cost.ts';
import { BYTES, FLAGS, FRAME_WORDS, PAYLOAD, SEQ, WINDOW, maxPayload, segmentBytes } from '../hw/frame.ts';
import type { Link } from '../hw/link.ts';
import { Mailbox } from '../hw/mailbox.ts';
import { EvenPacing } from './pacing/even.ts';
import { FqPacing } from './pacing/fq.ts';
import { OnOffPacing } from './pacing/on-off.ts';
import { tsoSegments, type Pacing, type PacingName } from './pacing/pacing.ts';
import { LINUX_SENDER } from './sender-parameters.ts';
import { TcpSender } from './tcp-sender.ts';

/** One iperf 3.1.3 client with one TCP stream. Times in ticks, sizes in bytes, rate in Mb/s of payload. */
export interface IperfClientParameters {
  readonly loadMbps: number;
  readonly pacing: PacingName;
  /** Most bytes in flight that the socket buffer allows. */
  readonly socketBufferBytes: number;
  /** Bytes the socket takes from the application before it is full (`onoff` only). */
  readonly socketQueueBytes: number;
  readonly blockBytes: number;
  readonly peerWindowBytes: number;
  readonly timestamps: boolean;
  /** Largest payload of a TSO packet (`fq` only). */
  readonly tsoBytes: number;
  /** TSO packets TCP may have in the host at a time (`fq` only). */
  readonly tsoQueuePackets: number;
  /** Header bytes a segment that the pacer counts (`fq` only). */
  readonly pacedHeaderBytes: number;
  /** Period of iperf's throttle timer (`onoff` only). */
  readonly throttlePeriod: Tick;
  /** Uniform lateness of the client's releases, [0, jitter). */
  readonly releaseJitter: Tick;
  /** From an ACK at the client's NIC to TCP: fixed part and uniform [0, jitter) part. ACKs that arrive meanwhile come along. */
  readonly ackDelay: Tick;
  readonly ackJitter: Tick;
  /** The first byte goes out at a uniform time in [0, startWindow) after `start`. */
  readonly startWindow: Tick;
}

/** The parameters of the table of numbers (`LOAD_COSTS`) for one load and pacing. */
export function clientParameters(costs: CostTable, loadMbps: number, pacing: PacingName): IperfClientParameters {
  const ticks = (id: string): Tick => Math.round(costs.value(id) * NS);
  return {
    loadMbps,
    pacing,
    socketBufferBytes: costs.value('load.sendWindow'),
    socketQueueBytes: costs.value('load.socketBytes'),
    blockBytes: costs.value('load.block'),
    peerWindowBytes: costs.value('load.peerWindow'),
    timestamps: true,
    tsoBytes: costs.value('load.tso'),
    tsoQueuePackets: costs.value('load.tsoQueue'),
    pacedHeaderBytes: costs.value('load.pacedHeader'),
    throttlePeriod: ticks('load.throttlePeriod'),
    releaseJitter: ticks('load.releaseJitter'),
    ackDelay: ticks('load.ackDelay'),
    ackJitter: ticks('load.ackJitter'),
    startWindow: ticks('load.startWindow'),
  };
}

export interface ClientCounters {
  readonly segmentsSent: number;
  readonly retransmissions: number;
  readonly timeouts: number;
  readonly fastRetransmits: number;
  readonly probes: number;
  readonly acksReceived: number;
  readonly bytesAcknowledged: number;
  readonly windowLimited: Tick;
}

/** The load generator at the other end of the wire: iperf client, TCP sender, pacing and the client's NIC in one. */
export class IperfClient {
  readonly parameters: IperfClientParameters;
  readonly sender: TcpSender;
  readonly pacing: Pacing;
  private readonly simulator: Simulator;
  private readonly link: Link;
  /** ACKs at the client's NIC, or on their way: what a link from the server delivers to. */
  readonly inbox: Mailbox;
  private readonly queue: FqPacing | null = null;
  private readonly acknowledgements: RandomStream;
  private readonly phases: RandomStream;
  private readonly begin: Event;
  private readonly reactions: Lane;
  private readonly frame = new Float64Array(FRAME_WORDS);
  private readonly headers: number;

  /** `link`: the direction from the client to the server. `oneByOne`: segments go through it singly, to the same effect. Streams used: `load.release`, `load.ack`, `load.start`. */
  constructor(simulator: Simulator, streams: Streams, parameters: IperfClientParameters, link: Link, oneByOne = false) {
    this.parameters = parameters;
    this.simulator = simulator;
    this.link = link;
    this.headers = segmentBytes(0, parameters.timestamps);
    // No payload comes back, so every segment acknowledges the same byte and offers the same window.
    this.frame[WINDOW] = 65_535;
    this.acknowledgements = streams.stream('load.ack');
    this.phases = streams.stream('load.start');
    this.sender = new TcpSender(
      simulator, 'client', { ...LINUX_SENDER, mss: maxPayload(parameters.timestamps), sendWindow: parameters.socketBufferBytes, peerWindow: parameters.peerWindowBytes },
      (tick, seq, length, flags, count) => {
        if (this.queue === null) this.put(tick, seq, length, flags, count);
        else this.queue.enqueue(seq, length, flags, count);
      },
      (tick) => this.pacing.resume(tick),
      !oneByOne,
    );
    const releases = streams.stream('load.release');
    const { loadMbps: rateMbps, releaseJitter: jitter } = parameters;
    switch (parameters.pacing) {
      case 'fq': {
        const burstSegments = tsoSegments(rateMbps, this.sender.parameters.mss, parameters.tsoBytes);
        this.queue = new FqPacing(
          simulator, 'client.fq', this.sender, { rateMbps, burstSegments, queuePackets: parameters.tsoQueuePackets, headerBytes: parameters.pacedHeaderBytes, jitter },
          (tick, seq, length, flags, count) => this.put(tick, seq, length, flags, count), releases,
        );
        this.pacing = this.queue;
        break;
      }
      case 'even':
        this.pacing = new EvenPacing(simulator, 'client.even', this.sender, { rateMbps, jitter }, releases);
        break;
      case 'onoff':
        this.pacing = new OnOffPacing(
          simulator, 'client.throttle', this.sender, { rateMbps, blockBytes: parameters.blockBytes, socketBytes: parameters.socketQueueBytes, period: parameters.throttlePeriod, jitter }, releases,
        );
        break;
    }
    this.begin = new Event('client.start', Priority.load, (tick) => this.pacing.start(tick));
    this.inbox = new Mailbox((arrival) => this.expect(arrival));
    this.reactions = new Lane(simulator, 'client.acks', Priority.load, 0, (tick) => this.react(tick));
  }

  /** Starts the test at `tick` plus the random phase. */
  start(tick: Tick): void {
    this.simulator.schedule(this.begin, tick + Math.floor(this.parameters.startWindow * this.phases.uniform()));
  }

  /** A frame of the reverse direction has reached the client's NIC. */
  receive(tick: Tick, words: Float64Array, offset: number): void {
    this.inbox.put(tick, words, offset);
  }

  counters(): ClientCounters {
    const { segmentsSent, retransmissions, timeouts, fastRetransmits, probes, acksReceived, una, windowLimited } = this.sender;
    return { segmentsSent, retransmissions, timeouts, fastRetransmits, probes, acksReceived, bytesAcknowledged: una, windowLimited };
  }

  /** The first ACK since TCP last looked arrives at `arrival`: TCP looks after the client's interrupt latency. */
  private expect(arrival: Tick): void {
    const { ackDelay, ackJitter } = this.parameters;
    this.reactions.push(arrival + ackDelay + (ackJitter === 0 ? 0 : Math.floor(ackJitter * this.acknowledgements.uniform())));
  }

  /** TCP takes the ACKs one by one and may answer each, as Linux does; those that the pacing would not answer in one go. */
  private react(tick: Tick): void {
    const { inbox, sender, pacing } = this;
    // What TCP sends now is answered later, so none is added meanwhile.
    while (sender.take(tick, inbox, pacing.wanted(tick))) pacing.resume(tick);
    // One sent while the box was not empty has not been announced.
    if (!inbox.empty) this.expect(inbox.oldest.first);
  }

  private put(tick: Tick, seq: number, length: number, flags: number, count: number): Tick {
    const { frame } = this;
    frame[BYTES] = this.headers + length;
    frame[SEQ] = seq;
    frame[PAYLOAD] = length;
    frame[FLAGS] = flags;
    return this.link.sendRun(tick, frame, 0, count);
  }
}
