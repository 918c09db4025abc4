import { type Host, SOFTINT_CLOCK, type Softint } from '../../anykernel/host.ts';
import { IperfServer } from '../../anykernel/iperf-server.ts';
import type { LatencyHistogram } from '../../anykernel/latency.ts';
import { NetInput } from '../../anykernel/net-input.ts';
import { operation } from '../../anykernel/operation.ts';
import { SocketBuffer } from '../../anykernel/socket-buffer.ts';
import { TcpReceiver, type TcpSettings } from '../../anykernel/tcp-receiver.ts';
import { WmDriver } from '../../anykernel/wm.ts';
import { MS, type Tick } from '../../events/time.ts';
import { young } from '../../events/young.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { I82574 } from '../../hw/i82574.ts';
import { NetBsdKernel } from './kernel.ts';
import type { KernelHardware } from './parts.ts';

/** hz = 100 (sys/conf/param.c); the LAPIC timer runs the clock, and without a statistics clock of its own that one too (sys/kern/kern_clock.c 226-230). */
export const HARDCLOCK_PERIOD: Tick = 10 * MS;
/** Vector of the LAPIC timer, in the class above all devices (sys/arch/i386/include/i82489var.h). */
export const CLOCK_VECTOR = 0xc0;
/** Protocol timers that run without traffic: pffasttimo 5 times and pfslowtimo twice a second (sys/sys/protosw.h), in hardclock ticks. */
const FAST_TIMER = 20;
const SLOW_TIMER = 50;

export interface NetBsdSettings {
  readonly tcp: TcpSettings;
  /** SO_RCVBUF of the server, bytes. */
  readonly socketBufferBytes: number;
  /** iperf's block, bytes. */
  readonly blockBytes: number;
  /** The NIC has a vector of its own for the queue (wm_txrxintr_msix), else wm_intr_legacy. */
  readonly msix: boolean;
}

/** A native NetBSD system with the iperf server as its only process: the kernel, and the driver, stack and application that run anywhere. */
export class NetBsd implements Host {
  readonly core: Core;
  readonly counters: Counters;
  readonly kernel: NetBsdKernel;
  readonly boundary: NetBsdKernel;
  readonly tcp: TcpReceiver;
  private readonly callout: number;
  private hardclocks = 0;
  private readonly runProtocolTimers: Softint = young(() => this.core.run(this.callout));
  private readonly runDelayedAck: Softint = young(() => {
    this.kernel.lockSockets();
    this.tcp.delayedAck();
    this.kernel.unlockSockets();
  });

  constructor(hardware: KernelHardware, nic: I82574, latency: LatencyHistogram, settings: NetBsdSettings) {
    const { core, counters } = hardware;
    this.core = core;
    this.counters = counters;
    const driver = new WmDriver(core, counters, nic, () => input.framesTaken(), settings.msix);
    this.kernel = new NetBsdKernel(hardware, {
      handleDevice: settings.msix ? () => driver.interruptMsix() : () => driver.interrupt(),
      afterTick: () => this.afterTick(),
      runProcess: () => server.run(),
    });
    this.boundary = this.kernel;
    this.tcp = new TcpReceiver(core, counters, nic, driver, new SocketBuffer(settings.socketBufferBytes), settings.tcp, () => this.hardclocks);
    const input = new NetInput(this, nic, this.tcp);
    this.callout = operation(core.paths, 'clock.callout');
    const server = new IperfServer(this, input, this.tcp, latency, settings.blockBytes);
    input.readerSleeps = true;
    if (settings.msix) nic.causes.autoClear = driver.causes;
    driver.attach();
  }

  scheduleSoftint(level: number, handler: Softint): void {
    this.kernel.scheduleSoftint(level, handler);
  }

  wakeApplication(): void {
    this.kernel.wakeProcess();
  }

  /** callout_hardclock(): what has come due goes to the softclock. */
  private afterTick(): void {
    const tick = ++this.hardclocks;
    if (tick % FAST_TIMER === 0 || tick % SLOW_TIMER === 0) this.kernel.scheduleSoftint(SOFTINT_CLOCK, this.runProtocolTimers);
    if (tick >= this.tcp.delayedAckDue) this.kernel.scheduleSoftint(SOFTINT_CLOCK, this.runDelayedAck);
  }
}
