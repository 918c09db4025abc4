import type { LatencyHistogram } from '../../anykernel/latency.ts';
import type { Tick } from '../../events/time.ts';
import type { Simulator } from '../../events/simulator.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { I82574 } from '../../hw/i82574.ts';
import type { InterruptRoute } from '../../hw/interrupt-route.ts';
import type { LocalApic } from '../../hw/local-apic.ts';
import type { MsixCauses } from '../../hw/msix.ts';
import { E1000e } from './e1000e.ts';
import { Gro } from './gro.ts';
import { IperfProcess } from './iperf-process.ts';
import { LinuxKernel, type LinuxVectors } from './kernel.ts';
import { ReceiveQueue } from './receive-queue.ts';
import { MenuGovernor, sandyBridgeStates, type SleepChoice } from './sleep-states.ts';
import { LinuxTcp, type LinuxTcpSettings } from './tcp.ts';
import { ConservativeThrottle, FixedThrottle } from './throttle.ts';

export interface LinuxSettings {
  /** Interrupts per second as InterruptThrottleRate fixes them, 0 for no limit; `adaptive`: dynamic conservative, the driver's default. */
  readonly throttle: 'adaptive' | number;
  readonly sleep: SleepChoice;
}

/** The hardware as Linux finds it. */
export interface LinuxHardware {
  readonly core: Core;
  readonly simulator: Simulator;
  readonly counters: Counters;
  readonly apic: LocalApic;
  readonly route: InterruptRoute;
  readonly vectors: LinuxVectors;
  readonly nic: I82574;
  readonly causes: MsixCauses;
}

/** Linux with the iperf server, ready to run. `blockBytes`: iperf's block; `firstJiffy`: the first tick. */
export function buildLinux(hardware: LinuxHardware, settings: LinuxSettings, tcpSettings: LinuxTcpSettings, blockBytes: number, firstJiffy: Tick, latency: LatencyHistogram): LinuxKernel {
  const { core, simulator, counters, apic, route, vectors, nic, causes } = hardware;
  const gro = new Gro((segment) => {
    if (tcp.input(segment)) kernel.wakeProcess();
  }, nic.receiveLatency);
  const throttle = settings.throttle === 'adaptive' ? new ConservativeThrottle() : new FixedThrottle(settings.throttle);
  const driver = new E1000e(core, counters, nic, causes, gro, throttle);
  const tcp: LinuxTcp = new LinuxTcp(core, counters, driver, new ReceiveQueue(), tcpSettings);
  const governor = new MenuGovernor(sandyBridgeStates(core.paths), settings.sleep);
  const kernel: LinuxKernel = new LinuxKernel(core, simulator, counters, apic, route, vectors, driver, governor, firstJiffy);
  kernel.attach(tcp, new IperfProcess(core, counters, kernel, tcp, latency, blockBytes));
  driver.attach();
  return kernel;
}
