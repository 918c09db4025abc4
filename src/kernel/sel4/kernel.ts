import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import { PIN_LAPIC, type Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { InterruptRoute } from '../../hw/interrupt-route.ts';
import type { LocalApic } from '../../hw/local-apic.ts';
import type { Pic } from '../../hw/pic.ts';
import type { PortIo } from '../../hw/port-io.ts';
import type { Sequence } from '../../hw/sequence.ts';
import { Calls } from './calls.ts';
import type { Call, EntryKind } from './entry-kind.ts';
import { EntryLog } from './entry-log.ts';
import type { IrqHandler } from './irq-handler.ts';
import { type InterruptPaths, type KernelPaths, kernelPaths, type SignalPaths } from './paths.ts';
import { type Handler, type Notification, ReadyQueue, type Tcb } from './thread.ts';
import { HandlerTurn } from './turn.ts';

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
  protected readonly ready = new ReadyQueue();
  /** By number. */
  private readonly handlers: (IrqHandler | undefined)[] = Array.from({ length: 256 }, () => undefined);
  protected readonly paths: KernelPaths;
  protected readonly calls: Calls;
  private readonly tickCounter: number;
  /** The system call under way. */
  protected kind: EntryKind;
  private entered: Tick = ZERO;
  protected loaded: Tcb['vspace'];
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
    this.calls = new Calls(core, counters, this.paths);
    this.kind = this.calls.kinds.send;
    this.tickCounter = counters.define('interrupts.tick');
    this.current = idle;
    this.loaded = idle.vspace;
    this.addThread(idle);
    core.onInterrupt = () => this.interrupt();
  }

  addThread(thread: Tcb): void {
    thread.slice = this.sliceTicks;
    this.ready.add(thread);
  }

  /** Says what a thread usually does when an interrupt has woken it. */
  addTurn(thread: Tcb, handler: Handler): void {
    thread.turn = new HandlerTurn(this.core, this.counters, this.calls, this.paths, thread, handler);
  }

  addHandler(handler: IrqHandler): void {
    this.handlers[handler.number] = handler;
    handler.addTo(this.calls.interrupt(handler, this.interruptPaths(handler)));
  }

  /** Runs threads until the core is stopped. */
  run(): void {
    this.current = this.firstReady();
    this.loaded = this.current.vspace;
    this.dispatchUntil(null);
  }

  /** seL4_Signal. */
  signal(notification: Notification): void {
    const caller = this.current;
    const { context } = this.core;
    this.perform(this.signalled(notification, this.calls.signal));
    this.backTo(caller, context);
  }

  /**
   * seL4_Wait, or seL4_Recv on a notification. True: a signal was there. False: the caller is blocked and its program must return; it is resumed
   * when it has been signalled.
   */
  wait(notification: Notification): boolean {
    const caller = this.current;
    if (notification.active) {
      const { context } = this.core;
      notification.active = false;
      this.perform(this.calls.waitPending);
      this.backTo(caller, context);
      return true;
    }
    notification.waiter = caller;
    this.current = this.block(caller);
    this.perform(this.current.vspace === this.loaded ? this.calls.waitSwitchSame : this.calls.waitSwitchOther);
    return false;
  }

  /** seL4_IRQHandler_Ack. */
  acknowledge(handler: IrqHandler): void {
    const caller = this.current;
    const { context } = this.core;
    const { acknowledgement } = handler.execution;
    if (this.performAtOnce(acknowledgement)) {
      handler.route.unmasked();
    } else {
      this.enter(acknowledgement.kind);
      this.core.run(acknowledgement.body);
      handler.route.unmask();
      this.leave();
    }
    this.backTo(caller, context);
  }

  /** seL4_X86_IOPort_Out8. @throws when the machine has no port I/O. */
  portOut8(port: number, value: number): void {
    if (this.ports === null) throw new Error('this machine has no port I/O');
    const caller = this.current;
    const { context } = this.core;
    if (this.enterAtOnce(this.calls.kinds.ioport, this.calls.portWrite(port, this.ports))) {
      this.ports.written(port, value);
    } else {
      this.enter(this.calls.kinds.ioport);
      this.core.run(this.paths.portOut);
      this.ports.out8(port, value);
    }
    this.leave();
    this.backTo(caller, context);
  }

  /** A system call that accesses no device. What it does to threads is done before: nobody sees when, interrupts being off from here on. */
  protected perform(call: Call): void {
    if (this.performAtOnce(call)) return;
    this.enter(call.kind);
    this.core.run(call.body);
    this.leave();
  }

  /** The same as entering, running the body and leaving, where nothing else happens before the end. False: it does, and nothing has been done. */
  protected performAtOnce({ kind, whole, inside }: Call): boolean {
    const { core } = this;
    core.disableInterrupts();
    if (!core.runSequence(whole)) return false;
    this.log.record(kind.operation, inside, core.now - this.calls.exitTicks);
    this.loadSpace();
    return true;
  }

  /** The same as entering and running what follows, all of it in `sequence`, where nothing else happens before the end. */
  protected enterAtOnce(kind: EntryKind, sequence: Sequence): boolean {
    const { core } = this;
    core.disableInterrupts();
    const entered = core.now + this.calls.entryTicks;
    if (!core.runSequence(sequence)) return false;
    core.context = kind.context;
    this.kind = kind;
    this.entered = entered;
    return true;
  }

  /** Begins a system call. */
  protected enter(kind: EntryKind): void {
    const { core } = this;
    core.disableInterrupts();
    core.context = kind.context;
    core.run(this.paths.syscallEntry);
    this.kind = kind;
    this.entered = core.now;
    this.counters.add(kind.counter);
  }

  /** Ends a system call: the exit stub; the next thread's context is set by whoever runs it. */
  protected leave(): void {
    const { core } = this;
    this.log.record(this.kind.operation, core.now - this.entered, core.now);
    core.run(this.paths.syscallExit);
    this.loadSpace();
  }

  /** Returns to the caller of a system call, after the threads that the call woke above it. `context`: the caller's, which may be finer than its thread's. */
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

  /** Signals a notification, which may make a waiting thread the current one. @returns what that executes. */
  private signalled<T>(notification: Notification, paths: SignalPaths<T>): T {
    const { waiter } = notification;
    if (waiter === null) {
      const path = notification.active ? paths.active : paths.noWaiter;
      notification.active = true;
      return path;
    }
    notification.waiter = null;
    this.ready.add(waiter);
    if (waiter.priority <= this.current.priority) return paths.noSwitch;
    this.current = waiter;
    return waiter.vspace === this.loaded ? paths.switchSame : paths.switchOther;
  }

  /** Takes a thread off the ready ones. @returns who runs next. */
  protected block(thread: Tcb): Tcb {
    this.ready.remove(thread);
    return this.firstReady();
  }

  private firstReady(): Tcb {
    const { first } = this.ready;
    if (first === null) throw new Error('no thread is ready, not even idle');
    return first;
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
    if (this.current === interrupted || !this.turned()) {
      core.run(this.paths.interruptExit);
      this.loadSpace();
    }
    if (nested && this.current !== interrupted) this.dispatchUntil(interrupted);
    this.betweenThreads = !nested;
  }

  /** The thread that an interrupt has just made the current one does its usual turn as a whole. False: it cannot, and nothing has been done. */
  private turned(): boolean {
    const { core, current, ready } = this;
    const { turn, next, vspace } = current;
    if (turn === null) return false;
    const { handler } = turn;
    const { waiter } = handler.signals;
    // The signal does not switch, and the wait switches to whom it has woken.
    if (waiter === null || waiter.priority > current.priority || (next !== null && next.priority >= waiter.priority) || waiter.vspace !== vspace || vspace === this.loaded) return false;
    // Interrupts are on while the thread's own code runs.
    if (core.interruptRequest !== 0 || core.stopped || !handler.usual() || !core.runSequence(turn.whole)) return false;
    handler.act();
    handler.signals.waiter = null;
    handler.waits.waiter = current;
    ready.replaceFirst(current, waiter);
    this.current = waiter;
    this.loaded = vspace;
    turn.record(this.log, core.now);
    return true;
  }

  /** Takes the pending interrupt. */
  protected take(): void {
    const core = this.core;
    const local = (core.interruptRequest & PIN_LAPIC) !== 0;
    core.context = this.calls.kinds['irq-deliver'].context;
    const number = local || this.pic === null ? this.apic.acknowledge() : this.pic.acknowledge();
    if (local && number === this.tickVector) this.tick();
    else this.deliver(this.handlers[number]);
  }

  /** Interrupts that the kernel takes before it leaves for user mode. This one leaves, and is entered again. */
  protected takeMore(): void {}

  /** What delivering an interrupt of this source executes, and its acknowledgement. */
  protected interruptPaths(handler: IrqHandler): InterruptPaths {
    return this.paths.interrupt[handler.route.kind];
  }

  protected deliver(handler: IrqHandler | undefined): void {
    const { core } = this;
    const { operation, counter } = this.calls.kinds['irq-deliver'];
    const delivery = handler === undefined ? null : this.signalled(handler.notification, handler.execution.deliveries);
    if (handler !== undefined && delivery !== null && core.runSequence(delivery.whole)) {
      handler.route.maskedAndEnded();
      this.log.record(operation, delivery.inside, core.now);
      return;
    }
    core.run(this.paths.interruptEntry);
    const entered = core.now;
    this.counters.add(counter);
    if (handler !== undefined && delivery !== null) {
      this.counters.add(handler.counter);
      handler.route.mask();
      handler.route.endOfInterrupt();
      core.run(delivery.body);
    }
    this.log.record(operation, core.now - entered, core.now);
  }

  protected tick(): void {
    const core = this.core;
    core.context = this.calls.kinds.tick.context;
    core.run(this.paths.interruptEntry);
    const entered = core.now;
    this.counters.add(this.tickCounter);
    this.counters.add(this.calls.kinds.tick.counter);
    this.tickRoute.endOfInterrupt();
    if (--this.current.slice > 0) {
      core.run(this.paths.tick);
    } else {
      this.current.slice = this.sliceTicks;
      core.run(this.paths.tickSliceOver);
    }
    this.log.record(this.calls.kinds.tick.operation, core.now - entered, core.now);
  }
}
