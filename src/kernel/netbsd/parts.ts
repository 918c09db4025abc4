import type { Softint } from '../../anykernel/host.ts';
import { Fifo } from '../../events/fifo.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { LocalApicEnd } from '../../hw/interrupt-route.ts';
import type { LocalApic } from '../../hw/local-apic.ts';
import type { Pic } from '../../hw/pic.ts';
import type { InterruptSource } from './interrupt-source.ts';

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

/** One softint level: an lwp of its own with a queue of handlers. */
export class SoftintLwp {
  readonly context: number;
  readonly level: number;
  readonly source: number;
  readonly queue = new Fifo<Softint>();
  /** From the first scheduling until the queue has been emptied: no new trigger meanwhile (si_active). */
  active = false;

  constructor(context: number, level: number, source: number) {
    this.context = context;
    this.level = level;
    this.source = source;
  }
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
