import { LatencyHistogram } from '../../../src/anykernel/latency.ts';
import { Event } from '../../../src/events/event.ts';
import { Priority } from '../../../src/events/priority.ts';
import { Simulator } from '../../../src/events/simulator.ts';
import { US, type Tick } from '../../../src/events/time.ts';
import { FRAME_WORDS, BYTES, COUNT, PAYLOAD, SEQ, SPACING } from '../../../src/hw/frame.ts';
import type { NicSettings } from '../../../src/hw/i82574.ts';
import { JIFFY, type LinuxKernel } from '../../../src/kernel/linux/kernel.ts';
import { buildLinux, type LinuxSettings } from '../../../src/kernel/linux/linux.ts';
import { type Board, buildBoard, NIC_TX_VECTOR } from '../../../src/study/board.ts';
import { defaultCosts } from '../../../src/study/cost-tables.ts';
import { pathsOf } from '../../../src/study/paths.ts';
import { SYSTEMS } from '../../../src/study/system.ts';

export const PAYLOAD_BYTES = 1448;
/** 1,538 bytes of wire at 1 Gb/s. */
export const LINE_SPACING: Tick = 12_304_000;

export interface SentAck {
  readonly tick: Tick;
  readonly ack: number;
  readonly window: number;
}

/** Linux with frames that the test puts into its NIC, and its ACKs in a list. */
export class LinuxBench {
  readonly simulator = new Simulator();
  readonly acks: SentAck[] = [];
  readonly board: Board;
  readonly kernel: LinuxKernel;
  private seq = 0;

  constructor(settings: LinuxSettings = { throttle: 'adaptive', sleep: 'c1' }, nic: Partial<NicSettings> = {}) {
    const preset = SYSTEMS.find(({ name }) => name === 'linux');
    if (preset === undefined) throw new Error('no preset linux');
    const system = { ...preset, nic: { ...preset.nic, ...nic } };
    const board = buildBoard(system, pathsOf(system, defaultCosts()), this.simulator, (tick, _bytes, ack, window) => {
      this.acks.push({ tick, ack, window });
      return tick + 1 * US;
    });
    this.board = board;
    if (board.msix === null) throw new Error('the preset has no MSI-X');
    this.kernel = buildLinux(
      { ...board, route: board.nicSource.route, vectors: { receive: board.nicSource.number, transmit: NIC_TX_VECTOR, timer: 0xef }, causes: board.msix },
      settings, { segmentBytes: PAYLOAD_BYTES, bufferBytes: system.socket.bufferBytes, windowScale: system.socket.windowScale }, system.socket.blockBytes, JIFFY, new LatencyHistogram(),
    );
    board.core.powerOn();
  }

  /** `count` full frames, the first at `tick`, at line rate unless told otherwise. */
  burst(tick: Tick, count: number, spacing: Tick = LINE_SPACING): void {
    const words = new Float64Array(FRAME_WORDS);
    words[BYTES] = PAYLOAD_BYTES + 66;
    words[PAYLOAD] = PAYLOAD_BYTES;
    words[SEQ] = this.seq;
    words[COUNT] = count;
    words[SPACING] = spacing;
    this.seq += count * PAYLOAD_BYTES;
    this.at(tick, () => this.board.nic.receive(tick, words, 0), Priority.wire);
  }

  at(tick: Tick, act: () => void, priority: number = Priority.load): void {
    this.simulator.schedule(new Event('test', priority, act), tick);
  }

  /** Runs until `tick`. */
  run(tick: Tick): void {
    this.at(tick, () => {
      this.board.core.settle(tick);
      this.board.core.stopped = true;
    }, Priority.boundary);
    this.kernel.run();
  }

  count(name: string): number {
    const { counters } = this.board;
    return counters.values[counters.names.indexOf(name)] ?? Number.NaN;
  }
}
