import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import { secondsToTicks, type Tick, US } from '../events/time.ts';
import type { Cost, CostTable } from '../hw/cost.ts';
import type { PathTable } from '../hw/path.ts';
import { IDLE_NAME } from '../trace/format.ts';
import { HardwareRecorder } from '../trace/hardware-recorder.ts';
import { LedgerRecorder } from '../trace/ledger-recorder.ts';
import { MemorySink, type MemoryTrace } from '../trace/memory-sink.ts';
import { SIMULATED_CLOCK, type TraceOrigin } from '../trace/metadata.ts';
import { type Scenario, simulate } from './simulate.ts';
import { UserError } from './user-error.ts';

/** A priced step of a path. */
export interface TimelineStep {
  readonly label: string;
  readonly times: number;
  /** Price of one run of the path's step, nanoseconds. */
  readonly ns: number;
  /** The number it is priced by; with a step in instructions goes the cycles that one takes. */
  readonly costs: readonly Cost[];
}

/** A path, with what one run of it costs where that does not depend on data. */
export interface TimelinePath {
  readonly ns: number;
  readonly steps: readonly TimelineStep[];
}

/** A stretch of the processor's time in one context on one path. Times in microseconds from the first frame's last bit on the wire. */
export interface TimelineSlice {
  readonly context: string;
  readonly path: string;
  readonly from: number;
  readonly to: number;
  /** Runs of the path that came to their end in it. */
  readonly count: number;
}

/** Something that a device did or was told. `kind` and `device` as in a hardware trace, and `wire`: the last bit of a frame is in at the NIC's port. */
export interface TimelineEvent {
  readonly at: number;
  readonly kind: string;
  readonly device: string;
  readonly address: number;
  readonly value: number;
}

/** One interrupt of the NIC, from the first frame that led to it until the processor idles again. */
export interface InterruptTimeline {
  readonly slices: readonly TimelineSlice[];
  readonly events: readonly TimelineEvent[];
  readonly paths: Readonly<Record<string, TimelinePath>>;
  /** Frames that were in memory when the NIC raised it. */
  readonly frames: number;
  /** Microseconds from the first frame on the wire: the NIC raises the interrupt; the core takes it; the last read() that it led to returns; idle again. Null: not within what was watched. */
  readonly raised: number;
  readonly delivered: number;
  readonly read: number | null;
  readonly end: number;
}

/** Slow start is over by then. Seconds. */
const STEADY = 0.3;
/** Watched after it: at first, and at most. */
const FIRST_SPAN = 0.02;
const LONGEST_SPAN = 1.3;
/** The driver takes frames by reading ICR and giving descriptors back; a transmit tail tells nothing of them. */
const TRANSMIT_TAIL = 0x03818;
/** A path that is part of read(). */
const READ = /(?:^|\.)read\./;

/** Watches a run in steady state and cuts out the `nth` interrupt (from 1) that the NIC raised with frames in memory. @throws UserError when there are not so many. */
export function interruptTimeline(scenario: Scenario, costs: CostTable, nth: number): InterruptTimeline {
  for (let span = FIRST_SPAN; span <= LONGEST_SPAN; span *= 4) {
    const found = cut(watch(scenario, costs, span), nth);
    if (found !== null) return found;
  }
  throw new UserError('interrupt', `there are fewer than ${nth} with frames in a second`, 'give a smaller number, or more load');
}

interface Watched {
  readonly ledger: MemoryTrace;
  readonly hardware: MemoryTrace;
  readonly paths: PathTable;
  readonly receiveLatency: Tick;
}

function watch(scenario: Scenario, costs: CostTable, span: number): Watched {
  const origin: TraceOrigin = { clock: SIMULATED_CLOCK, loop: 'closed', producer: { name: 'rumpsim', version: '' }, recorded: { command: '', scenario: null } };
  const ledger = new MemorySink('ledger', 'ledger', origin);
  const hardware = new MemorySink('hardware', 'hardware', origin);
  let finish = (): Watched => {
    throw new Error('the run did not begin');
  };
  simulate({ ...scenario, warmup: STEADY, duration: STEADY + span }, costs, {
    attach: (machine, end) => {
      const { core, nic, simulator } = machine;
      // What went before is not watched: it would only take time.
      const begin = new Event('timeline/begin', Priority.boundary, (tick) => {
        core.settle(tick);
        const slices = new LedgerRecorder(ledger, core, end);
        const events = new HardwareRecorder(hardware, machine, end);
        core.watch(slices);
        core.probe = events;
        finish = () => {
          slices.finish();
          events.finish();
          return { ledger: ledger.complete(), hardware: hardware.complete(), paths: core.paths, receiveLatency: nic.receiveLatency };
        };
      });
      simulator.schedule(begin, secondsToTicks(STEADY));
    },
  });
  return finish();
}

function cut({ ledger, hardware, paths, receiveLatency }: Watched, nth: number): InterruptTimeline | null {
  const events = eventsOf(hardware);
  let taken = -1;
  let waiting: number[] = [];
  let found = 0;
  for (const [index, { at, kind, device, address }] of events.entries()) {
    if (device !== 'nic') continue;
    if (kind === 'dma-write') waiting.push(at);
    if (kind === 'mmio-read' || (kind === 'mmio-write' && address !== TRANSMIT_TAIL)) {
      taken = at;
      waiting = [];
    }
    // Before the driver has looked once, nobody knows since when the frames have waited.
    if (kind !== 'irq-raise' || waiting.length === 0 || taken < 0) continue;
    found++;
    if (found === nth) return around(events, index, waiting, { slices: slicesOf(ledger), paths, receiveLatency });
  }
  return null;
}

/** The interrupt that was raised by event `index`, with the frames whose DMA was complete at `waiting`. Null when what was watched ends before the processor idles again. */
function around(events: readonly TimelineEvent[], index: number, waiting: readonly Tick[], { slices, paths, receiveLatency }: { slices: readonly TimelineSlice[]; paths: PathTable; receiveLatency: Tick }): InterruptTimeline | null {
  const [first = 0] = waiting;
  const zero = first - receiveLatency;
  const raise = events[index]!; // the caller found it there
  const deliver = events.slice(index).find(({ kind }) => kind === 'irq-deliver');
  if (deliver === undefined) return null;
  const idle = slices.find(({ context, from }) => context === IDLE_NAME && from > deliver.at);
  if (idle === undefined) return null;
  const relative = (tick: Tick): number => (tick - zero) / US;
  const inside = slices.filter(({ from, to }) => to > zero && from < idle.from).map(({ context, path, from, to, count }) => ({ context, path, from: relative(Math.max(from, zero)), to: relative(to), count }));
  const wire = waiting.map((tick): TimelineEvent => ({ at: tick - receiveLatency, kind: 'wire', device: 'nic', address: 0, value: 0 }));
  const seen = [...wire, ...events.filter(({ at }) => at >= zero && at <= idle.from)].map((event) => Object.assign({}, event, { at: relative(event.at) }));
  const used = new Set(inside.map(({ path }) => path));
  const read = inside.findLast(({ path, from }) => READ.test(path) && from > relative(deliver.at));
  return {
    slices: inside,
    events: seen.toSorted((a, b) => a.at - b.at),
    paths: Object.fromEntries(pathList(paths).filter(({ name }) => used.has(name)).map((path) => [path.name, describe(paths, path)])),
    frames: waiting.length, raised: relative(raise.at), delivered: relative(deliver.at), read: read?.to ?? null, end: relative(idle.from),
  };
}

function pathList(paths: PathTable) {
  return Array.from({ length: paths.size }, (_, id) => paths.path(id));
}

function describe(paths: PathTable, { steps, ticks }: ReturnType<PathTable['path']>): TimelinePath {
  const { costs, cycleTicks } = paths;
  return {
    ns: ticks / 1e3,
    steps: steps.map((step): TimelineStep => {
      const row = costs.row(step.cost);
      const perInstruction = row.unit === 'instructions' ? [costs.row(`cpi.${step.group ?? 'kernel'}`)] : [];
      return { label: step.label, times: step.times, ns: (paths.cycles(step) * cycleTicks) / 1e3, costs: [row, ...perInstruction] };
    }),
  };
}

/** The rows of a ledger trace. Times in ticks. */
function slicesOf(trace: MemoryTrace): TimelineSlice[] {
  const source = trace.open();
  const slices: TimelineSlice[] = [];
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const [contexts, names] = [source.names('context'), source.names('path')];
    const [context, path] = [batch.codes('context'), batch.codes('path')];
    const [duration, count] = [batch.integers('duration'), batch.integers('count')];
    for (let row = 0; row < batch.rows; row++) {
      const from = batch.t[row]!; // all columns have the batch's rows, here and below
      slices.push({ context: contexts[context[row]!] ?? '', path: names[path[row]!] ?? '', from, to: from + duration[row]!, count: count[row]! });
    }
  }
  return slices;
}

/** The rows of a hardware trace. Times in ticks. */
function eventsOf(trace: MemoryTrace): TimelineEvent[] {
  const source = trace.open();
  const events: TimelineEvent[] = [];
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const [kinds, devices] = [source.names('kind'), source.names('device')];
    const [kind, device] = [batch.codes('kind'), batch.codes('device')];
    const [address, value] = [batch.integers('address'), batch.integers('value')];
    for (let row = 0; row < batch.rows; row++) {
      events.push({ at: batch.t[row]!, kind: kinds[kind[row]!] ?? '', device: devices[device[row]!] ?? '', address: address[row]!, value: value[row]! }); // all columns have the batch's rows
    }
  }
  return events;
}
