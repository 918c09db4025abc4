import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import { PIN_LAPIC, type Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { InterruptRoute } from '../../hw/interrupt-route.ts';
import type { LocalApic } from '../../hw/local-apic.ts';
import type { Pic } from '../../hw/pic.ts';
import type { PortIo } from '../../hw/port-io.ts';
import { EntryLog } from './entry-log.ts';
import { OPERATIONS, operationContext } from './operation.ts';
import { type InterruptPaths, type KernelPaths, kernelPaths } from './paths.ts';
import type { Notification, Tcb } from './thread.ts';

const IRQ_DELIVER = OPERATIONS.indexOf('irq-deliver');
const IRQ_ACK = OPERATIONS.indexOf('irq-ack');
const IOPORT = OPERATIONS.indexOf('ioport');
const SEND = OPERATIONS.indexOf('send');
const RECV = OPERATIONS.indexOf('recv');
const TICK = OPERATIONS.indexOf('tick');

/** An interrupt source bound to a notification. `number` is what the controller reports: a PIC input or an APIC vector. */
export class IrqHandler {
  readonly number: number;
  readonly route: InterruptRoute;
  readonly notification: Notification;
  readonly counter: number;

  constructor(number: number, route: InterruptRoute, notification: Notification, counter: number) {
    this.number = number;
    this.route = route;
    this.notification = notification;
    this.counter = counter;
  }
}

/**
 * The seL4 microkernel of 2017 on ia32: fixed-priority threads, notifications, interrupts as signals, port I/O by invocation, a periodic tick. It runs with interrupts off.
 * Threads are programs that run until they block; a preempting thread runs nested inside the preempted one's instruction stream, which fixed
 * priorities make exact: the preempted thread cannot run before every higher one has blocked.
 */
export class Sel4Kernel {
  readonly core: Core;
  readonly log = new EntryLog();
  /** The running thread. */
  current: Tcb;
  protected readonly counters: Counters;
  protected readonly ports: PortIo | null;
  private readonly pic: Pic | null;
  private readonly apic: LocalApic;
  private readonly tickRoute: InterruptRoute;
  private readonly tickVector: number;
  private readonly sliceTicks: number;
  private readonly threads: Tcb[] = [];
  /** By number. */
  private readonly handlers: (IrqHandler | undefined)[] = Array.from({ length: 256 }, () => undefined);
  protected readonly paths: KernelPaths;
  private readonly contexts: number[];
  private readonly entryCounters: number[];
  private readonly tickCounter: number;
  private operation = 0;
  private entered: Tick = ZERO;
  protected loaded: Tcb['vspace'];
  private readyOrder = 0;
  /** True while the dispatcher is between threads: an interrupt then need not run its threads nested. */
  private betweenThreads = false;

  constructor(core: Core, counters: Counters, ports: PortIo | null, pic: Pic | null, apic: LocalApic, tickRoute: InterruptRoute, tickVector: number, sliceTicks: number, idle: Tcb) {
    this.core = core;
    this.counters = counters;
    this.ports = ports;
    this.pic = pic;
    this.apic = apic;
    this.tickRoute = tickRoute;
    this.tickVector = tickVector;
    this.sliceTicks = sliceTicks;
    this.paths = kernelPaths(core.paths);
    this.contexts = OPERATIONS.map((operation) => core.defineContext(operationContext(operation)));
    this.entryCounters = OPERATIONS.map((operation) => counters.define(`kernel.${operation}`));
    this.tickCounter = counters.define('interrupts.tick');
    this.current = idle;
    this.loaded = idle.vspace;
    this.addThread(idle);
    core.onInterrupt = () => this.interrupt();
  }

  addThread(thread: Tcb): void {
    thread.slice = this.sliceTicks;
    thread.readySince = this.readyOrder++;
    this.threads.push(thread);
  }

  addHandler(handler: IrqHandler): void {
    this.handlers[handler.number] = handler;
  }

  /** Runs threads until the core is stopped. */
  run(): void {
    this.current = this.chooseThread();
    this.loaded = this.current.vspace;
    this.dispatchUntil(null);
  }

  /** seL4_Signal. */
  signal(notification: Notification): void {
    const caller = this.current;
    const context = this.enter(SEND);
    const waiter = notification.waiter;
    if (waiter === null) {
      this.core.run(notification.active ? this.paths.signalActive : this.paths.signalNoWaiter);
      notification.active = true;
    } else {
      this.wake(notification, waiter);
      if (waiter.priority > caller.priority) {
        this.core.run(waiter.vspace === this.loaded ? this.paths.signalSwitchSame : this.paths.signalSwitchOther);
        this.current = waiter;
      } else {
        this.core.run(this.paths.signalNoSwitch);
      }
    }
    this.leave();
    this.backTo(caller, context);
  }

  /**
   * seL4_Wait, or seL4_Recv on a notification. True: a signal was there. False: the caller is blocked and its program must return; it is resumed
   * when it has been signalled.
   */
  wait(notification: Notification): boolean {
    const caller = this.current;
    const context = this.enter(RECV);
    if (notification.active) {
      notification.active = false;
      this.core.run(this.paths.waitPending);
      this.leave();
      this.backTo(caller, context);
      return true;
    }
    notification.waiter = caller;
    caller.ready = false;
    const next = this.chooseThread();
    this.core.run(next.vspace === this.loaded ? this.paths.waitSwitchSame : this.paths.waitSwitchOther);
    this.current = next;
    this.leave();
    return false;
  }

  /** seL4_IRQHandler_Ack. */
  acknowledge(handler: IrqHandler): void {
    const caller = this.current;
    const context = this.enter(IRQ_ACK);
    this.core.run(this.controllerPaths(handler).ack);
    handler.route.unmask();
    this.leave();
    this.backTo(caller, context);
  }

  /** seL4_X86_IOPort_Out8. @throws when the machine has no port I/O. */
  portOut8(port: number, value: number): void {
    if (this.ports === null) throw new Error('this machine has no port I/O');
    const caller = this.current;
    const context = this.enter(IOPORT);
    this.core.run(this.paths.portOut);
    this.ports.out8(port, value);
    this.leave();
    this.backTo(caller, context);
  }

  /** Begins a system call. Returns the ledger context of the caller, which may be finer than its thread's. */
  protected enter(operation: number): number {
    const { context } = this.core;
    this.core.disableInterrupts();
    this.core.context = this.contexts[operation]!; // one context an operation
    this.core.run(this.paths.syscallEntry);
    this.operation = operation;
    this.entered = this.core.now;
    this.counters.add(this.entryCounters[operation]!);
    return context;
  }

  /** Ends a system call: the exit stub; the next thread's context is set by whoever runs it. */
  protected leave(): void {
    this.log.record(this.operation, this.core.now - this.entered, this.core.now);
    this.core.run(this.paths.syscallExit);
    this.loadSpace();
  }

  /** Returns to the caller of a system call, after the threads that the call woke above it. */
  protected backTo(caller: Tcb, context: number): void {
    if (this.current !== caller) this.dispatchUntil(caller);
    this.core.context = context;
    this.core.enableInterrupts();
  }

  private loadSpace(): void {
    if (this.current.vspace === this.loaded) return;
    this.loaded = this.current.vspace;
    this.core.context = this.current.context;
    this.core.run(this.loaded.refill);
  }

  private wake(notification: Notification, waiter: Tcb): void {
    notification.waiter = null;
    this.makeReady(waiter);
  }

  protected makeReady(thread: Tcb): void {
    thread.ready = true;
    thread.readySince = this.readyOrder++;
  }

  protected chooseThread(): Tcb {
    let best: Tcb | null = null;
    for (let i = 0; i < this.threads.length; i++) {
      const thread = this.threads[i]!; // within bounds
      if (!thread.ready) continue;
      if (best === null || thread.priority > best.priority || (thread.priority === best.priority && thread.readySince < best.readySince)) best = thread;
    }
    if (best === null) throw new Error('no thread is ready, not even idle');
    return best;
  }

  /** Runs whatever thread is current until `thread` is (null: until the end of the run). */
  private dispatchUntil(thread: Tcb | null): void {
    while (this.current !== thread && !this.core.stopped) {
      const next = this.current;
      this.core.context = next.context;
      this.betweenThreads = true;
      this.core.enableInterrupts();
      this.betweenThreads = false;
      if (this.current === next) next.program.resume();
    }
  }

  private interrupt(): void {
    const interrupted = this.current;
    const nested = !this.betweenThreads;
    this.betweenThreads = false;
    const core = this.core;
    this.take();
    this.takeMore();
    core.run(this.paths.interruptExit);
    this.loadSpace();
    if (nested && this.current !== interrupted) this.dispatchUntil(interrupted);
    this.betweenThreads = !nested;
  }

  /** Takes the pending interrupt. */
  protected take(): void {
    const core = this.core;
    const local = (core.interruptRequest & PIN_LAPIC) !== 0;
    core.context = this.contexts[IRQ_DELIVER]!;
    const number = local || this.pic === null ? this.apic.acknowledge() : this.pic.acknowledge();
    if (local && number === this.tickVector) this.tick();
    else this.deliver(this.handlers[number]);
  }

  /** Interrupts that the kernel takes before it leaves for user mode. This one leaves, and is entered again. */
  protected takeMore(): void {}

  /** What delivering an interrupt of this source executes. */
  protected interruptPaths(handler: IrqHandler): InterruptPaths {
    return this.controllerPaths(handler);
  }

  private controllerPaths(handler: IrqHandler): InterruptPaths {
    const { interrupt } = this.paths;
    const { kind } = handler.route;
    return kind === 'msi' ? interrupt.msi : kind === 'ioapic' ? interrupt.ioapic : interrupt.pic;
  }

  protected deliver(handler: IrqHandler | undefined): void {
    const core = this.core;
    core.run(this.paths.interruptEntry);
    const entered = core.now;
    this.counters.add(this.entryCounters[IRQ_DELIVER]!);
    if (handler !== undefined) {
      this.counters.add(handler.counter);
      const notification = handler.notification;
      const paths = this.interruptPaths(handler);
      const waiter = notification.waiter;
      handler.route.mask();
      handler.route.endOfInterrupt();
      if (waiter === null) {
        core.run(paths.noWaiter);
        notification.active = true;
      } else {
        this.wake(notification, waiter);
        if (waiter.priority > this.current.priority) {
          core.run(waiter.vspace === this.loaded ? paths.switchSame : paths.switchOther);
          this.current = waiter;
        } else {
          core.run(paths.noSwitch);
        }
      }
    }
    this.log.record(IRQ_DELIVER, core.now - entered, core.now);
  }

  protected tick(): void {
    const core = this.core;
    core.context = this.contexts[TICK]!;
    core.run(this.paths.interruptEntry);
    const entered = core.now;
    this.counters.add(this.tickCounter);
    this.counters.add(this.entryCounters[TICK]!);
    this.tickRoute.endOfInterrupt();
    if (--this.current.slice > 0) {
      core.run(this.paths.tick);
    } else {
      this.current.slice = this.sliceTicks;
      core.run(this.paths.tickSliceOver);
    }
    this.log.record(TICK, core.now - entered, core.now);
  }
}
