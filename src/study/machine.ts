import { LatencyHistogram } from '../anykernel/latency.ts';
import type { Streams } from '../events/random.ts';
import type { Simulator } from '../events/simulator.ts';
import type { CostTable } from '../hw/cost.ts';
import { MsiRoute } from '../hw/interrupt-route.ts';
import type { TransmitPort } from '../hw/transmit-ring.ts';
import { BareMetal } from '../kernel/bare-metal.ts';
import { JIFFY } from '../kernel/linux/kernel.ts';
import { buildLinux } from '../kernel/linux/linux.ts';
import type { EntryLog } from '../kernel/sel4/entry-log.ts';
import { IrqHandler } from '../kernel/sel4/irq-handler.ts';
import { Sel4Kernel } from '../kernel/sel4/kernel.ts';
import { RpcKernel } from '../kernel/sel4/rpc-kernel.ts';
import type { EntryTally } from '../kernel/sel4/tally.ts';
import { Tcb } from '../kernel/sel4/thread.ts';
import { BmkPlatform } from '../rump/bmk-platform.ts';
import { HARDCLOCK_PERIOD } from '../rump/clock-thread.ts';
import { HpetRootTimer, PitRootTimer } from '../rump/root-timer.ts';
import { Sel4Platform2023, TIME_SLICE_2023 } from '../rump/sel4-2023-platform.ts';
import { DirectPitTimer, HpetTimer, Sel4PitTimer } from '../rump/one-shot-timer.ts';
import { IdleProgram, KERNEL_TICK, rootSpace, rumpSpace, Sel4Platform, TIME_SLICE } from '../rump/sel4-platform.ts';
import { Unikernel, type UnikernelSettings } from '../rump/unikernel.ts';
import { type Board, buildBoard, NIC_TX_VECTOR } from './board.ts';
import { IdleLoopInstrument, type Instrument } from './instrument.ts';
import { UptimeInstrument } from './instrument-uptime.ts';
import { netbsdNative } from './netbsd-machine.ts';
import { pathsOf } from './paths.ts';
import { LINUX_DEFAULTS, type System } from './system.ts';
import { UserError } from './user-error.ts';

/** Vector of seL4's kernel tick (costs.md 5d). */
const TICK_VECTOR = 157;
/** Vector of Linux's local timer (LOCAL_TIMER_VECTOR, arch/x86/include/asm/irq_vectors.h). */
const LINUX_TIMER_VECTOR = 0xef;
/** Priority of the interrupt threads: the highest user priority less two (roottask main.c, rumprun-sel4-demoapps a8e554b). */
const TOP_PRIORITY = 253;

/** A machine that has been put together: run it until `core.stopped`. */
export interface Machine extends Board {
  readonly latency: LatencyHistogram;
  /** What the system's own utilisation measurement reads. */
  readonly instrument: Instrument;
  /** The kernel's entry log, where there is a kernel with one. */
  readonly log: EntryLog | null;
  /** The kernel's entries by name, where the platform is that of 2023. */
  readonly tally?: EntryTally;
  /** Runs the software until the core is stopped. */
  run(): void;
}

/** Puts a system together around a simulator; `oneByOne`: see `Core`. Phases of the periodic timers come from the streams `phase.tick` and `phase.hardclock`. */
export function buildMachine(system: System, costs: CostTable, simulator: Simulator, streams: Streams, transmit: TransmitPort, oneByOne = false): Machine {
  const board = buildBoard(system, pathsOf(system, costs), simulator, transmit, oneByOne);
  const latency = new LatencyHistogram();
  const software = SOFTWARE[system.kernel](system, board, streams, latency);
  board.core.powerOn();
  board.core.paths.seal();
  return { ...board, latency, ...software };
}

/** What a system's software gives its machine. */
export type Software = Pick<Machine, 'instrument' | 'log' | 'tally' | 'run'>;

const SOFTWARE: Readonly<Record<System['kernel'], (system: System, board: Board, streams: Streams, latency: LatencyHistogram) => Software>> = {
  sel4: rumprunOnSel4,
  'bare-metal': rumprunOnBareMetal,
  netbsd: netbsdNative,
  linux,
};

function unikernelSettings(system: System, streams: Streams): UnikernelSettings {
  return {
    tcp: { segmentBytes: system.socket.segmentBytes ?? 1448, autosize: system.socket.autosize, windowScale: system.socket.windowScale },
    socketBufferBytes: system.socket.bufferBytes,
    blockBytes: system.socket.blockBytes,
    firstHardclock: streams.stream('phase.hardclock').integer(1, HARDCLOCK_PERIOD),
  };
}

function rumprunOnSel4(system: System, board: Board, streams: Streams, latency: LatencyHistogram): Software {
  if (system.platform === '2023-rpc') return rumprunOnSel4Of2023(system, board, streams, latency);
  const { core, counters, apic, nic, nicSource, timerSource, hpet } = board;
  const idle = new Tcb('count_idle', 0, rootSpace(core), core.defineContext('roottask:idle'), new IdleProgram(core));
  const kernel = new Sel4Kernel(core, counters, board.ports, board.pic, apic, new MsiRoute(board.apicEnd), TICK_VECTOR, TIME_SLICE, idle);
  const platform = new Sel4Platform(core, counters, kernel, hpet === null ? new Sel4PitTimer(core, kernel, counters) : new HpetTimer(core, hpet, counters));
  const unikernel = new Unikernel(core, counters, nic, platform, latency, unikernelSettings(system, streams));
  platform.start(
    rumpSpace(core), TOP_PRIORITY, unikernel.scheduler,
    new IrqHandler(nicSource.number, nicSource.route, platform.pci, counters.define('interrupts.nic')),
    new IrqHandler(timerSource.number, timerSource.route, platform.timer, counters.define('interrupts.timer')),
    () => unikernel.isr.note(),
  );
  apic.startTimer(TICK_VECTOR, streams.stream('phase.tick').integer(1, KERNEL_TICK), KERNEL_TICK);
  return { instrument: new IdleLoopInstrument(core), log: kernel.log, run: () => kernel.run() };
}

function rumprunOnSel4Of2023(system: System, board: Board, streams: Streams, latency: LatencyHistogram): Software {
  const { core, counters, apic, nic, nicSource, timerSource, hpet } = board;
  const root = rootSpace(core);
  const idle = new Tcb('count_idle', 0, root, core.defineContext('roottask:idle'), new IdleProgram(core));
  const kernel = new RpcKernel(core, counters, board.ports, board.pic, apic, new MsiRoute(board.apicEnd), TICK_VECTOR, TIME_SLICE_2023, idle);
  const clocks = system.clocks ?? { rump: 1, root: 1 };
  const platform = new Sel4Platform2023(core, kernel, hpet === null ? new PitRootTimer(core, kernel, counters) : new HpetRootTimer(core, hpet, counters), clocks.rump, clocks.root);
  const settings = unikernelSettings(system, streams);
  const unikernel = new Unikernel(core, counters, nic, platform, latency, { ...settings, hardclockPeriod: Math.round(HARDCLOCK_PERIOD * clocks.rump), recorded: true });
  platform.start(
    { rump: rumpSpace(core), root }, TOP_PRIORITY, unikernel.scheduler,
    new IrqHandler(nicSource.number, nicSource.route, platform.pci, counters.define('interrupts.nic')),
    new IrqHandler(timerSource.number, timerSource.route, platform.timer, counters.define('interrupts.timer')),
    () => unikernel.isr.note(),
  );
  apic.startTimer(TICK_VECTOR, streams.stream('phase.tick').integer(1, KERNEL_TICK), KERNEL_TICK);
  return { instrument: new IdleLoopInstrument(core), log: kernel.log, tally: kernel.tally, run: () => kernel.run() };
}

function rumprunOnBareMetal(system: System, board: Board, streams: Streams, latency: LatencyHistogram): Software {
  const { core, counters, nic, nicSource, timerSource, hpet } = board;
  const bare = new BareMetal(core, board.pic, board.apic);
  const oneShot = hpet === null ? new DirectPitTimer(core, board.ports, counters) : new HpetTimer(core, hpet, counters);
  const platform = new BmkPlatform(core, bare, oneShot, nicSource.route, timerSource.route);
  const unikernel = new Unikernel(core, counters, nic, platform, latency, unikernelSettings(system, streams));
  const nicCount = counters.define('interrupts.nic');
  const timerCount = counters.define('interrupts.timer');
  platform.start(nicSource.number, timerSource.number, () => counters.add(nicCount), () => counters.add(timerCount), () => unikernel.isr.note());
  return { instrument: new IdleLoopInstrument(core), log: null, run: () => unikernel.scheduler.resume() };
}

function linux(system: System, board: Board, streams: Streams, latency: LatencyHistogram): Software {
  const { core, simulator, counters, apic, nic, nicSource, msix } = board;
  if (msix === null) throw new UserError(`system ${system.name}`, `Linux with the controller ${system.controller}`, 'its driver is modelled with one vector for each queue only: set controller=msix');
  const kernel = buildLinux(
    { core, simulator, counters, apic, route: nicSource.route, vectors: { receive: nicSource.number, transmit: NIC_TX_VECTOR, timer: LINUX_TIMER_VECTOR }, nic, causes: msix },
    system.linux ?? LINUX_DEFAULTS,
    { segmentBytes: 1448, bufferBytes: system.socket.bufferBytes, windowScale: system.socket.windowScale },
    system.socket.blockBytes, streams.stream('phase.tick').integer(1, JIFFY), latency,
  );
  return { instrument: new UptimeInstrument(core, kernel, JIFFY), log: null, run: () => kernel.run() };
}
