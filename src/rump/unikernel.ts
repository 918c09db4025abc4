import { type Host, SOFTINT_CLOCK, type Softint } from '../anykernel/host.ts';
import { IperfServer } from '../anykernel/iperf-server.ts';
import type { LatencyHistogram } from '../anykernel/latency.ts';
import { NetInput } from '../anykernel/net-input.ts';
import { operation } from '../anykernel/operation.ts';
import { SocketBuffer } from '../anykernel/socket-buffer.ts';
import { TcpReceiver, type TcpSettings } from '../anykernel/tcp-receiver.ts';
import { WmDriver } from '../anykernel/wm.ts';
import type { Tick } from '../events/time.ts';
import { young } from '../events/young.ts';
import type { Core } from '../hw/core.ts';
import type { Counters } from '../hw/counters.ts';
import type { I82574 } from '../hw/i82574.ts';
import { BmkScheduler, type BmkThread, type Platform } from './bmk-scheduler.ts';
import { ClockThread, HARDCLOCK_PERIOD } from './clock-thread.ts';
import { Housekeeping } from './housekeeping.ts';
import { type InterruptAcknowledge, IsrThread } from './isr-thread.ts';
import { Softints } from './softints.ts';

/** Protocol timers that run without traffic: pffasttimo 5 times and pfslowtimo twice a second (sys/sys/protosw.h), in hardclock ticks. */
const FAST_TIMER = 20;
const SLOW_TIMER = 50;

export interface UnikernelSettings {
  readonly tcp: TcpSettings;
  /** SO_RCVBUF of the server, bytes. */
  readonly socketBufferBytes: number;
  /** iperf's block, bytes. */
  readonly blockBytes: number;
  /** When the first hardclock is due. */
  readonly firstHardclock: Tick;
  /** Time from one to the next, where the unikernel's clock is not exact. */
  readonly hardclockPeriod?: Tick;
  /**
   * Whether it does what is counted in the recordings of 2023 alone: the work of once a second, and the softint threads that every system call of the application wakes again while they wait to run.
   */
  readonly recorded?: boolean;
}

class IperfThread implements BmkThread {
  readonly name = 'iperf';
  readonly context: number;
  private readonly server: IperfServer;

  constructor(core: Core, server: IperfServer) {
    this.context = core.defineContext('rump:iperf');
    this.server = server;
  }

  run(): void {
    this.server.run();
  }
}

/** A Rumprun unikernel with the iperf server: NetBSD's code on bmk threads, over a platform. */
export class Unikernel implements Host {
  readonly core: Core;
  readonly counters: Counters;
  readonly scheduler: BmkScheduler;
  readonly isr: IsrThread;
  readonly driver: WmDriver;
  readonly tcp: TcpReceiver;
  readonly applicationTurns?: (last: boolean) => void;
  private readonly softints: Softints;
  private readonly clock: ClockThread;
  private readonly application: number;
  private readonly callout: number;
  private readonly housekeeping: Housekeeping | null;
  private readonly runProtocolTimers: Softint = young(() => this.core.run(this.callout));
  private readonly runDelayedAck: Softint = young(() => this.tcp.delayedAck());

  constructor(core: Core, counters: Counters, nic: I82574, platform: Platform & InterruptAcknowledge, latency: LatencyHistogram, settings: UnikernelSettings) {
    this.core = core;
    this.counters = counters;
    this.scheduler = new BmkScheduler(core, counters, platform);
    this.softints = new Softints(core, this.scheduler);
    this.driver = new WmDriver(core, counters, nic, () => input.framesTaken());
    this.tcp = new TcpReceiver(core, counters, nic, this.driver, new SocketBuffer(settings.socketBufferBytes), settings.tcp, () => this.clock.hardclocks);
    const input = new NetInput(this, nic, this.tcp);
    this.isr = new IsrThread(core, this.scheduler, this.softints, this.driver, platform);
    this.clock = new ClockThread(core, this.scheduler, settings.firstHardclock, () => this.callouts(), settings.hardclockPeriod);
    this.callout = operation(core.paths, 'clock.callout');
    const { firstHardclock, hardclockPeriod = HARDCLOCK_PERIOD } = settings;
    // Its timeout falls between two hardclocks.
    this.housekeeping = settings.recorded === true ? new Housekeeping(core, this.scheduler, firstHardclock + Math.round(29.3 * hardclockPeriod), 100 * hardclockPeriod) : null;
    if (settings.recorded === true) {
      const turn = operation(core.paths, 'softint.again.turn');
      const last = operation(core.paths, 'softint.again.last');
      this.applicationTurns = young((ends) => {
        if (this.softints.waiting) core.run(ends ? last : turn);
      });
    }
    const server = new IperfServer(this, input, this.tcp, latency, settings.blockBytes);
    this.application = this.scheduler.addThread(new IperfThread(core, server));
    input.readerSleeps = true;
    this.driver.attach();
  }

  scheduleSoftint(level: number, handler: Softint): void {
    this.softints.schedule(level, handler);
  }

  wakeApplication(): void {
    this.scheduler.wake(this.application);
  }

  private callouts(): void {
    const tick = this.clock.hardclocks;
    this.housekeeping?.hardclock(tick);
    if (tick % FAST_TIMER === 0 || tick % SLOW_TIMER === 0) this.softints.schedule(SOFTINT_CLOCK, this.runProtocolTimers);
    if (tick >= this.tcp.delayedAckDue) this.softints.schedule(SOFTINT_CLOCK, this.runDelayedAck);
    this.softints.dispatch();
  }
}
