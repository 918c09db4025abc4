import { LatencyHistogram } from '../anykernel/latency.ts';
import { Fingerprint } from '../events/fingerprint.ts';
import type { Streams } from '../events/random.ts';
import type { Simulator } from '../events/simulator.ts';
import { Core } from '../hw/core.ts';
import type { CostTable } from '../hw/cost.ts';
import { Counters } from '../hw/counters.ts';
import { Hpet } from '../hw/hpet.ts';
import { I82574, type InterruptOutput, type TransmitPort } from '../hw/i82574.ts';
import { IntxOutput, MsiOutput } from '../hw/interrupt-output.ts';
import { type InterruptRoute, IoApicRoute, LocalApicEnd, MsiRoute, PicRoute } from '../hw/interrupt-route.ts';
import { IoApic } from '../hw/ioapic.ts';
import { LocalApic } from '../hw/local-apic.ts';
import { PathTable } from '../hw/path.ts';
import { Pic } from '../hw/pic.ts';
import { Pit } from '../hw/pit.ts';
import { PortIo } from '../hw/port-io.ts';
import { BareMetal } from '../kernel/bare-metal.ts';
import type { EntryLog } from '../kernel/sel4/entry-log.ts';
import { IrqHandler, Sel4Kernel } from '../kernel/sel4/kernel.ts';
import { Tcb } from '../kernel/sel4/thread.ts';
import { BmkPlatform } from '../rump/bmk-platform.ts';
import { HARDCLOCK_PERIOD } from '../rump/clock-thread.ts';
import { DirectPitTimer, HpetTimer, type OneShotTimer, Sel4PitTimer } from '../rump/one-shot-timer.ts';
import { IdleProgram, KERNEL_TICK, rootSpace, rumpSpace, Sel4Platform, TIME_SLICE } from '../rump/sel4-platform.ts';
import { Unikernel, type UnikernelSettings } from '../rump/unikernel.ts';
import type { System } from './system.ts';

/** PIC inputs and I/O APIC pins of the board; the NIC's PIC input is above 7 (BMK's stubs of the time cover only 9, 10, 11, 14 and 15). */
const NIC_IRQ = 11;
const TIMER_IRQ = 0;
const NIC_PIN = 16;
const TIMER_PIN = 2;
/** Vectors: MSI of the NIC 54 (costs.md 4b); the kernel tick 157 (costs.md 5d); the others in classes of their own below it. */
const NIC_VECTOR = 54;
const TIMER_VECTOR = 80;
const TICK_VECTOR = 157;
/** The highest user priority, and the rump threads' distance from it (roottask main.c a8e554b: MaxPrio - 2). */
const TOP_PRIORITY = 253;

/** A machine that has been put together: run it until `core.stopped`. */
export interface Machine {
  readonly simulator: Simulator;
  readonly core: Core;
  readonly counters: Counters;
  readonly nic: I82574;
  readonly latency: LatencyHistogram;
  /** The kernel's entry log, where there is a kernel. */
  readonly log: EntryLog | null;
  /** Runs the software until the core is stopped. */
  run(): void;
}

/**
 * Puts a system together around a simulator. `transmit` is where the NIC's transmit side leads. Phases of the periodic timers come from the streams `phase.tick`
 * and `phase.hardclock`.
 */
export function buildMachine(system: System, costs: CostTable, simulator: Simulator, streams: Streams, transmit: TransmitPort): Machine {
  const paths = new PathTable(costs);
  const core = new Core(simulator, paths, new Fingerprint());
  const counters = new Counters();
  const apic = new LocalApic(core, simulator);
  const end = new LocalApicEnd(core, apic, counters, paths);
  const ports = new PortIo(core, counters);
  const usesPic = system.controller === 'pic' || system.timer === 'pit';
  const pic = usesPic ? new Pic(core, paths, 1 << NIC_IRQ) : null;
  const ioapic = new IoApic(apic);
  if (pic !== null) ports.attach(pic, paths);

  let output: InterruptOutput;
  let nicRoute: InterruptRoute;
  let nicNumber = NIC_VECTOR;
  switch (system.controller) {
    case 'pic':
      output = new IntxOutput(simulator, paths.ticks('intx.latency'), (high) => pic?.setLine(NIC_IRQ, high));
      nicRoute = new PicRoute(ports, NIC_IRQ);
      nicNumber = NIC_IRQ;
      break;
    case 'ioapic':
      output = new IntxOutput(simulator, paths.ticks('intx.latency'), (high) => ioapic.setLine(NIC_PIN, high));
      nicRoute = new IoApicRoute(core, ioapic, end, counters, paths, NIC_PIN);
      ioapic.route(NIC_PIN, NIC_VECTOR);
      break;
    case 'msi':
      output = new MsiOutput(simulator, paths.ticks('msi.latency'), apic, NIC_VECTOR);
      nicRoute = new MsiRoute(end);
      break;
  }
  const nic = new I82574(core, simulator, counters, paths, system.nic, output, transmit);

  let timerRoute: InterruptRoute;
  let timerNumber = TIMER_VECTOR;
  let hpet: Hpet | null = null;
  if (system.timer === 'pit') {
    ports.attach(new Pit(core, simulator, (high) => pic?.setLine(TIMER_IRQ, high)), paths);
    timerRoute = new PicRoute(ports, TIMER_IRQ);
    timerNumber = TIMER_IRQ;
  } else if (system.hpetDelivery === 'msi') {
    hpet = new Hpet(core, simulator, counters, paths, () => apic.accept(TIMER_VECTOR));
    timerRoute = new MsiRoute(end);
  } else {
    // Timer 0 raises its line on a match and the edge is enough: the entry is taken as edge triggered.
    hpet = new Hpet(core, simulator, counters, paths, () => {
      ioapic.setLine(TIMER_PIN, true);
      ioapic.setLine(TIMER_PIN, false);
    });
    timerRoute = new IoApicRoute(core, ioapic, end, counters, paths, TIMER_PIN);
    ioapic.route(TIMER_PIN, TIMER_VECTOR);
  }

  const latency = new LatencyHistogram();
  const nicInterrupts = counters.define('interrupts.nic');
  const timerInterrupts = counters.define('interrupts.timer');
  const settings: UnikernelSettings = {
    tcp: { segmentBytes: 1448, autosize: system.socket.autosize, windowScale: system.socket.windowScale },
    socketBufferBytes: system.socket.bufferBytes,
    blockBytes: system.socket.blockBytes,
    firstHardclock: streams.stream('phase.hardclock').integer(1, HARDCLOCK_PERIOD),
  };

  if (system.kernel === 'sel4') {
    const root = rootSpace(core);
    const idle = new Tcb('count_idle', 0, root, core.defineContext('roottask:idle'), new IdleProgram(core));
    const kernel = new Sel4Kernel(core, counters, ports, pic, apic, new MsiRoute(end), TICK_VECTOR, TIME_SLICE, idle);
    const oneShot: OneShotTimer = hpet === null ? new Sel4PitTimer(core, kernel, counters) : new HpetTimer(core, hpet, counters);
    const platform = new Sel4Platform(core, kernel, oneShot);
    const unikernel = new Unikernel(core, counters, nic, platform, latency, settings);
    platform.start(rumpSpace(core), TOP_PRIORITY, unikernel.scheduler,
      new IrqHandler(nicNumber, nicRoute, platform.pci, nicInterrupts), new IrqHandler(timerNumber, timerRoute, platform.timer, timerInterrupts), () => unikernel.isr.note());
    apic.startTimer(TICK_VECTOR, streams.stream('phase.tick').integer(1, KERNEL_TICK), KERNEL_TICK);
    core.powerOn();
    return { simulator, core, counters, nic, latency, log: kernel.log, run: () => kernel.run() };
  }
  const bare = new BareMetal(core, pic, apic);
  const oneShot: OneShotTimer = hpet === null ? new DirectPitTimer(core, ports, counters) : new HpetTimer(core, hpet, counters);
  const platform = new BmkPlatform(core, bare, oneShot, nicRoute, timerRoute);
  const unikernel = new Unikernel(core, counters, nic, platform, latency, settings);
  platform.start(nicNumber, timerNumber, () => counters.add(nicInterrupts), () => counters.add(timerInterrupts), () => unikernel.isr.note());
  core.powerOn();
  return { simulator, core, counters, nic, latency, log: null, run: () => unikernel.scheduler.resume() };
}
