import type { Simulator } from '../events/simulator.ts';
import type { Tick } from '../events/time.ts';
import type { Core } from '../hw/core.ts';
import type { I82574 } from '../hw/i82574.ts';
import { type Probe, ProbeEvent, type ProbeEventCode } from '../hw/probe.ts';
import { HardwareColumn, TRACE_FORMATS } from './format.ts';
import { RowQueue } from './row-queue.ts';
import type { TraceSink } from './sink.ts';

/** What a row holds beside its time: event, device, address, value. */
const WORDS = 4;
const NIC = 'nic';

/** What a recorder needs of a machine. */
export interface Recordable {
  readonly simulator: Simulator;
  readonly core: Core;
  readonly nic: I82574;
}

/** Writes hardware events in time order. DMA is told late (the NIC counts arrivals when somebody looks), so the rest waits for it. */
export class HardwareRecorder implements Probe {
  private readonly sink: TraceSink;
  private readonly machine: Recordable;
  private readonly end: Tick;
  private readonly devices = new Map<string, number>();
  private readonly ring: number;
  private readonly dma = new RowQueue(WORDS);
  private readonly others = new RowQueue(WORDS);

  /** Rows before `end` are written, what happens at it or later is not. */
  constructor(sink: TraceSink, machine: Recordable, end: Tick) {
    this.sink = sink;
    this.machine = machine;
    this.end = end;
    this.ring = machine.nic.settings.rxDescriptors;
    TRACE_FORMATS.hardware.dictionaries['device']?.forEach(({ name }, code) => this.devices.set(name, code));
  }

  event(code: ProbeEventCode, device: string, address: number, value: number): void {
    const { core, simulator, nic } = this.machine;
    // While events fire the core's time stands at what it began last; while software runs it is ahead of the last event.
    const now = Math.max(core.now, simulator.now);
    this.push(this.others, now, code, device, address, value);
    this.writeBefore(Math.min(now, nic.nextArrival()));
  }

  frames(first: Tick, spacing: Tick, count: number, bytes: number, frame: number): void {
    for (let i = 0; i < count; i++) this.push(this.dma, first + i * spacing, ProbeEvent.dmaWrite, NIC, (frame + i) % this.ring, bytes);
  }

  /** The run is over: writes what waits. */
  finish(): void {
    this.machine.nic.sync(this.end - 1);
    this.writeBefore(this.end);
  }

  private push(queue: RowQueue, tick: Tick, code: ProbeEventCode, device: string, address: number, value: number): void {
    const number = this.devices.get(device);
    if (number === undefined) throw new RangeError(`the hardware trace knows no device ${device}`);
    const row = queue.push(tick);
    const { words } = queue;
    words[row] = code;
    words[row + 1] = number;
    words[row + 2] = address;
    words[row + 3] = value;
  }

  private writeBefore(bound: Tick): void {
    const limit = Math.min(bound, this.end);
    const { dma, others } = this;
    for (;;) {
      const dmaTick = dma.headTick;
      const tick = Math.min(dmaTick, others.headTick);
      if (tick >= limit) return;
      // Bytes are in memory before anything of the same tick announces them.
      const queue = dmaTick === tick ? dma : others;
      const offset = queue.shift();
      const row = this.sink.row(tick);
      const { columns } = this.sink;
      columns[HardwareColumn.kind]![row] = queue.words[offset]!; // the hardware format has these columns, here and below
      columns[HardwareColumn.device]![row] = queue.words[offset + 1]!;
      columns[HardwareColumn.address]![row] = queue.words[offset + 2]!;
      columns[HardwareColumn.value]![row] = queue.words[offset + 3]!;
    }
  }
}
