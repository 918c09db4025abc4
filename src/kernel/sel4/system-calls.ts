import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { PortIo } from '../../hw/port-io.ts';
import { type Part, part, type Sequence } from '../../hw/sequence.ts';
import { Calls, type PortWrites } from './calls.ts';
import type { Call, EntryKind } from './entry-kind.ts';
import { EntryLog } from './entry-log.ts';
import type { IrqHandler } from './irq-handler.ts';
import { type KernelPaths, kernelPaths, type SignalPaths } from './paths.ts';
import { type Notification, ReadyQueue, type Tcb } from './thread.ts';

/** The kernel as threads see it: who runs, the system calls, and the dispatcher that resumes threads. */
export class SystemCalls {
  readonly core: Core;
  readonly log = new EntryLog();
  /** The running thread. */
  current: Tcb;
  protected readonly counters: Counters;
  protected readonly ports: PortIo | null;
  protected readonly ready = new ReadyQueue();
  protected readonly paths: KernelPaths;
  protected readonly calls: Calls;
  /** The system call under way. */
  protected kind: EntryKind;
  protected loaded: Tcb['vspace'];
  /** True while the dispatcher is between threads: an interrupt then need not run its threads nested. */
  protected betweenThreads = false;
  private readonly idle: Tcb;
  /** Price of coming to its address space. */
  private readonly idleTicks: Tick;
  private entered: Tick = ZERO;

  constructor(core: Core, counters: Counters, ports: PortIo | null, idle: Tcb) {
    this.core = core;
    this.counters = counters;
    this.ports = ports;
    this.paths = kernelPaths(core.paths);
    this.calls = new Calls(core, counters, this.paths);
    this.kind = this.calls.kinds.send;
    this.idle = idle;
    this.idleTicks = core.paths.path(idle.vspace.refill).ticks;
    this.current = idle;
    this.loaded = idle.vspace;
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

  /** What leads to a wait, and the wait, which switches to the idle thread. */
  defineSleep(lead: Part): Sequence {
    const { idle, calls, counters } = this;
    return this.core.join(counters, lead, calls.waitSwitchOther.whole, part(idle.context, [idle.vspace.refill]));
  }

  /** The running thread waits for a notification by a sequence of `defineSleep`. False: it cannot, and nothing has been done. */
  sleep(sequence: Sequence, notification: Notification): boolean {
    const { core, current: caller, ready, idle, calls: { waitSwitchOther, exitTicks } } = this;
    if (notification.active || caller.next !== idle || ready.first !== caller || idle.vspace === this.loaded || !core.runSequence(sequence)) return false;
    core.disableInterrupts();
    notification.waiter = caller;
    ready.remove(caller);
    this.current = idle;
    this.loaded = idle.vspace;
    this.log.record(waitSwitchOther.kind.operation, waitSwitchOther.inside, core.now - this.idleTicks - exitTicks);
    return true;
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

  /** Such calls in a row. @throws when the machine has no port I/O. */
  portWrites(numbers: readonly number[]): PortWrites {
    if (this.ports === null) throw new Error('this machine has no port I/O');
    return this.calls.portWritesInARow(this.ports, numbers);
  }

  /** What port writes do, the time of their beginning having been spent. */
  portsWritten({ ports, numbers, period, inside }: PortWrites, values: readonly number[]): void {
    const { log, core, calls: { kinds: { ioport } } } = this;
    const last = numbers.length - 1;
    for (let i = 0; i <= last; i++) {
      log.record(ioport.operation, inside, core.now - (last - i) * period);
      ports.written(numbers[i]!, values[i]!); // a value for each
    }
  }

  /** The rest of port writes. */
  endPortWrites(): void {
    const { core } = this;
    const { context } = core;
    core.disableInterrupts();
    core.context = this.calls.kinds.ioport.context;
    core.run(this.paths.syscallExit);
    core.context = context;
    core.enableInterrupts();
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

  protected loadSpace(): void {
    if (this.current.vspace === this.loaded) return;
    this.loaded = this.current.vspace;
    this.core.context = this.current.context;
    this.core.run(this.loaded.refill);
  }

  /** Signals a notification, which may make a waiting thread the current one. @returns what that executes. */
  protected signalled<T>(notification: Notification, paths: SignalPaths<T>): T {
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

  protected firstReady(): Tcb {
    const { first } = this.ready;
    if (first === null) throw new Error('no thread is ready, not even idle');
    return first;
  }

  /** Runs whatever thread is current until `thread` is (null: until the end of the run). */
  protected dispatchUntil(thread: Tcb | null): void {
    while (this.current !== thread && !this.core.stopped) {
      const next = this.current;
      this.core.context = next.context;
      this.betweenThreads = true;
      this.core.enableInterrupts();
      this.betweenThreads = false;
      if (this.current === next) next.program.resume();
    }
  }
}
