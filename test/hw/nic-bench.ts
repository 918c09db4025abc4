import type { Tick } from '../../src/events/time.ts';
import { BYTES, COUNT, FRAME_WORDS, PAYLOAD, SEQ, SPACING } from '../../src/hw/frame.ts';
import { I82574, type NicSettings } from '../../src/hw/i82574.ts';
import { ICR_RXDMT0, ICR_RXO, ICR_RXT0, ICR_TXDW } from '../../src/hw/interrupt-causes.ts';
import { Bench } from './bench.ts';

/** A unit of the delay timers and of ITR, and what the bench's costs say of DMA. */
export const DELAY_UNIT: Tick = 1_024_000;
export const ITR_UNIT: Tick = 256_000;
export const DMA: Tick = 500_000;
export const FETCH: Tick = 1_200_000;

export const OFF: NicSettings = { rxDescriptors: 256, itr: 0, rdtr: 0, radv: 0, tidv: 0, tadv: 0, rxBufferBytes: 20_480 };

/** An 82574L whose interrupts are written down. Frames come and software acts when the test says so. */
export class NicBench extends Bench {
  /** When the interrupt was asserted and when it was taken back. */
  readonly raised: Tick[] = [];
  readonly lowered: Tick[] = [];
  /** Transmitted: when the NIC had the data, and what it was told to send. */
  readonly transmitted: (readonly [tick: Tick, bytes: number, ack: number, window: number])[] = [];
  readonly nic: I82574;
  private readonly words = new Float64Array(FRAME_WORDS);
  private seq = 0;

  /** `port(tick)`: when a frame handed over at `tick` has left. */
  constructor(settings: Partial<NicSettings> = {}, port: (tick: Tick) => Tick = (tick) => tick) {
    super();
    const output = {
      raise: (tick: Tick) => this.raised.push(tick),
      lower: () => this.lowered.push(this.simulator.now),
    };
    this.nic = new I82574(this.core, this.simulator, this.counters, this.paths, { ...OFF, ...settings }, output, (tick, bytes, ack, window) => {
      this.transmitted.push([tick, bytes, ack, window]);
      return port(tick);
    });
    this.core.powerOn();
    this.nic.enable(ICR_TXDW | ICR_RXDMT0 | ICR_RXO | ICR_RXT0);
  }

  /** Frames whose DMA completes at these ticks. */
  frames(...ticks: Tick[]): void {
    for (const tick of ticks) this.burst(tick, 1, 0);
  }

  /** A run of frames, the first one's DMA complete at `tick`. */
  burst(tick: Tick, count: number, spacing: Tick, bytes = 1514): void {
    const { seq } = this;
    this.seq += count * 1448;
    this.at(tick, () => this.nic.receive(tick, this.record(seq, count, spacing, bytes), 0), 20);
  }

  /** The same, announced at `at`. */
  announce(at: Tick, tick: Tick, count: number, spacing: Tick, bytes = 1514): void {
    const { seq } = this;
    this.seq += count * 1448;
    this.at(at, () => this.nic.expect(tick, spacing, count, this.record(seq, count, spacing, bytes), 0), 50);
  }

  private record(seq: number, count: number, spacing: Tick, bytes: number): Float64Array {
    const { words } = this;
    words[BYTES] = bytes;
    words[PAYLOAD] = 1448;
    words[SEQ] = seq;
    words[COUNT] = count;
    words[SPACING] = spacing;
    return words;
  }

  /** Time goes on to `tick`, and software acts there. */
  software<Result>(tick: Tick, act: () => Result): Result {
    this.simulator.run(tick);
    this.core.now = tick;
    this.nic.sync(tick);
    return act();
  }

  readCause(tick: Tick): number {
    return this.software(tick, () => this.nic.readCause());
  }

  /** The driver takes up to `count` frames that are there and gives their descriptors back. Returns how many. */
  take(tick: Tick, count = Infinity): number {
    return this.software(tick, () => {
      const frames = Math.min(count, this.nic.received - this.nic.taken);
      this.nic.taken += frames;
      if (frames > 0) this.nic.writeReceiveTail(frames);
      return frames;
    });
  }

  transmit(tick: Tick, ack = 0, window = 0): void {
    this.software(tick, () => this.nic.writeTransmitTail(66, ack, window, 0, 0));
  }
}
