import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { LocalApicEnd } from '../../hw/interrupt-route.ts';
import type { LocalApic } from '../../hw/local-apic.ts';
import type { Pic } from '../../hw/pic.ts';
import { part, type Sequence } from '../../hw/sequence.ts';
import type { InterruptSource } from './interrupt-source.ts';
import type { KernelPaths } from './paths.ts';

/** What a kernel is made with. */
export interface KernelHardware {
  readonly core: Core;
  readonly counters: Counters;
  readonly pic: Pic | null;
  readonly apic: LocalApic;
  readonly apicEnd: LocalApicEnd;
  readonly device: InterruptSource;
  /** Vector of the LAPIC timer. */
  readonly clockVector: number;
}

/** The programs a kernel runs. */
export interface KernelPrograms {
  /** The device's interrupt handler, at IPL_NET. */
  handleDevice(): void;
  /** What hardclock calls after its own work, at IPL_SCHED. */
  afterTick(): void;
  /** The process: from the wake-up in its system call to the next sleep. */
  runProcess(): void;
}

/** Ledger contexts. The softints' are their lwps'. */
export function kernelContexts(core: Core) {
  return {
    interrupt: core.defineContext('netbsd:interrupt'),
    clock: core.defineContext('netbsd:hardclock'),
    kernel: core.defineContext('netbsd:kernel'),
    user: core.defineContext('netbsd:iperf'),
    idle: core.defineContext('netbsd:idle'),
  };
}

/** Ids of the counters. `held`: interrupts that a level kept out; `blocked`: softints that found softnet_lock taken. */
export function kernelCounts(counters: Counters) {
  return {
    device: counters.define('interrupts.nic'),
    clock: counters.define('interrupts.timer'),
    held: counters.define('interrupts.held'),
    softint: counters.define('netbsd.softints'),
    blocked: counters.define('netbsd.softints-blocked'),
    switched: counters.define('netbsd.switches'),
    syscall: counters.define('netbsd.syscalls'),
    portRead: counters.define('port.read'),
  };
}

/** What is run in a row where nothing else happens meanwhile. */
export interface KernelSequences {
  /** From a process that sleeps to the core that does. */
  readonly toSleep: Sequence;
  /** From the end of an interrupt that woke the process to where it goes on. */
  readonly toProcess: Sequence;
  /** The device's interrupt up to its handler, where nothing is to be done before its level is looked at. */
  readonly device: Sequence;
}

export function kernelSequences(core: Core, counters: Counters, contexts: ReturnType<typeof kernelContexts>, paths: KernelPaths, counts: ReturnType<typeof kernelCounts>): KernelSequences {
  return {
    toSleep: core.join(counters, part(contexts.kernel, [paths.switchToIdle], [counts.switched]), part(contexts.idle, [paths.idle, paths.busMaster, paths.timerRead], [counts.portRead])),
    toProcess: core.defineSequence(contexts.idle, [paths.timerRead, paths.busMaster, paths.switchToProcess], counters, [counts.portRead, counts.switched]),
    device: core.defineSequence(contexts.interrupt, [paths.interruptEntry, paths.interruptStub], counters, [counts.device]),
  };
}
