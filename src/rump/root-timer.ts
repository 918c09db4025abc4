import { operation } from '../anykernel/operation.ts';
import { SECOND, type Tick } from '../events/time.ts';
import type { Core } from '../hw/core.ts';
import type { Counters } from '../hw/counters.ts';
import type { Hpet } from '../hw/hpet.ts';
import { PIT_CHANNEL0, PIT_COMMAND, PIT_HZ } from '../hw/pit.ts';
import type { RpcKernel } from '../kernel/sel4/rpc-kernel.ts';

/** The timer as the root task's time server uses it. What lies between its acts depends on the device, too. */
export interface RootTimer {
  /** Paths of a request: to the clock, from it to the reply, from it to the setting of the timer, from there to the reply. */
  readonly request: { readonly begin: number; readonly end: number; readonly set: number; readonly setEnd: number };
  /** Paths of an interrupt: to the acknowledgement, to the clock, from it to the signal; from it to the setting of the timer, from there to Recv. */
  readonly interrupt: { readonly begin: number; readonly read: number; readonly due: number; readonly set: number; readonly setEnd: number };
  /** The driver's own interrupt handler sets the timer once more when nothing is due: the path after that to the second setting; null: it does not. */
  readonly again: number | null;
  /** Reads the clock. */
  read(): void;
  /** Sets the timer `delay` ticks from now, by its own count of time. */
  set(delay: Tick): void;
}

/** The HPET, mapped into the root task: the counter's low, high and again high half; an eight-byte write of the comparator; the counter again. */
export class HpetRootTimer implements RootTimer {
  readonly request: RootTimer['request'];
  readonly interrupt: RootTimer['interrupt'];
  readonly again = null;
  private readonly hpet: Hpet;
  private readonly counters: Counters;
  private readonly programmed: number;

  constructor(core: Core, hpet: Hpet, counters: Counters) {
    this.hpet = hpet;
    this.counters = counters;
    const path = (name: string): number => operation(core.paths, `root.${name}`);
    this.request = { begin: path('rpc.begin'), end: path('rpc.end'), set: path('rpc.set'), setEnd: path('rpc.set-end') };
    this.interrupt = { begin: path('irq.begin'), read: path('irq.read'), due: path('irq.due'), set: path('irq.set'), setEnd: path('irq.set-end') };
    this.programmed = counters.define('timer.programmed');
  }

  read(): void {
    this.hpet.read();
    this.hpet.read();
    this.hpet.read();
  }

  set(delay: Tick): void {
    this.counters.add(this.programmed);
    this.hpet.write();
    this.hpet.arm(Math.max(0, Math.round(delay)));
    this.read();
  }
}

/** Mode 0, low byte then high byte, channel 0. */
const ONE_SHOT = 0x30;
const LONGEST = 65535;

/** The PIT, by I/O-port invocations: for each of the three port writes a capability is made and deleted (libsel4platsupport io_port_ops). The clock is the TSC. */
export class PitRootTimer implements RootTimer {
  readonly request: RootTimer['request'];
  readonly interrupt: RootTimer['interrupt'];
  readonly again: number;
  private readonly core: Core;
  private readonly kernel: RpcKernel;
  private readonly counters: Counters;
  private readonly issue: number;
  private readonly deletion: number;
  private readonly next: number;
  private readonly programmed: number;

  constructor(core: Core, kernel: RpcKernel, counters: Counters) {
    this.core = core;
    this.kernel = kernel;
    this.counters = counters;
    const path = (name: string): number => operation(core.paths, `root.pit.${name}`);
    const setEnd = path('set-end');
    this.request = { begin: path('rpc.begin'), end: path('rpc.end'), set: path('rpc.set'), setEnd };
    this.interrupt = { begin: path('irq.begin'), read: path('irq.read'), due: path('irq.due'), set: path('irq.set'), setEnd };
    this.again = path('irq.again');
    this.issue = path('issue');
    this.deletion = path('delete');
    this.next = path('next');
    this.programmed = counters.define('timer.programmed');
  }

  read(): void {}

  set(delay: Tick): void {
    this.counters.add(this.programmed);
    const counts = Math.min(LONGEST, Math.max(1, Math.floor((delay * PIT_HZ) / SECOND)));
    this.out(PIT_COMMAND, ONE_SHOT);
    this.core.run(this.next);
    this.out(PIT_CHANNEL0, counts & 0xff);
    this.core.run(this.next);
    this.out(PIT_CHANNEL0, counts >> 8);
  }

  private out(port: number, value: number): void {
    this.kernel.issuePort();
    this.core.run(this.issue);
    this.kernel.portOut8(port, value);
    this.core.run(this.deletion);
    this.kernel.deletePort();
  }
}
