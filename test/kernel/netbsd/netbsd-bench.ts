import { SOFTINT_CLOCK, SOFTINT_NET, type Softint } from '../../../src/anykernel/host.ts';
import { Priority } from '../../../src/events/priority.ts';
import type { Tick } from '../../../src/events/time.ts';
import { cost, CostTable } from '../../../src/hw/cost.ts';
import { LocalApicEnd } from '../../../src/hw/interrupt-route.ts';
import { LocalApic } from '../../../src/hw/local-apic.ts';
import { PathTable } from '../../../src/hw/path.ts';
import { Core } from '../../../src/hw/core.ts';
import { Counters } from '../../../src/hw/counters.ts';
import { Fingerprint } from '../../../src/events/fingerprint.ts';
import { Simulator } from '../../../src/events/simulator.ts';
import { Event } from '../../../src/events/event.ts';
import { MessageSource } from '../../../src/kernel/netbsd/interrupt-source.ts';
import { NetBsdKernel } from '../../../src/kernel/netbsd/kernel.ts';

export const DEVICE_VECTOR = 54;
export const CLOCK_VECTOR = 0xc0;

const cycles = (id: string, value: number) => cost(id, value, 'cycles', [value, value], 'estimate', 'test');
const insns = (id: string, value: number) => cost(id, value, 'instructions', [value, value], 'estimate', 'test');

/** A core of 1 GHz (a cycle is 1,000 ticks), one cycle an instruction, and prices that tell the paths apart. */
const COSTS = new CostTable([
  cost('cpu.frequency', 1000, 'MHz', [1000, 1000], 'estimate', 'test'),
  cost('cpi.native', 1, 'cycles/instruction', [1, 1], 'estimate', 'test'),
  cost('cpi.stack', 1, 'cycles/instruction', [1, 1], 'estimate', 'test'),
  cycles('netbsd.interrupt.entry', 10), cycles('netbsd.interrupt.exit', 11), cycles('netbsd.trap.entry', 20), cycles('netbsd.trap.exit', 21),
  cycles('stage.refill', 5), cycles('netbsd.idle.exit', 0), cycles('netbsd.idle.refill', 0), cycles('netbsd.idle.bus-master', 0), cycles('acpi.pm-timer.in', 0), cycles('lapic.eoi', 2),
  insns('insn.netbsd.interrupt', 30), insns('insn.netbsd.syscall', 25), insns('insn.netbsd.softint', 40), insns('insn.netbsd.softint.handler', 7), insns('insn.netbsd.softint.block', 50),
  insns('insn.netbsd.switch', 60), insns('insn.netbsd.pmap', 6), insns('insn.netbsd.idle', 8), insns('insn.clock.tick.native', 15),
  cycles('work', 1000),
]);

/** A kernel whose device handler, clock work, softints and process are what a test makes them; it writes down the order of what happens. */
export class KernelBench {
  readonly simulator = new Simulator();
  readonly paths = new PathTable(COSTS, 'native');
  readonly core = new Core(this.simulator, this.paths, new Fingerprint());
  readonly counters = new Counters();
  readonly apic = new LocalApic(this.core, this.simulator);
  readonly kernel: NetBsdKernel;
  readonly order: string[] = [];
  readonly samples: number[] = [];
  onDevice: () => void = () => {};
  onTick: () => void = () => {};
  process: () => void = () => {};
  private readonly work: number;

  constructor() {
    const { core, counters, apic } = this;
    const apicEnd = new LocalApicEnd(core, apic, counters, this.paths);
    this.work = this.paths.define('work', { act: 'spend', cost: 'work', times: 1, label: 'work' });
    this.kernel = new NetBsdKernel({ core, counters, pic: null, apic, apicEnd, device: new MessageSource(apicEnd, DEVICE_VECTOR), clockVector: CLOCK_VECTOR }, {
      handleDevice: () => this.note('device', () => this.onDevice()),
      afterTick: () => this.note('tick', () => this.onTick()),
      runProcess: () => this.note('process', () => this.process()),
    });
    this.kernel.onStatclock = (state) => this.samples.push(state);
  }

  /** Writes down `name+` and `name-` around an act. */
  note(name: string, act: () => void): void {
    this.order.push(`${name}+`);
    act();
    this.order.push(`${name}-`);
  }

  /** 1,000 cycles of the current context. */
  spin(times = 1): void {
    for (let i = 0; i < times; i++) this.core.run(this.work);
  }

  softint(level: typeof SOFTINT_CLOCK | typeof SOFTINT_NET, name: string, act: () => void = () => {}): Softint {
    const handler = (): void => this.note(name, act);
    this.kernel.scheduleSoftint(level, handler);
    return handler;
  }

  deviceAt(tick: Tick): void {
    this.at(tick, () => this.apic.accept(DEVICE_VECTOR));
  }

  clockAt(tick: Tick): void {
    this.at(tick, () => this.apic.accept(CLOCK_VECTOR));
  }

  at(tick: Tick, act: () => void): void {
    this.simulator.schedule(new Event(`test@${tick}`, Priority.interrupt, act), tick);
  }

  run(until: Tick): void {
    this.simulator.schedule(new Event('end', Priority.boundary, () => {
      this.core.stopped = true;
    }), until);
    this.core.powerOn();
    this.kernel.run();
  }

  count(name: string): number {
    return this.counters.values[this.counters.names.indexOf(name)] ?? NaN;
  }

  /** Cycles in an account. */
  account(context: string, path: string): number {
    const { ledger } = this.core;
    const row = ledger.contexts.indexOf(context);
    for (let id = 0; id < this.paths.size; id++) if (this.paths.path(id).name === path) return (ledger.ticks[row * ledger.width + id] ?? NaN) / 1000;
    return NaN;
  }
}

export { SOFTINT_CLOCK, SOFTINT_NET };
