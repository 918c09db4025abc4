import { operation } from '../anykernel/operation.ts';
import { MS, SECOND, type Tick } from '../events/time.ts';
import { young } from '../events/young.ts';
import { ZERO } from '../events/zero.ts';
import type { Core } from '../hw/core.ts';
import type { Counters } from '../hw/counters.ts';
import { spend, ticksOf } from '../hw/path.ts';
import { type Part, part, type Sequence, within } from '../hw/sequence.ts';
import type { IrqHandler } from '../kernel/sel4/irq-handler.ts';
import type { Sel4Kernel } from '../kernel/sel4/kernel.ts';
import { type Handler, Notification, type Program, Tcb, type VSpace } from '../kernel/sel4/thread.ts';
import type { BmkScheduler, Platform, Shortcut } from './bmk-scheduler.ts';
import type { InterruptAcknowledge } from './isr-thread.ts';
import type { SplitTimer } from './one-shot-timer.ts';

/** The longest a rump kernel blocks (BLOCKTIME_MAX). */
const LONGEST: Tick = SECOND;

/** libsel4sync's binary semaphore: a counter; a system call only when there is someone to wait for or to wake. */
export class BinarySemaphore {
  readonly notification: Notification;
  private value = 1;

  constructor(name: string) {
    this.notification = new Notification(name);
  }

  /** Nobody has it. */
  get free(): boolean {
    return this.value === 1;
  }

  /** Somebody waits for it. */
  get contended(): boolean {
    return this.value < 0;
  }

  /** True when the caller must wait on the notification. */
  down(): boolean {
    return --this.value < 0;
  }

  /** True when a waiter must be signalled. */
  up(): boolean {
    return ++this.value <= 0;
  }
}

/** The address spaces: Rumprun's, and the root task's with its idle loop. */
export function rumpSpace(core: Core): VSpace {
  return { name: 'rumprun', refill: core.paths.define('refill/rumprun', spend('tlb.refill')) };
}

export function rootSpace(core: Core): VSpace {
  return { name: 'roottask', refill: core.paths.define('refill/roottask', spend('tlb.refill.idle')) };
}

/** The root task's idle loop (count_idle), a thread of the lowest priority: user code, so that the instrument is the idle time itself. */
export class IdleProgram implements Program {
  private readonly core: Core;

  constructor(core: Core) {
    this.core = core;
  }

  resume(): void {
    this.core.idle();
  }
}

/** Waits for the NIC's interrupt, wakes the rump thread when that sleeps, notes the interrupt for it (platform/sel4, wait_for_pci_interrupt). */
class PciThread implements Program, Handler {
  readonly signals: Notification;
  readonly before: number;
  readonly after: number;
  private readonly platform: Sel4Platform;
  private readonly core: Core;
  private state: 'start' | 'interrupt' | 'semaphore' = 'start';

  constructor(platform: Sel4Platform, core: Core) {
    this.platform = platform;
    this.core = core;
    this.signals = platform.halt;
    this.before = operation(core.paths, 'sel4.irq-thread.begin');
    this.after = operation(core.paths, 'sel4.irq-thread.end');
  }

  usual(): boolean {
    return this.state === 'interrupt' && this.platform.shouldWake && this.platform.spl.free;
  }

  act(): void {
    this.platform.noteInterrupt();
  }

  resume(): void {
    const { kernel, spl } = this.platform;
    for (;;) {
      if (this.state === 'interrupt') {
        this.core.run(this.before);
        if (spl.down()) {
          this.state = 'semaphore';
          if (!kernel.wait(spl.notification)) return;
        }
      }
      if (this.state !== 'start') {
        if (this.platform.shouldWake) kernel.signal(this.signals);
        this.platform.noteInterrupt();
        this.core.run(this.after);
        if (spl.up()) kernel.signal(spl.notification);
      }
      this.state = 'interrupt';
      if (!kernel.wait(this.platform.pci)) return;
    }
  }
}

/** Waits for the timer's interrupt, acknowledges it and wakes the rump thread. */
class TimingThread implements Program {
  private readonly platform: Sel4Platform;
  private readonly core: Core;
  private readonly work: number;
  private started = false;

  constructor(platform: Sel4Platform, core: Core) {
    this.platform = platform;
    this.core = core;
    this.work = operation(core.paths, 'sel4.timer-thread');
  }

  resume(): void {
    const { kernel } = this.platform;
    for (;;) {
      if (this.started) {
        this.core.run(this.work);
        kernel.acknowledge(this.platform.timerHandler);
        kernel.signal(this.platform.halt);
      }
      this.started = true;
      if (!kernel.wait(this.platform.timer)) return;
    }
  }
}

/** The thread that is the unikernel's virtual CPU. */
export class MainThread implements Program {
  private readonly scheduler: BmkScheduler;

  constructor(scheduler: BmkScheduler) {
    this.scheduler = scheduler;
  }

  resume(): void {
    this.scheduler.resume();
  }
}

/**
 * Rumprun's seL4 platform of 2017 (seL4/rumprun 582c0b5 to fd0d977): three seL4 threads in one address space. The rump thread (priority P - 1) is the virtual CPU; the PCI and the
 * timing thread (priority P) wait for interrupts. Calls and their order: costs.md 5c.
 */
export class Sel4Platform implements Platform, Shortcut, InterruptAcknowledge {
  readonly kernel: Sel4Kernel;
  readonly shortcut: Shortcut = this;
  /** The path of the way out of the idle loop. */
  readonly back: number;
  readonly pci = new Notification('pci');
  readonly timer = new Notification('timer');
  readonly halt = new Notification('halt');
  readonly spl = new BinarySemaphore('spl');
  /** The rump thread sleeps, or is about to. */
  shouldWake = false;
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly oneShot: SplitTimer;
  /** What the timer's programming begins with. */
  private beginningTicks: Tick = ZERO;
  /** What it ends with, and the wait; null: not needed so far. */
  private sleeping: Sequence | null = null;
  private readonly idleEnter: number;
  private schedulerOrNull: BmkScheduler | null = null;
  private timerHandlerOrNull: IrqHandler | null = null;
  private nicHandler: IrqHandler | null = null;
  private note: () => void = young(() => {});

  constructor(core: Core, counters: Counters, kernel: Sel4Kernel, oneShot: SplitTimer) {
    this.core = core;
    this.counters = counters;
    this.kernel = kernel;
    this.oneShot = oneShot;
    this.idleEnter = operation(core.paths, 'idle.enter');
    this.back = operation(core.paths, 'idle.exit');
  }

  /** Creates the threads; `top` is priority P. */
  start(space: VSpace, top: number, scheduler: BmkScheduler, nic: IrqHandler, timer: IrqHandler, note: () => void): void {
    this.schedulerOrNull = scheduler;
    this.nicHandler = nic;
    this.timerHandlerOrNull = timer;
    this.note = note;
    const { core, kernel } = this;
    kernel.addHandler(nic);
    kernel.addHandler(timer);
    const pciThread = new PciThread(this, core);
    const pci = new Tcb('pci', top, space, core.defineContext('rump:pci-thread'), pciThread);
    kernel.addThread(pci);
    kernel.addTurn(pci, pciThread, nic);
    kernel.addThread(new Tcb('timing', top, space, core.defineContext('rump:timing-thread'), new TimingThread(this, core)));
    kernel.addThread(new Tcb('rump', top - 1, space, scheduler.contextId, new MainThread(scheduler)));
  }

  get scheduler(): BmkScheduler {
    if (this.schedulerOrNull === null) throw new Error('the platform has not been started');
    return this.schedulerOrNull;
  }

  get timerHandler(): IrqHandler {
    if (this.timerHandlerOrNull === null) throw new Error('the platform has not been started');
    return this.timerHandlerOrNull;
  }

  /** isr(), called by the PCI thread. */
  noteInterrupt(): void {
    this.note();
  }

  splhigh(): void {
    // The interrupt threads have the higher priority and never keep the semaphore across a blocking call, so the rump thread never has to wait for it.
    this.spl.down();
  }

  splx(): void {
    if (this.spl.up()) this.kernel.signal(this.spl.notification);
  }

  blocking(lead: Part): Sequence {
    const { core, kernel, oneShot, counters, scheduler: { contextId } } = this;
    const { beginning, ending } = oneShot.split();
    this.beginningTicks = ticksOf(core.paths, beginning.paths);
    this.sleeping = kernel.defineSleep(within(contextId, ending));
    return core.join(counters, lead, part(contextId, [this.idleEnter]), within(contextId, beginning));
  }

  cpuBlock(until: Tick, begun: boolean): boolean {
    const { core, oneShot } = this;
    if (begun) {
      const from = core.now - this.beginningTicks;
      oneShot.set(Math.min(until - from, LONGEST));
      if (this.sleepAtOnce()) return false;
      oneShot.finish();
    } else {
      core.run(this.idleEnter);
      const delay = Math.min(until - core.now, LONGEST);
      if (delay <= 0) return true;
      oneShot.program(delay);
    }
    this.shouldWake = true;
    this.splx();
    if (!this.kernel.wait(this.halt)) return false;
    this.resumed();
    return true;
  }

  /** From the end of programming the timer to the idle thread. */
  private sleepAtOnce(): boolean {
    if (this.sleeping === null || this.spl.contended || !this.kernel.sleep(this.sleeping, this.halt)) return false;
    this.shouldWake = true;
    this.spl.up();
    return true;
  }

  resumed(): void {
    this.core.run(this.back);
    this.shouldWake = false;
    this.splhigh();
  }

  contended(): boolean {
    return this.spl.contended;
  }

  cameBack(): void {
    this.shouldWake = false;
  }

  handled(): void {
    if (this.nicHandler !== null) this.kernel.acknowledge(this.nicHandler);
  }

  drained(): void {}
}

/** Kernel tick of every seL4 configuration of the paper: CONFIG_TIMER_TICK_MS=2, CONFIG_TIME_SLICE=4 (iperf defconfigs, rumprun-sel4-demoapps a8e554b). */
export const KERNEL_TICK: Tick = 2 * MS;
export const TIME_SLICE = 4;
