import { young } from '../../events/young.ts';
import { PIN_LAPIC, type Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { InterruptRoute } from '../../hw/interrupt-route.ts';
import type { LocalApic } from '../../hw/local-apic.ts';
import type { Pic } from '../../hw/pic.ts';
import type { PortIo } from '../../hw/port-io.ts';
import type { Delivery, IrqHandler } from './irq-handler.ts';
import type { InterruptPaths } from './paths.ts';
import { SystemCalls } from './system-calls.ts';
import type { Handler, Tcb } from './thread.ts';
import { HandlerTurn } from './turn.ts';

/** A handler for none of the numbers. Copied, since making it takes long. */
const NONE: readonly undefined[] = Array.from({ length: 256 }, () => undefined);

/**
 * The seL4 microkernel of 2017 on ia32: fixed-priority threads, notifications, interrupts as signals, port I/O by invocation, a periodic tick. It runs with interrupts off.
 * Threads are programs that run until they block; a preempting thread runs nested inside the preempted one's instruction stream, which fixed
 * priorities make exact: the preempted thread cannot run before every higher one has blocked.
 */
export class Sel4Kernel extends SystemCalls {
  private readonly pic: Pic | null;
  private readonly apic: LocalApic;
  private readonly tickRoute: InterruptRoute;
  private readonly tickVector: number;
  private readonly sliceTicks: number;
  /** By number. */
  private readonly handlers: (IrqHandler | undefined)[] = [...NONE];
  private readonly tickCounter: number;

  constructor(core: Core, counters: Counters, ports: PortIo | null, pic: Pic | null, apic: LocalApic, tickRoute: InterruptRoute, tickVector: number, sliceTicks: number, idle: Tcb) {
    super(core, counters, ports, idle);
    this.pic = pic;
    this.apic = apic;
    this.tickRoute = tickRoute;
    this.tickVector = tickVector;
    this.sliceTicks = sliceTicks;
    this.tickCounter = counters.define('interrupts.tick');
    this.addThread(idle);
    core.onInterrupt = young(() => this.interrupt());
  }

  addThread(thread: Tcb): void {
    thread.slice = this.sliceTicks;
    this.ready.add(thread);
  }

  addHandler(handler: IrqHandler): void {
    this.handlers[handler.number] = handler;
    handler.addTo(this.calls.interrupt(handler, this.interruptPaths(handler)));
  }

  /** Says what a thread usually does when an interrupt has woken it. */
  addTurn(thread: Tcb, handler: Handler, source: IrqHandler): void {
    thread.turn = new HandlerTurn(this.core, this.counters, this.calls, this.paths, source.execution.deliveries.switchOther, thread, handler);
  }

  /** Runs threads until the core is stopped. */
  run(): void {
    this.current = this.firstReady();
    this.loaded = this.current.vspace;
    this.dispatchUntil(null);
  }

  private interrupt(): void {
    const interrupted = this.current;
    const nested = !this.betweenThreads;
    this.betweenThreads = false;
    const core = this.core;
    if (!this.take()) {
      this.takeMore();
      core.run(this.paths.interruptExit);
      this.loadSpace();
    }
    if (nested && this.current !== interrupted) this.dispatchUntil(interrupted);
    this.betweenThreads = !nested;
  }

  /** Takes the pending interrupt. True: all that follows has been done, too, up to the switch to the next thread. */
  protected take(): boolean {
    const core = this.core;
    const local = (core.interruptRequest & PIN_LAPIC) !== 0;
    core.context = this.calls.kinds['irq-deliver'].context;
    const number = local || this.pic === null ? this.apic.acknowledge() : this.pic.acknowledge();
    if (local && number === this.tickVector) {
      this.tick();
      return false;
    }
    const handler = this.handlers[number];
    if (handler !== undefined && this.turned(handler)) return true;
    this.deliver(handler);
    return false;
  }

  /** The thread that waits for the interrupt does its usual turn as a whole. False: it cannot, and nothing has been done. */
  private turned({ notification, route, execution }: IrqHandler): boolean {
    const { core, current, ready } = this;
    const thread = notification.waiter;
    if (thread === null || thread.turn === null) return false;
    const { turn, vspace } = thread;
    const { handler } = turn;
    const { waiter } = handler.signals;
    // The handler comes before who runs now, its signal does not switch, and its wait switches to whom that has woken.
    if (waiter === null || waiter.priority > thread.priority || waiter.priority <= current.priority || waiter.vspace !== vspace || vspace === this.loaded) return false;
    if (core.stopped || ready.first !== current || !handler.usual() || !core.fits(turn.whole)) return false;
    route.maskedAndEnded();
    if (core.interruptRequest !== 0) {
      // The end of this interrupt has let in another one, which comes before the handler's own code.
      this.delivered(this.signalled(notification, execution.deliveries));
      core.run(this.paths.interruptExit);
      this.loadSpace();
      return true;
    }
    core.runFitting(turn.whole);
    handler.act();
    handler.signals.waiter = null;
    ready.add(waiter);
    this.current = waiter;
    this.loaded = vspace;
    if (!this.log.pass(turn.entries)) turn.record(this.log, core.now);
    return true;
  }

  /** Interrupts that the kernel takes before it leaves for user mode. This one leaves, and is entered again. */
  protected takeMore(): void {}

  /** What delivering an interrupt of this source executes, and its acknowledgement. */
  protected interruptPaths(handler: IrqHandler): InterruptPaths {
    return this.paths.interrupt[handler.route.kind];
  }

  protected deliver(handler: IrqHandler | undefined): void {
    const { core } = this;
    const delivery = handler === undefined ? null : this.signalled(handler.notification, handler.execution.deliveries);
    if (handler !== undefined && delivery !== null && this.delivered(delivery)) {
      handler.route.maskedAndEnded();
      return;
    }
    const { operation, counter } = this.calls.kinds['irq-deliver'];
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

  /** A delivery as one; false: it cannot be. */
  private delivered({ whole, inside }: Delivery): boolean {
    const { core } = this;
    if (!core.runSequence(whole)) return false;
    this.log.record(this.calls.kinds['irq-deliver'].operation, inside, core.now);
    return true;
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
