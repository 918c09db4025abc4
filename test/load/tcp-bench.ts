import { Lane } from '../../src/events/lane.ts';
import { Priority } from '../../src/events/priority.ts';
import { Simulator } from '../../src/events/simulator.ts';
import type { Tick } from '../../src/events/time.ts';
import { FLAG_RETRANSMIT } from '../../src/hw/frame.ts';
import { LINUX_SENDER, type TcpSenderParameters } from '../../src/load/sender-parameters.ts';
import { TcpSender } from '../../src/load/tcp-sender.ts';
import { StreamReceiver, type ReceiverSettings } from './stream-receiver.ts';

export interface Sent {
  readonly tick: Tick;
  readonly seq: number;
  readonly length: number;
  readonly flags: number;
}

export interface BenchOptions {
  readonly sender?: Partial<TcpSenderParameters>;
  readonly receiver?: Partial<ReceiverSettings>;
  /** One-way delay in ticks. */
  readonly delay: Tick;
  /** Whether data segment `index` (in order of sending) is lost. */
  readonly loseData?: (index: number, segment: Sent) => boolean;
  readonly loseAck?: (index: number) => boolean;
}

/** `push` may replace `words`, so it comes first. */
function append(lane: Lane, tick: Tick, words: readonly number[]): void {
  const offset = lane.push(tick);
  lane.words.set(words, offset);
}

/** A sender that sends whatever its windows allow, over a path of fixed delay and infinite rate, to a receiver that reads at once. */
export class TcpBench {
  readonly simulator = new Simulator();
  readonly sender: TcpSender;
  readonly receiver: StreamReceiver;
  readonly sent: Sent[] = [];
  /** Most bytes ever in flight, and the highest byte sent beyond what was allowed (0: never). */
  inFlight = 0;

  constructor(options: BenchOptions) {
    const { simulator, sent } = this;
    const { delay } = options;
    const settings: ReceiverSettings = { window: 65_535, every: 2, sack: true, ...options.receiver };
    const data = new Lane(simulator, 'data', Priority.wire, 2, (tick, o) => this.receiver.receive(tick, data.words[o] ?? 0, data.words[o + 1] ?? 0));
    const acks = new Lane(simulator, 'acks', Priority.wire, 4, (tick, o) => {
      const [ack, window, low, high] = acks.words.subarray(o, o + 4);
      this.sender.acknowledge(tick, ack ?? 0, window ?? 0, low ?? 0, high ?? 0);
      this.send(tick);
    });
    let ackIndex = 0;
    this.receiver = new StreamReceiver(simulator, settings, (tick, ...words) => {
      if (options.loseAck?.(ackIndex++) !== true) append(acks, tick + delay, words);
    });
    this.sender = new TcpSender(
      simulator, 'test', { ...LINUX_SENDER, peerWindow: settings.window, ...options.sender },
      (tick, seq, length, flags) => {
        const segment = { tick, seq, length, flags };
        const lost = options.loseData?.(sent.length, segment) === true;
        sent.push(segment);
        if (!lost) append(data, tick + delay, [seq, length]);
      },
      (tick) => this.send(tick),
    );
  }

  /** The application writes `bytes` at `tick`. */
  write(tick: Tick, bytes: number): void {
    this.sender.offer(bytes);
    this.send(tick);
  }

  send(tick: Tick): void {
    this.sender.send(tick, Infinity);
    this.inFlight = Math.max(this.inFlight, this.sender.nxt - this.sender.una);
  }

  /** Ticks at which segments were sent again. */
  get repeats(): Tick[] {
    return this.sent.filter(({ flags }) => (flags & FLAG_RETRANSMIT) !== 0).map(({ tick }) => tick);
  }
}
