import { Event } from '../../src/events/event.ts';
import { Fingerprint } from '../../src/events/fingerprint.ts';
import { Priority } from '../../src/events/priority.ts';
import { Simulator } from '../../src/events/simulator.ts';
import type { Tick } from '../../src/events/time.ts';
import { Core } from '../../src/hw/core.ts';
import { type Cost, cost, CostTable } from '../../src/hw/cost.ts';
import { Counters } from '../../src/hw/counters.ts';
import { PathTable } from '../../src/hw/path.ts';

/** A core of 1 GHz, so that a cycle is 1,000 ticks, and accesses whose prices tell them apart. */
export const BENCH_COSTS: readonly Cost[] = [
  cost('cpu.frequency', 1000, 'MHz', [1000, 1000], 'estimate', 'test'),
  cost('cpi.kernel', 2, 'cycles/instruction', [1, 3], 'estimate', 'test'),
  cost('cpi.driver', 3, 'cycles/instruction', [1, 3], 'estimate', 'test'),
  cost('insn.work', 10, 'instructions', [5, 20], 'measured', 'test'),
  cost('ten', 10, 'cycles', [10, 10], 'estimate', 'test'),
  cost('hundred', 100, 'cycles', [100, 100], 'estimate', 'test'),
  cost('pic.in', 11, 'cycles', [11, 11], 'estimate', 'test'),
  cost('pic.out', 12, 'cycles', [12, 12], 'estimate', 'test'),
  cost('pic.inta', 13, 'cycles', [13, 13], 'estimate', 'test'),
  cost('pit.in', 21, 'cycles', [21, 21], 'estimate', 'test'),
  cost('pit.out', 22, 'cycles', [22, 22], 'estimate', 'test'),
  cost('hpet.read', 31, 'cycles', [31, 31], 'estimate', 'test'),
  cost('hpet.write', 32, 'cycles', [32, 32], 'estimate', 'test'),
  cost('ioapic.write', 41, 'cycles', [41, 41], 'estimate', 'test'),
  cost('lapic.eoi', 51, 'cycles', [51, 51], 'estimate', 'test'),
  cost('nic.dma', 500, 'ns', [500, 500], 'estimate', 'test'),
  cost('nic.tx.fetch', 1200, 'ns', [1200, 1200], 'estimate', 'test'),
  cost('per.byte', 0.25, 'cycles/byte', [0.1, 0.5], 'estimate', 'test'),
  cost('size', 8, 'bytes', [8, 8], 'estimate', 'test'),
];

/** What every device test needs: an engine, a core, counters, and a way to say what happens when. */
export class Bench {
  readonly simulator = new Simulator();
  readonly paths: PathTable;
  readonly core: Core;
  readonly counters = new Counters();

  constructor(costs: readonly Cost[] = BENCH_COSTS) {
    this.paths = new PathTable(new CostTable(costs));
    this.core = new Core(this.simulator, this.paths, new Fingerprint());
  }

  /** Runs `act` as a hardware event at `tick`. */
  at(tick: Tick, act: () => void, priority: number = Priority.interrupt): void {
    this.simulator.schedule(new Event(`test@${tick}`, priority, act), tick);
  }

  count(name: string): number {
    return this.counters.values[this.counters.names.indexOf(name)] ?? NaN;
  }

  /** Ticks in the account (context, path), by name. */
  account(context: string, path: string): Tick {
    const { ledger } = this.core;
    const row = ledger.contexts.indexOf(context);
    for (let id = 0; id < this.paths.size; id++) {
      if (this.paths.path(id).name === path && row >= 0) return ledger.ticks[row * ledger.width + id] ?? NaN;
    }
    return NaN;
  }
}
