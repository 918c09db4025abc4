import { Fingerprint } from '../../../src/events/fingerprint.ts';
import { Event } from '../../../src/events/event.ts';
import { Priority } from '../../../src/events/priority.ts';
import { Simulator } from '../../../src/events/simulator.ts';
import { MS, type Tick } from '../../../src/events/time.ts';
import { Core } from '../../../src/hw/core.ts';
import { type Cost, CostTable } from '../../../src/hw/cost.ts';
import { MACHINE_COSTS } from '../../../src/hw/costs.ts';
import { Counters } from '../../../src/hw/counters.ts';
import { LocalApicEnd, MsiRoute } from '../../../src/hw/interrupt-route.ts';
import { LocalApic } from '../../../src/hw/local-apic.ts';
import { PathTable, spend } from '../../../src/hw/path.ts';
import type { PortIo } from '../../../src/hw/port-io.ts';
import { SEL4_COSTS } from '../../../src/kernel/sel4/costs.ts';
import { IrqHandler } from '../../../src/kernel/sel4/irq-handler.ts';
import { Sel4Kernel } from '../../../src/kernel/sel4/kernel.ts';
import { Notification, type Program, Tcb, type VSpace } from '../../../src/kernel/sel4/thread.ts';

/** The body of a thread. Each `yield` is a system call that blocked. */
export type Script = () => Generator<void, void>;

const TICK_VECTOR = 157;

/** A kernel with an idle thread, threads that follow scripts, and interrupts by message. Everything that runs is written down. */
export class KernelBench {
  readonly simulator = new Simulator();
  readonly paths: PathTable;
  readonly core: Core;
  readonly counters = new Counters();
  readonly apic: LocalApic;
  readonly end: LocalApicEnd;
  readonly kernel: Sel4Kernel;
  readonly spaceA: VSpace;
  readonly spaceB: VSpace;
  /** User work: 1,000 cycles. */
  readonly work: number;
  readonly log: string[] = [];

  /** `more`: costs beside the machine's and the kernel's. */
  constructor(ports: (bench: KernelBench) => PortIo | null = () => null, more: readonly Cost[] = []) {
    const paths = new PathTable(new CostTable([...MACHINE_COSTS, ...SEL4_COSTS, ...more]));
    const core = new Core(this.simulator, paths, new Fingerprint());
    this.paths = paths;
    this.core = core;
    this.apic = new LocalApic(core, this.simulator);
    this.end = new LocalApicEnd(core, this.apic, this.counters, paths);
    this.spaceA = { name: 'a', refill: paths.define('refill/a', spend('tlb.refill')) };
    this.spaceB = { name: 'b', refill: paths.define('refill/b', spend('tlb.refill.idle')) };
    this.work = paths.define('work', spend('stage.refill', 2 / 3));
    const idle = new Tcb('idle', 0, this.spaceB, core.defineContext('idle'), { resume: () => core.idle() });
    this.kernel = new Sel4Kernel(core, this.counters, ports(this), null, this.apic, new MsiRoute(this.end), TICK_VECTOR, 4, idle);
  }

  thread(name: string, priority: number, script: Script, space: VSpace = this.spaceA): Tcb {
    const run = script();
    const program: Program = {
      resume: () => {
        run.next();
      },
    };
    const tcb = new Tcb(name, priority, space, this.core.defineContext(name), program);
    this.kernel.addThread(tcb);
    return tcb;
  }

  notification(name = 'n'): Notification {
    return new Notification(name);
  }

  /** An interrupt source by message, bound to a notification. */
  irq(vector: number, notification: Notification): IrqHandler {
    const handler = new IrqHandler(vector, new MsiRoute(this.end), notification, this.counters.define(`irq${vector}`));
    this.kernel.addHandler(handler);
    return handler;
  }

  raiseAt(tick: Tick, vector: number): void {
    this.at(tick, () => this.apic.accept(vector));
  }

  at(tick: Tick, act: () => void): void {
    this.simulator.schedule(new Event(`test@${tick}`, Priority.interrupt, act), tick);
  }

  /** Powers on, writes down the paths that run from now on (`context: path`), runs until `until`. */
  run(until: Tick = MS): string[] {
    const { core, log } = this;
    core.powerOn();
    const { run, stall } = core;
    core.run = (path) => {
      log.push(`${core.ledger.contexts[core.context] ?? '?'}: ${this.paths.path(path).name}`);
      run.call(core, path);
    };
    core.stall = (path) => {
      log.push(`${core.ledger.contexts[core.context] ?? '?'}: ${this.paths.path(path).name}`);
      stall.call(core, path);
    };
    core.fits = () => false;
    this.at(until, () => {
      core.stopped = true;
    });
    this.kernel.run();
    return log;
  }

  /** Kernel bodies that ran, in order: the lines of `log` that are not stubs. */
  bodies(): string[] {
    return this.log.filter((line) => line.includes(': sel4/')).map((line) => line.replace(/^.*: sel4\//, ''));
  }

  account(context: string, path: string): Tick {
    const { ledger } = this.core;
    const row = ledger.contexts.indexOf(context);
    for (let id = 0; id < this.paths.size; id++) {
      if (this.paths.path(id).name === path && row >= 0) return ledger.ticks[row * ledger.width + id] ?? NaN;
    }
    return NaN;
  }

  price(path: string): Tick {
    for (let id = 0; id < this.paths.size; id++) if (this.paths.path(id).name === path) return this.paths.path(id).ticks;
    return NaN;
  }
}

export { TICK_VECTOR };
