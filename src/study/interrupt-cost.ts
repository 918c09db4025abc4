import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import { Streams } from '../events/random.ts';
import { Simulator } from '../events/simulator.ts';
import { MS, NS } from '../events/time.ts';
import type { CostTable } from '../hw/cost.ts';
import { Link, linkParameters } from '../hw/link.ts';
import { clientParameters, IperfClient } from '../load/iperf-client.ts';
import { buildMachine, type Machine } from './machine.ts';
import type { System } from './system.ts';

/** What one context spent on one path. */
export interface PathUse {
  readonly context: string;
  readonly path: string;
  /** How often the path ran; a path whose price depends on data counts as once or more, by its standard price. */
  readonly times: number;
  /** All runs together. */
  readonly instructions: number;
  readonly cycles: number;
  readonly nanoseconds: number;
}

/** From idle to idle: one NIC interrupt that brings one full frame, which is not acknowledged yet, up to the read that returns its payload. */
export interface InterruptCost {
  readonly paths: readonly PathUse[];
  /** Counters that moved, with their increments: kernel entries, port and MMIO accesses, reads. */
  readonly counters: Readonly<Record<string, number>>;
  readonly cycles: number;
  readonly nanoseconds: number;
}

/** A load so low that every frame has an interrupt of its own and the machine idles between them. */
const SPARSE_MBPS = 1;
/** Long enough for several such frames between the clock interrupts. */
const OBSERVED = 300 * MS;

/** Measures that interrupt on the machine itself, so it is what runs and not a description of it. Null when the system never shows one by itself. */
export function interruptCost(system: System, costs: CostTable): InterruptCost | null {
  const simulator = new Simulator();
  const streams = new Streams(1, 0);
  let reverse: Link | null = null;
  const machine = buildMachine(system, costs, simulator, streams, (tick, bytes, ack, window, sackLow, sackHigh) => {
    if (reverse === null) throw new Error('the NIC sent before its link was attached');
    return reverse.acknowledge(tick, bytes, ack, window, sackLow, sackHigh);
  });
  const parameters = linkParameters(costs);
  const forward = new Link(simulator, 'link/forward', parameters, (tick, words, offset) => machine.nic.receive(tick, words, offset));
  const client = new IperfClient(simulator, streams, clientParameters(costs, SPARSE_MBPS, 'even'), forward);
  reverse = new Link(simulator, 'link/reverse', parameters, (tick, words, offset) => client.receive(tick, words, offset));
  client.start(0);
  simulator.schedule(new Event('observation/end', Priority.boundary, () => {
    machine.core.stopped = true;
  }), OBSERVED);
  return observe(machine);
}

/** Runs the machine and takes the first stretch between two idle spans that is one NIC interrupt and nothing else. */
function observe(machine: Machine): InterruptCost | null {
  const { core, counters } = machine;
  let ticks = core.ledger.snapshot().ticks;
  let counts = counters.values.slice();
  let found: InterruptCost | null = null;
  core.idleSpan = () => {
    if (found !== null) return;
    const ticksNow = core.ledger.snapshot().ticks;
    const countsNow = counters.values.slice();
    const moved: Record<string, number> = {};
    counters.names.forEach((name, index) => {
      const increment = (countsNow[index] ?? 0) - (counts[index] ?? 0);
      if (increment !== 0) moved[name] = increment;
    });
    if (isOneFrame(moved)) found = price(machine, moved, (index) => (ticksNow[index] ?? 0) - (ticks[index] ?? 0));
    ticks = ticksNow;
    counts = countsNow;
  };
  machine.run();
  return found;
}

function isOneFrame(moved: Readonly<Record<string, number>>): boolean {
  const of = (name: string): number => moved[name] ?? 0;
  return of('interrupts.nic') === 1 && of('interrupts.timer') === 0 && of('interrupts.tick') === 0 && of('tcp.segments') === 1 && of('tcp.acks') === 0 && of('app.reads') > 0;
}

function price({ core }: Machine, counters: Readonly<Record<string, number>>, spent: (index: number) => number): InterruptCost {
  const { ledger, paths } = core;
  const uses: PathUse[] = [];
  let total = 0;
  ledger.contexts.forEach((context, number) => {
    for (let id = 0; id < ledger.width; id++) {
      const ticks = spent(number * ledger.width + id);
      if (ticks === 0) continue;
      const { name, ticks: each, instructions } = paths.path(id);
      const times = Math.max(1, Math.round(ticks / each));
      uses.push({ context, path: name, times, instructions: instructions * times, cycles: ticks / paths.cycleTicks, nanoseconds: ticks / NS });
      total += ticks;
    }
  });
  return { paths: uses, counters, cycles: total / paths.cycleTicks, nanoseconds: total / NS };
}
