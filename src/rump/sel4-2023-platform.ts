import { operation } from '../anykernel/operation.ts';
import { SECOND, type Tick } from '../events/time.ts';
import { young } from '../events/young.ts';
import type { Core } from '../hw/core.ts';
import type { IrqHandler } from '../kernel/sel4/irq-handler.ts';
import type { RpcKernel } from '../kernel/sel4/rpc-kernel.ts';
import { Notification, type Program, Tcb, type VSpace } from '../kernel/sel4/thread.ts';
import type { BmkScheduler, Platform } from './bmk-scheduler.ts';
import type { InterruptAcknowledge } from './isr-thread.ts';
import type { RootTimer } from './root-timer.ts';
import { BinarySemaphore, MainThread } from './sel4-platform.ts';
import { TimeServer } from './time-server.ts';

/** Waits for the NIC's interrupt, wakes the rump thread when that sleeps, notes the interrupt for it (platform/sel4, wait_for_pci_interrupt). */
class PciThread implements Program {
  private readonly platform: Sel4Platform2023;
  private readonly core: Core;
  private readonly begin: number;
  private readonly end: number;
  private readonly endBusy: number;
  private state: 'start' | 'interrupt' | 'semaphore' = 'start';

  constructor(platform: Sel4Platform2023, core: Core) {
    this.platform = platform;
    this.core = core;
    this.begin = operation(core.paths, 'sel4.irq-thread.begin');
    this.end = operation(core.paths, 'sel4.2023.irq-thread.end');
    this.endBusy = operation(core.paths, 'sel4.2023.irq-thread.end-busy');
  }

  resume(): void {
    const { platform, core } = this;
    const { kernel, spl } = platform;
    for (;;) {
      if (this.state === 'interrupt') {
        core.run(this.begin);
        if (spl.down()) {
          this.state = 'semaphore';
          if (!kernel.wait(spl.notification)) return;
        }
      }
      if (this.state !== 'start') {
        const wakes = platform.shouldWake;
        if (wakes) kernel.signal(platform.halt);
        platform.noteInterrupt();
        core.run(wakes ? this.end : this.endBusy);
        if (spl.up()) kernel.signal(spl.notification);
      }
      this.state = 'interrupt';
      if (!kernel.wait(platform.pci)) return;
    }
  }
}

/**
 * Rumprun's seL4 platform of 2023 (seL4/rumprun 0be59c6): the rump thread asks the root task's time server for a timeout whenever it goes idle, the kernel sets the thread pointer at every switch of
 * bmk threads, and a NIC that interrupts by messages is not acknowledged. Order of calls: docs/instruction-counts.md, checked against a recording (test/study/icount.test.ts).
 */
export class Sel4Platform2023 implements Platform, InterruptAcknowledge {
  readonly kernel: RpcKernel;
  readonly pci = new Notification('pci');
  readonly halt = new Notification('halt');
  readonly spl = new BinarySemaphore('spl');
  /** The rump thread sleeps, or is about to. */
  shouldWake = false;
  private readonly core: Core;
  private readonly server: TimeServer;
  private readonly rate: number;
  private readonly idleEnter: number;
  private readonly idleWait: number;
  private readonly idleSleep: number;
  private readonly idleExit: number;
  private schedulerOrNull: BmkScheduler | null = null;
  private acknowledged: IrqHandler | null = null;
  private note: () => void = young(() => {});

  /** `clockRate` and `rootRate`: ticks of real time in one tick of the rump kernel's and of the root task's clock. */
  constructor(core: Core, kernel: RpcKernel, timer: RootTimer, clockRate: number, rootRate: number) {
    this.core = core;
    this.kernel = kernel;
    this.rate = clockRate;
    this.server = new TimeServer(core, kernel, timer, rootRate, this.halt);
    this.idleEnter = operation(core.paths, 'sel4.2023.idle-enter');
    this.idleWait = operation(core.paths, 'sel4.2023.idle-wait');
    this.idleSleep = operation(core.paths, 'sel4.2023.idle-sleep');
    this.idleExit = operation(core.paths, 'idle.exit');
  }

  /** Creates the threads; `top` is the priority of the pci thread. */
  start(spaces: { readonly rump: VSpace; readonly root: VSpace }, top: number, scheduler: BmkScheduler, nic: IrqHandler, timer: IrqHandler, note: () => void): void {
    this.schedulerOrNull = scheduler;
    // A message needs no acknowledgement.
    this.acknowledged = nic.route.kind === 'msi' ? null : nic;
    this.note = note;
    const { core, kernel } = this;
    kernel.addHandler(nic);
    kernel.addHandler(timer);
    this.server.start(timer);
    kernel.addThread(new Tcb('roottask', top + 2, spaces.root, core.defineContext('root:server'), this.server));
    kernel.addThread(new Tcb('pci', top, spaces.rump, core.defineContext('rump:pci-thread'), new PciThread(this, core)));
    kernel.addThread(new Tcb('rump', top - 1, spaces.rump, scheduler.contextId, new MainThread(scheduler)));
  }

  /** What the time server's notification is: the timer's interrupt signals it. */
  get timer(): Notification {
    return this.server.endpoint.bound;
  }

  get scheduler(): BmkScheduler {
    if (this.schedulerOrNull === null) throw new Error('the platform has not been started');
    return this.schedulerOrNull;
  }

  /** isr(), called by the pci thread. */
  noteInterrupt(): void {
    this.note();
  }

  splhigh(): void {
    // The pci thread has the higher priority and never keeps the semaphore across a blocking call, so the rump thread never has to wait for it.
    this.spl.down();
  }

  splx(): void {
    if (this.spl.up()) this.kernel.signal(this.spl.notification);
  }

  switched(): void {
    this.kernel.setTlsBase();
  }

  cpuBlock(until: Tick): boolean {
    const delay = Math.min((until - this.core.now) / this.rate, SECOND);
    this.core.run(this.idleEnter);
    if (delay <= 0) return true;
    this.server.request(delay);
    this.core.run(this.idleWait);
    this.shouldWake = true;
    this.splx();
    this.core.run(this.idleSleep);
    if (!this.kernel.wait(this.halt)) return false;
    this.resumed();
    return true;
  }

  resumed(): void {
    this.core.run(this.idleExit);
    this.shouldWake = false;
    this.splhigh();
  }

  handled(): void {
    if (this.acknowledged !== null) this.kernel.acknowledge(this.acknowledged);
  }

  drained(): void {}
}

/** CONFIG_TIME_SLICE of the recorded kernel. */
export const TIME_SLICE_2023 = 5;
