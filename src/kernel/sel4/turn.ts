import type { Tick } from '../../events/time.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import { part, type Sequence } from '../../hw/sequence.ts';
import type { Calls } from './calls.ts';
import type { EntryLog } from './entry-log.ts';
import type { Delivery } from './irq-handler.ts';
import type { KernelPaths } from './paths.ts';
import type { Handler, Tcb, Turn } from './thread.ts';

/** The turn of a handler: the interrupt's delivery, the kernel's exit, the thread's space, its code and its two system calls. */
export class HandlerTurn implements Turn {
  readonly handler: Handler;
  readonly whole: Sequence;
  readonly entries = 3;
  private readonly calls: Calls;
  private readonly delivery: Delivery;
  /** From the end of the delivery's body and from that of the first call's to the end of all. */
  private readonly afterDelivery: Tick;
  private readonly afterSignal: Tick;

  /** `delivery`: that which switches to the thread's space. */
  constructor(core: Core, counters: Counters, calls: Calls, paths: KernelPaths, delivery: Delivery, thread: Tcb, handler: Handler) {
    const { signal, waitSwitchSame, kinds, exitTicks } = calls;
    const own = thread.context;
    this.handler = handler;
    this.calls = calls;
    this.delivery = delivery;
    this.whole = core.join(
      counters, delivery.whole, part(kinds['irq-deliver'].context, [paths.interruptExit]), part(own, [thread.vspace.refill, handler.before]), signal.noSwitch.whole, part(own, [handler.after]), waitSwitchSame.whole,
    );
    this.afterDelivery = this.whole.ticks - delivery.whole.ticks;
    this.afterSignal = exitTicks + core.paths.path(handler.after).ticks + waitSwitchSame.whole.ticks;
  }

  record(log: EntryLog, end: Tick): void {
    const { signal: { noSwitch }, waitSwitchSame, exitTicks, kinds } = this.calls;
    log.record(kinds['irq-deliver'].operation, this.delivery.inside, end - this.afterDelivery);
    log.record(noSwitch.kind.operation, noSwitch.inside, end - this.afterSignal);
    log.record(waitSwitchSame.kind.operation, waitSwitchSame.inside, end - exitTicks);
  }
}
