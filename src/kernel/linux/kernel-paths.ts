import { operation } from '../../anykernel/operation.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { InterruptRoute } from '../../hw/interrupt-route.ts';
import { spend } from '../../hw/path.ts';
import { part, type Sequence } from '../../hw/sequence.ts';
import type { E1000e } from './e1000e.ts';
import type { Process } from './process.ts';
import type { SleepState } from './sleep-states.ts';

export interface KernelContexts {
  readonly idle: number;
  readonly interrupt: number;
  readonly softirq: number;
  readonly ksoftirqd: number;
}

export function kernelContexts(core: Core): KernelContexts {
  return {
    idle: core.defineContext('linux:idle'),
    interrupt: core.defineContext('linux:interrupt'),
    softirq: core.defineContext('linux:softirq'),
    ksoftirqd: core.defineContext('linux:ksoftirqd'),
  };
}

export type KernelPaths = ReturnType<typeof kernelPaths>;

export function kernelPaths(core: Core) {
  const { paths } = core;
  return {
    fromKernel: paths.define('interrupt/from-kernel', spend('bmk.interrupt')),
    fromUser: paths.define('interrupt/from-user', spend('sel4.interrupt.entry'), spend('sel4.interrupt.exit')),
    irq: operation(paths, 'linux.irq'),
    softirq: operation(paths, 'linux.softirq'),
    stage: paths.define('refill/stage', spend('stage.refill')),
    reload: paths.define('refill/address-space', spend('stage.refill'), spend('cr3.write', 2), spend('tlb.refill')),
    coldCaches: paths.define('refill/cold-caches', spend('cstate.refill')),
    wakeup: operation(paths, 'linux.wakeup'),
    switchTo: operation(paths, 'linux.switch'),
    idleEnter: operation(paths, 'linux.idle-enter'),
    idleLeave: operation(paths, 'linux.idle-leave'),
    idleAgain: operation(paths, 'linux.idle-again'),
    idleExit: operation(paths, 'linux.idle-exit'),
    tick: operation(paths, 'linux.tick'),
  };
}

export type KernelCounters = ReturnType<typeof kernelCounters>;

export function kernelCounters(counters: Counters, states: readonly SleepState[]) {
  return {
    receive: counters.define('interrupts.nic'),
    transmit: counters.define('interrupts.nic-tx'),
    timer: counters.define('interrupts.timer'),
    switches: counters.define('linux.switches'),
    ksoftirqd: counters.define('linux.ksoftirqd'),
    idleEntries: counters.define('linux.idle-entries'),
    sleeps: states.map(({ name }) => counters.define(`linux.sleeps.${name}`)),
  };
}

/** The two interrupts of the NIC when they hit the kernel, from the entry to where the driver looks at what there is. */
export interface InterruptSequences {
  /** With the softirq, up to its first poll; the same where the handler writes EITR. */
  readonly receive: Sequence;
  readonly retune: Sequence;
  readonly transmit: Sequence;
}

export function interruptSequences(core: Core, counters: Counters, contexts: KernelContexts, paths: KernelPaths, counts: KernelCounters, route: InterruptRoute, driver: E1000e): InterruptSequences {
  // A message cannot be masked: its end is all there is.
  const entry = part(contexts.interrupt, [paths.fromKernel, paths.irq, ...route.maskAndEnd.map(({ path }) => path)], route.maskAndEnd.map(({ counter }) => counter));
  const receive = part(contexts.interrupt, [driver.rxIrq], [counts.receive]);
  const tune = part(contexts.interrupt, [driver.writing.path], [driver.writing.counter, driver.eitrWrites]);
  const softirq = part(contexts.softirq, [paths.stage, paths.softirq, driver.polling.path], [driver.polling.counter]);
  return {
    receive: core.join(counters, entry, receive, softirq),
    retune: core.join(counters, entry, receive, tune, softirq),
    transmit: core.join(counters, entry, part(contexts.interrupt, [driver.txIrq], [counts.transmit])),
  };
}

/** Ways between the idle task and a process that sleeps or is woken. */
export interface SwitchSequences {
  /** From the end of idle to where the process looks at what it was woken for; the same with its address space left. */
  readonly wake: Sequence;
  readonly reload: Sequence;
  /** From where the process finds nothing to do into idle. */
  readonly sleep: Sequence;
}

export function switchSequences(core: Core, counters: Counters, contexts: KernelContexts, paths: KernelPaths, counts: KernelCounters, { context, wakes, sleeps }: Process): SwitchSequences {
  const leave = part(contexts.idle, [paths.idleExit, paths.switchTo], [counts.switches]);
  return {
    wake: core.join(counters, leave, part(context, [paths.stage]), wakes),
    reload: core.join(counters, leave, part(context, [paths.reload]), wakes),
    sleep: core.join(counters, sleeps, part(contexts.idle, [paths.idleEnter], [counts.idleEntries])),
  };
}
