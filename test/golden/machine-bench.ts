import { Event } from '../../src/events/event.ts';
import { Priority } from '../../src/events/priority.ts';
import { RandomStream, Streams } from '../../src/events/random.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { MS, type Tick } from '../../src/events/time.ts';
import type { CostTable } from '../../src/hw/cost.ts';
import { BYTES, COUNT, FRAME_WORDS, PAYLOAD, segmentBytes, SEQ, SPACING } from '../../src/hw/frame.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { buildMachine, type Machine } from '../../src/study/machine.ts';
import type { System } from '../../src/study/system.ts';

/** A stream that always gives the same integer. */
class Constant extends RandomStream {
  readonly value: number;

  constructor(value: number) {
    super('constant');
    this.value = value;
  }

  override integer(): number {
    return this.value;
  }
}

/** The kernel ticks at 1, 3, 5 ... ms and the first hardclock is due at 10 ms: they never meet. */
export class Phases extends Streams {
  constructor() {
    super(0, 0);
  }

  override stream(name: string): RandomStream {
    return new Constant(name === 'phase.hardclock' ? 10 * MS : MS);
  }
}

/** How long a transmitted frame takes from the NIC's port. */
const PORT_TIME = 720_000;

/** A whole machine without a network: frames arrive when the test says so, ACKs are written down. */
export class MachineBench {
  readonly simulator = new Simulator();
  readonly machine: Machine;
  readonly acks: { readonly tick: Tick; readonly ack: number; readonly window: number }[] = [];
  private readonly words = new Float64Array(FRAME_WORDS);
  private seq = 0;
  private portFree: Tick = 0;

  constructor(system: System, streams: Streams = new Phases(), costs: CostTable = defaultCosts()) {
    this.machine = buildMachine(system, costs, this.simulator, streams, (tick, _bytes, ack, window) => {
      this.acks.push({ tick, ack, window });
      this.portFree = Math.max(tick, this.portFree) + PORT_TIME;
      return this.portFree;
    });
  }

  at(tick: Tick, act: () => void, priority: number = Priority.load): void {
    this.simulator.schedule(new Event(`test@${tick}`, priority, act), tick);
  }

  /** Frames that follow one another in the stream, the first one's DMA complete at `tick`; as a run, or one by one. */
  frames(tick: Tick, count = 1, spacing: Tick = 0, asRun = false, payload = 1448): void {
    const { seq } = this;
    this.seq += count * payload;
    if (asRun) {
      this.at(tick, () => this.receive(tick, seq, payload, count, spacing), Priority.wire);
      return;
    }
    for (let i = 0; i < count; i++) this.at(tick + i * spacing, () => this.receive(tick + i * spacing, seq + i * payload, payload, 1, 0), Priority.wire);
  }

  /** Runs until `tick`. */
  run(tick: Tick): void {
    this.at(tick, () => {
      this.machine.core.stopped = true;
    }, Priority.boundary);
    this.machine.run();
  }

  count(name: string): number {
    const { names, values } = this.machine.counters;
    return values[names.indexOf(name)] ?? NaN;
  }

  private receive(tick: Tick, seq: number, payload: number, count: number, spacing: Tick): void {
    const { words } = this;
    words[BYTES] = segmentBytes(payload);
    words[SEQ] = seq;
    words[PAYLOAD] = payload;
    words[COUNT] = count;
    words[SPACING] = spacing;
    this.machine.nic.receive(tick, words, 0);
  }
}
