import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import { Streams } from '../events/random.ts';
import { Simulator } from '../events/simulator.ts';
import { secondsToTicks, SECOND, type Tick, US } from '../events/time.ts';
import type { AckPort } from '../hw/ack-run.ts';
import type { CostTable } from '../hw/cost.ts';
import type { LedgerSnapshot } from '../hw/ledger.ts';
import { Link, linkParameters } from '../hw/link.ts';
import { OPERATIONS } from '../kernel/sel4/operation.ts';
import { clientParameters, IperfClient } from '../load/iperf-client.ts';
import type { PacingName } from '../load/pacing/pacing.ts';
import type { OpenLoopSource } from '../load/replay-source.ts';
import { nameAccount, namedAccounts } from './accounts.ts';
import { buildMachine, type Machine } from './machine.ts';
import { OpenLoop } from './open-loop.ts';
import type { System } from './system.ts';

/** One run: a system under a load. Times in seconds. */
export interface Scenario {
  readonly system: System;
  /** TCP payload offered, Mb/s. */
  readonly loadMbps: number;
  readonly pacing: PacingName;
  readonly duration: number;
  /** Cut from the start of the results. */
  readonly warmup: number;
  readonly seed: number;
  /** Replication number: advances every random stream. */
  readonly run: number;
}

/** What a run found, over the window after the warm-up. Shares are of elapsed time, 0..1. Deterministic: same scenario and costs, same digits. */
export interface RunResult {
  readonly system: string;
  readonly loadMbps: number;
  readonly pacing: PacingName;
  readonly seed: number;
  readonly run: number;
  readonly duration: number;
  readonly warmup: number;
  readonly utilisation: number;
  readonly utilisationMeasured: number;
  readonly kernelShare: number;
  readonly kernelShareFull: number;
  /** Fig 5's categories: share of elapsed time in each kernel operation inside the hooks. */
  readonly kernelBreakdown: Readonly<Record<string, number>>;
  /** The same as the paper's log would have shown it: first 65,536 entries only. */
  readonly kernelLog: KernelLogResult | null;
  /** Account `context/path` to share. */
  readonly breakdown: Readonly<Record<string, number>>;
  readonly throughputMbps: number;
  readonly latencyUs: { readonly mean: number; readonly p50: number; readonly p99: number };
  readonly counters: Readonly<Record<string, number>>;
  readonly ticks: { readonly busy: string; readonly idle: string; readonly elapsed: string };
  readonly events: number;
  readonly fingerprint: string;
  /** open: frames came from a source that did not listen. */
  readonly loop: 'closed' | 'open';
  /** Where the result is not valid, one line each. */
  readonly warnings: readonly string[];
}

export interface SimulateOptions {
  /** Given the machine before it runs, and the tick at which the run ends: recorders attach here. */
  readonly attach?: ((machine: Machine, end: Tick) => void) | undefined;
  /** Puts frames on the wire instead of the iperf client, whatever the machine does. */
  readonly source?: OpenLoopSource | undefined;
  /** Every frame, packet and ACK by itself, nothing in one go: slow, and the same result. For comparison. */
  readonly oneByOne?: boolean | undefined;
}

export interface KernelLogResult {
  readonly entries: number;
  readonly logged: number;
  /** Seconds after the start of the window at which the log was full; null when it never was. */
  readonly fullAfter: number | null;
  /** Share of the whole window that the logged entries add up to. */
  readonly share: number;
  readonly breakdown: Readonly<Record<string, number>>;
}

/** Runs a scenario. @throws Error when busy and idle time do not add up to the window: every cycle must be in one account. */
export function simulate(scenario: Scenario, costs: CostTable, options: SimulateOptions = {}): RunResult {
  const { oneByOne = false } = options;
  const simulator = new Simulator();
  const streams = new Streams(scenario.seed, scenario.run);
  let reverse: (Pick<Link, 'acknowledge'> & AckPort) | null = null;
  const machine = buildMachine(scenario.system, costs, simulator, streams, (tick, bytes, ack, window, sackLow, sackHigh) => {
    if (reverse === null) throw new Error('the NIC sent before its link was attached');
    return reverse.acknowledge(tick, bytes, ack, window, sackLow, sackHigh);
  }, oneByOne);
  const { nic } = machine;
  const parameters = linkParameters(costs);
  let openLoop: OpenLoop | null = null;
  if (options.source === undefined) {
    // The NIC's DMA follows the last bit by a constant, so the link delivers that much later: one occurrence a frame.
    const forward = new Link(simulator, 'link/forward', { ...parameters, switchLatency: parameters.switchLatency + nic.receiveLatency }, nic, !oneByOne);
    const client = new IperfClient(simulator, streams, clientParameters(costs, scenario.loadMbps, scenario.pacing), forward, oneByOne);
    reverse = new Link(simulator, 'link/reverse', parameters, client.inbox);
    client.start(0);
  } else {
    openLoop = new OpenLoop(simulator, parameters, nic, options.source, costs.value('load.peerWindow'));
    reverse = openLoop;
  }
  nic.ackPort = reverse;
  const end = secondsToTicks(scenario.duration);
  options.attach?.(machine, end);
  const window = measure(machine, secondsToTicks(scenario.warmup), end);
  machine.run();
  return window.result(scenario, openLoop);
}

/** What was spent and counted before a machine runs. */
const NOTHING: LedgerSnapshot = { ticks: new Float64Array(0), idle: 0 };

/** Arms the two window boundaries and turns what lies between them into a result. */
function measure(machine: Machine, from: Tick, to: Tick): { result(scenario: Scenario, openLoop: OpenLoop | null): RunResult } {
  const { core, counters, instrument, latency, log, nic, simulator } = machine;
  const elapsed = to - from;
  let ledgerFrom = NOTHING;
  let countersFrom = NOTHING.ticks;
  let eventsFrom = 0;
  const begin = new Event('window/begin', Priority.boundary, (tick) => {
    core.settle(tick);
    nic.sync(tick - 1); // what comes at the boundary itself is inside the window
    ledgerFrom = core.ledger.snapshot();
    countersFrom = counters.values.slice();
    eventsFrom = simulator.dispatched;
    log?.clear();
    latency.clear();
    instrument.begin();
  });
  let ledgerTo = ledgerFrom;
  let countersTo = countersFrom;
  let eventsTo = 0;
  let measured = 0;
  // Taken at the boundary as well: software unwinds for a while after it.
  let latencyUs = { mean: 0, p50: 0, p99: 0 };
  let kernelLog: KernelLogResult | null = null;
  const end = new Event('window/end', Priority.boundary, (tick) => {
    core.settle(tick);
    nic.sync(tick - 1);
    ledgerTo = core.ledger.snapshot();
    countersTo = counters.values.slice();
    eventsTo = simulator.dispatched;
    measured = instrument.read(elapsed, ledgerTo.idle - ledgerFrom.idle);
    latencyUs = { mean: latency.mean() / US, p50: latency.quantile(0.5) / US, p99: latency.quantile(0.99) / US };
    kernelLog = log === null ? null : {
      entries: log.total,
      logged: Math.min(log.total, 65536),
      fullAfter: log.total >= 65536 ? (log.filledAt - from) / SECOND : null,
      share: log.logged.reduce((sum, ticks) => sum + ticks, 0) / elapsed,
      breakdown: Object.fromEntries(OPERATIONS.map((operation, index) => [operation, (log.logged[index] ?? 0) / elapsed])),
    };
    core.stopped = true;
  });
  simulator.schedule(begin, from);
  simulator.schedule(end, to);

  const result = (scenario: Scenario, openLoop: OpenLoop | null): RunResult => {
    const idle = ledgerTo.idle - ledgerFrom.idle;
    const { fingerprint } = core;
    const accounts = namedAccounts(core);
    const { ticks: before } = ledgerFrom;
    const { ticks: after } = ledgerTo;
    const breakdown: Record<string, number> = {};
    const kernelBreakdown: Record<string, number> = {};
    let busy = 0;
    let hooks = 0;
    let kernel = 0;
    for (let index = 0; index < after.length; index++) {
      const ticks = after[index]! - (before[index] ?? 0); // inside
      if (ticks === 0) continue;
      busy += ticks;
      const { name, operation, hooked } = accounts[index] ?? nameAccount(core, index);
      breakdown[name] = ticks / elapsed;
      fingerprint.step(ticks, index, ticks);
      if (operation === undefined) continue;
      kernel += ticks;
      if (!hooked) continue;
      hooks += ticks;
      kernelBreakdown[operation] = (kernelBreakdown[operation] ?? 0) + ticks / elapsed;
    }
    if (busy + idle !== elapsed) throw new Error(`busy ${busy} and idle ${idle} do not add up to ${elapsed} ticks`);
    const counts: Record<string, number> = {};
    counters.names.forEach((name, index) => {
      counts[name] = (countersTo[index] ?? 0) - (countersFrom[index] ?? 0);
    });
    return {
      system: scenario.system.name,
      loadMbps: scenario.loadMbps,
      pacing: scenario.pacing,
      seed: scenario.seed,
      run: scenario.run,
      duration: scenario.duration,
      warmup: scenario.warmup,
      utilisation: busy / elapsed,
      utilisationMeasured: measured,
      kernelShare: hooks / elapsed,
      kernelShareFull: kernel / elapsed,
      kernelBreakdown,
      kernelLog,
      breakdown,
      throughputMbps: ((counts['bytes.delivered'] ?? 0) * 8) / (elapsed / SECOND) / 1e6,
      latencyUs,
      counters: counts,
      ticks: { busy: String(busy), idle: String(idle), elapsed: String(elapsed) },
      events: eventsTo - eventsFrom,
      fingerprint: fingerprint.digest(),
      loop: openLoop === null ? 'closed' : 'open',
      warnings: openLoop?.warnings({ end: to, framesDropped: counts['frames.dropped'] ?? 0, outOfOrder: counts['tcp.out-of-order'] ?? 0, utilisation: busy / elapsed }) ?? [],
    };
  };
  return { result };
}
