import type { Tick } from '../../events/time.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import { part, type Sequence } from '../../hw/sequence.ts';
import type { Calls } from './calls.ts';
import type { EntryLog } from './entry-log.ts';
import type { KernelPaths } from './paths.ts';
import type { Handler, Tcb, Turn } from './thread.ts';

/** The turn of a handler: the kernel's exit, the thread's space, its code and its two system calls. */
export class HandlerTurn implements Turn {
  readonly handler: Handler;
  readonly whole: Sequence;
  private readonly calls: Calls;
  /** From the end of the first call's body to the end of all. */
  private readonly afterSignal: Tick;

  constructor(core: Core, counters: Counters, calls: Calls, paths: KernelPaths, thread: Tcb, handler: Handler) {
    const { signal, waitSwitchSame, kinds, exitTicks } = calls;
    const own = thread.context;
    this.handler = handler;
    this.calls = calls;
    this.whole = core.join(
      counters, part(kinds['irq-deliver'].context, [paths.interruptExit]), part(own, [thread.vspace.refill, handler.before]), signal.noSwitch.whole, part(own, [handler.after]), waitSwitchSame.whole,
    );
    this.afterSignal = exitTicks + core.paths.path(handler.after).ticks + waitSwitchSame.whole.ticks;
  }

  record(log: EntryLog, end: Tick): void {
    const { signal: { noSwitch }, waitSwitchSame, exitTicks } = this.calls;
    log.record(noSwitch.kind.operation, noSwitch.inside, end - this.afterSignal);
    log.record(waitSwitchSame.kind.operation, waitSwitchSame.inside, end - exitTicks);
  }
}
