import { SOFTINT_CLOCK, SOFTINT_NET, type Softint } from '../../anykernel/host.ts';
import { Fifo } from '../../events/fifo.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { Sequence } from '../../hw/sequence.ts';
import { IPL_SOFTCLOCK, IPL_SOFTNET, SOFTCLOCK, SOFTNET } from './level.ts';
import type { KernelPaths } from './paths.ts';

/** One softint level: an lwp of its own with a queue of handlers. */
class SoftintLwp {
  readonly context: number;
  readonly level: number;
  readonly source: number;
  /** The switch to it and its first handler's beginning. */
  readonly begins: Sequence;
  readonly queue = new Fifo<Softint>();
  /** From the first scheduling until the queue has been emptied: no new trigger meanwhile (si_active). */
  active = false;

  constructor(context: number, level: number, source: number, begins: Sequence) {
    this.context = context;
    this.level = level;
    this.source = source;
    this.begins = begins;
  }
}

/** Whose level softints raise. */
export interface LevelHolder {
  level: number;
}

/** The softint lwps, and softnet_lock, on which the network's can block. Where one runs, interrupts are off before and after, and the level is set back by the caller. */
export class Softints {
  /** Softints under way. */
  depth = 0;
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly paths: KernelPaths;
  private readonly kernel: LevelHolder;
  private readonly lwps: readonly SoftintLwp[];
  private readonly run: number;
  private readonly blocks: number;
  private socketLocks = 0;
  /** The network softint has blocked on softnet_lock. */
  private blocked = false;

  /** `counts`: of softints, and of those that found softnet_lock taken. */
  constructor(core: Core, counters: Counters, paths: KernelPaths, counts: { readonly softint: number; readonly blocked: number }, kernel: LevelHolder) {
    this.core = core;
    this.counters = counters;
    this.paths = paths;
    this.kernel = kernel;
    this.run = counts.softint;
    this.blocks = counts.blocked;
    const lwp = (name: string, level: number, source: number): SoftintLwp => {
      const context = core.defineContext(name);
      return new SoftintLwp(context, level, source, core.defineSequence(context, [paths.softintSwitch, paths.softintHandler], counters, [counts.softint]));
    };
    const clock = lwp('netbsd:softclock', IPL_SOFTCLOCK, SOFTCLOCK);
    const net = lwp('netbsd:softnet', IPL_SOFTNET, SOFTNET);
    this.lwps = SOFTINT_CLOCK < SOFTINT_NET ? [clock, net] : [net, clock];
  }

  /** softint_schedule(). Returns what is pending by it, as a bit, or 0. The cost is part of the operations that call it. */
  schedule(level: number, handler: Softint): number {
    const lwp = this.lwps[level];
    if (lwp === undefined) throw new RangeError(`no softint level ${level}`);
    if (lwp.queue.includes(handler)) return 0;
    lwp.queue.push(handler);
    if (lwp.active) return 0;
    lwp.active = true;
    return 1 << lwp.source;
  }

  lock(): void {
    this.socketLocks++;
  }

  /** True: the network softint waits for the lock. */
  unlock(): boolean {
    return --this.socketLocks === 0 && this.blocked;
  }

  /** The waiter is made runnable, preempts, and gives the CPU back when it is done. */
  wake(): void {
    this.blocked = false;
    this.core.run(this.paths.softintWakes);
    this.runHandlers(this.lwps[SOFTINT_NET]!, false); // one a level
  }

  /** Xsoftintr: switches to the softint's lwp on the interrupted one's back. */
  interrupt(level: number): void {
    const { core } = this;
    const lwp = this.lwps[level]!; // one a level
    const { context } = core;
    const waits = level === SOFTINT_NET && this.socketLocks > 0;
    // A handler begins with interrupts on, which lets in what is requested.
    const begun = !waits && lwp.queue.length > 0 && core.interruptRequest === 0 && core.runSequence(lwp.begins);
    core.context = lwp.context;
    if (!begun) {
      this.counters.add(this.run);
      core.run(this.paths.softintSwitch);
    }
    if (waits) {
      // It lends its priority to the holder and gives the CPU back to it.
      this.counters.add(this.blocks);
      core.run(this.paths.softintBlocks);
      this.blocked = true;
    } else {
      this.runHandlers(lwp, begun);
    }
    core.context = context;
  }

  /** `begun`: the first one's path has been run. */
  private runHandlers(lwp: SoftintLwp, begun: boolean): void {
    const { core } = this;
    const { context } = core;
    core.context = lwp.context;
    this.depth++;
    this.kernel.level = lwp.level;
    core.enableInterrupts();
    let skip = begun;
    for (let handler = lwp.queue.shift(); handler !== null; handler = lwp.queue.shift()) {
      if (!skip) core.run(this.paths.softintHandler);
      skip = false;
      handler();
    }
    core.disableInterrupts();
    lwp.active = false;
    this.depth--;
    core.context = context;
  }
}
