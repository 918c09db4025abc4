import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import { Streams } from '../events/random.ts';
import { Simulator } from '../events/simulator.ts';
import { NS, type Tick, US } from '../events/time.ts';
import { ENTRY_NAMES, entryIndex, type EntryName, type EntryTally } from '../kernel/sel4/tally.ts';
import { type FrameColumns, ReplaySource } from '../load/replay-source.ts';
import { icountCosts, RECORDED_SEGMENT } from './icount-costs.ts';
import { DEFAULT_PIECES } from './icount-pieces.ts';
import { buildMachine, type Machine } from './machine.ts';
import type { ClockRates, System } from './system.ts';

/** What a prediction is given of a recording of the 2023 platform under an instruction-counting emulator: the frames that came in, and how the machine was set up. Plain data. */
export interface RecordedInput {
  readonly controller: 'pic' | 'ioapic' | 'msi';
  readonly timer: 'pit' | 'hpet';
  readonly nsPerInstruction: number;
  /** ITR as the driver writes it, units of 256 ns. */
  readonly itr: number;
  /** Receive descriptors; the recorded driver spends two on a frame. */
  readonly descriptors: number;
  /** SO_RCVBUF of the server, bytes. */
  readonly receiveBuffer: number;
  /** Nanoseconds: the part that is counted. What lies before it warms the machine up. */
  readonly window: { readonly from: number; readonly to: number };
  /** Frames into the machine, in order of time. `t`: nanoseconds, rounded down to a microsecond by the capture; `offset`: place of the payload in the stream. */
  readonly frames: { readonly t: Float64Array; readonly bytes: Float64Array; readonly payload: Float64Array; readonly offset: Float64Array };
  /** Instructions by piece (icount-pieces.ts); the published value of each that is left out. */
  readonly pieces?: Readonly<Record<string, number>>;
  /** Chooses the phases of the kernel's tick and of the rump kernel's clock, which the wire does not tell; 1 when left out. */
  readonly seed?: number;
}

/** Kernel entries of one name over the window. */
export interface EntryCount {
  readonly entries: number;
  readonly instructions: number;
}

/** What the model says of the window; counts and instructions are of the whole of it. */
export interface RecordedOutput {
  readonly entries: Readonly<Record<EntryName, EntryCount>>;
  /** Counters of the machine: `mmio.nic.read` (ICR reads), `mmio.nic.write`, `mmio.hpet.read`, `mmio.ioapic.write`, `mmio.lapic.write`, `port.read`, `port.write`, `bmk.switches`, `frames.in`, `tcp.acks`, ... */
  readonly counters: Readonly<Record<string, number>>;
  readonly kernelInstructions: number;
  readonly rumpInstructions: number;
  readonly rootInstructions: number;
  readonly busyShare: number;
  readonly seconds: number;
  /** Frames without TCP payload, which the model does not replay. */
  readonly framesLeftOut: number;
}

/** Half of the capture's resolution: where in its microsecond a frame came is not known. */
const MIDDLE = US / 2;
const DESCRIPTORS_A_FRAME = 2;
/** The recorded kernel was told 1,001 MHz for a TSC of 1,000 MHz (README of the recordings, deviation from stock): the rump kernel's clock is slow by a thousandth. */
const RUMP_CLOCK = 1.001;
/**
 * With the PIT the root task's clock is the TSC too, and slower than the rump kernel's by some 105 millionths: a timeout that the rump kernel asks for again and again comes earlier and earlier, and
 * when it is 1 us early it is set again, between 9.51 and 9.69 ms after it was first set. Why the clocks differ is not known; the number is fitted to how often the timer is set in the
 * recordings pic-pit with traffic, all of 2026-11-21.
 */
const ROOT_CLOCK_PIT = 1.001 * (1 + 1 / 9560);

function recordedClocks(timer: RecordedInput['timer']): ClockRates {
  return { rump: RUMP_CLOCK, root: timer === 'pit' ? ROOT_CLOCK_PIT : 1 };
}

/** The composition that a recording is of: sel4-2023 with the emulator's NIC. */
export function recordedSystem({ controller, timer, itr, descriptors, receiveBuffer }: RecordedInput): System {
  return {
    name: `sel4-2023-${controller}`, title: 'recorded system', kernel: 'sel4', platform: '2023-rpc', controller, timer, hpetDelivery: 'ioapic',
    // The driver sets all five timers to one time; the receive delays do not hold back frames that carry an ACK (RAID is 0).
    nic: { rxDescriptors: Math.floor(descriptors / DESCRIPTORS_A_FRAME), itr, rdtr: 0, radv: 0, tidv: Math.floor(itr / 4), tadv: Math.floor(itr / 4), rxBufferBytes: 20480, emulated: controller === 'msi' ? 'message' : 'line' },
    // The buffer is rounded up to whole segments (tcp_input.c); it grows by itself only for a peer with timestamps.
    socket: { bufferBytes: Math.ceil(receiveBuffer / RECORDED_SEGMENT) * RECORDED_SEGMENT, autosize: false, windowScale: 0, blockBytes: 1024, segmentBytes: RECORDED_SEGMENT },
    clocks: recordedClocks(timer),
  };
}

/** Simulates the recorded system in instruction time, from what came in on the wire alone. @throws CostError for a piece that is not a number of instructions. */
export function simulateRecording(input: RecordedInput, attach: (machine: Machine) => void = () => {}): RecordedOutput {
  const simulator = new Simulator();
  const pieces = new Map([...DEFAULT_PIECES.map(({ id, value }) => [id, value] as const), ...Object.entries(input.pieces ?? {})]);
  const machine = buildMachine(recordedSystem(input), icountCosts(input.nsPerInstruction, pieces), simulator, new Streams(input.seed ?? 1, 0), (tick) => tick);
  const { columns, leftOut } = dataFrames(input);
  const source = new ReplaySource(simulator, 'wire', columns, (tick, words, offset) => machine.nic.receive(tick, words, offset));
  source.start();
  const window = measure(machine, Math.round(input.window.from * NS), Math.round(input.window.to * NS));
  attach(machine);
  machine.run();
  return { ...window(input.nsPerInstruction), framesLeftOut: leftOut };
}

function entryCounts(count: (name: EntryName) => EntryCount): Record<EntryName, EntryCount> {
  const counts: Partial<Record<EntryName, EntryCount>> = {};
  for (const name of ENTRY_NAMES) counts[name] = count(name);
  return counts as Record<EntryName, EntryCount>; // every name has been set
}

function dataFrames({ frames }: RecordedInput): { columns: FrameColumns; leftOut: number } {
  const rows = [...frames.payload.keys()].filter((row) => (frames.payload[row] ?? 0) > 0);
  const column = (values: Float64Array): Float64Array => Float64Array.from(rows, (row) => values[row] ?? 0);
  const first = frames.offset[rows[0] ?? 0] ?? 0;
  return {
    columns: {
      ticks: column(frames.t).map((ns) => Math.round(ns * NS) + MIDDLE), bytes: column(frames.bytes), payload: column(frames.payload), seq: column(frames.offset).map((offset) => offset - first),
    },
    leftOut: frames.payload.length - rows.length,
  };
}

interface Snapshot {
  readonly ledger: { readonly ticks: Float64Array; readonly idle: Tick };
  readonly counters: Float64Array;
  readonly tally: EntryTally;
}

function measure({ core, counters, nic, simulator, tally }: Machine, from: Tick, to: Tick): (nsPerInstruction: number) => Omit<RecordedOutput, 'framesLeftOut'> {
  if (tally === undefined) throw new Error('only the platform of 2023 counts its kernel entries by name');
  const take = (tick: Tick): Snapshot => {
    core.settle(tick);
    nic.sync(tick - 1);
    return { ledger: core.ledger.snapshot(), counters: counters.values.slice(), tally: tally.snapshot() };
  };
  let before = take(0);
  let after = before;
  simulator.schedule(new Event('window/begin', Priority.boundary, (tick) => {
    before = take(tick);
  }), from);
  simulator.schedule(new Event('window/end', Priority.boundary, (tick) => {
    after = take(tick);
    core.stopped = true;
  }), to);
  return (nsPerInstruction) => {
    const instruction = nsPerInstruction * NS;
    const spent = { kernel: 0, rump: 0, root: 0 };
    const { ledger } = core;
    ledger.contexts.forEach((name, context) => {
      const who = name.startsWith('kernel:') ? 'kernel' : name.startsWith('root') ? 'root' : 'rump';
      for (let path = 0; path < ledger.width; path++) {
        const index = context * ledger.width + path;
        spent[who] += (after.ledger.ticks[index] ?? 0) - (before.ledger.ticks[index] ?? 0);
      }
    });
    const difference = (read: (snapshot: Snapshot) => number | undefined): number => (read(after) ?? 0) - (read(before) ?? 0);
    return {
      entries: entryCounts((name) => {
        const index = entryIndex(name);
        return { entries: difference(({ tally }) => tally.entries[index]), instructions: difference(({ tally }) => tally.ticks[index]) / instruction };
      }),
      counters: Object.fromEntries(counters.names.map((name, index) => [name, (after.counters[index] ?? 0) - (before.counters[index] ?? 0)])),
      kernelInstructions: spent.kernel / instruction,
      rumpInstructions: spent.rump / instruction,
      rootInstructions: spent.root / instruction,
      busyShare: 1 - (after.ledger.idle - before.ledger.idle) / (to - from),
      seconds: (to - from) / 1e12,
    };
  };
}
