import { ANYKERNEL_COSTS } from '../../src/anykernel/costs.ts';
import type { Tick } from '../../src/events/time.ts';
import { MACHINE_COSTS } from '../../src/hw/costs.ts';
import { spend } from '../../src/hw/path.ts';
import { SEL4_COSTS } from '../../src/kernel/sel4/costs.ts';
import { BmkScheduler, type BmkThread, type Platform } from '../../src/rump/bmk-scheduler.ts';
import { RUMP_COSTS } from '../../src/rump/costs.ts';
import { Bench } from '../hw/bench.ts';

/** A platform whose virtual CPU idles until the time it was given, or until the next event of the test. */
class TestPlatform implements Platform {
  readonly log: string[];
  /** Times that cpuBlock was asked to block until. */
  readonly blocks: Tick[] = [];
  /** Let in at the next splx: what interrupts would have done meanwhile. */
  pending: (() => void)[] = [];
  private readonly bench: Bench;

  constructor(bench: Bench, log: string[]) {
    this.bench = bench;
    this.log = log;
  }

  splhigh(): void {}

  splx(): void {
    for (const act of this.pending.splice(0)) act();
  }

  cpuBlock(until: Tick): boolean {
    const { core, simulator } = this.bench;
    this.blocks.push(until);
    this.log.push('block');
    const next = Math.min(until, simulator.nextTick);
    core.ledger.idle += next - core.now;
    core.now = next;
    simulator.dispatchThrough(next);
    return true;
  }

  resumed(): void {
    this.log.push('resumed');
  }
}

/** A scheduler with threads that do what the test says. */
export class RumpBench extends Bench {
  readonly log: string[] = [];
  readonly platform = new TestPlatform(this, this.log);
  readonly scheduler: BmkScheduler;
  readonly work: number;

  constructor() {
    super([...MACHINE_COSTS, ...SEL4_COSTS, ...RUMP_COSTS, ...ANYKERNEL_COSTS]);
    this.scheduler = new BmkScheduler(this.core, this.counters, this.platform);
    this.work = this.paths.define('work', spend('stage.refill'));
  }

  thread(name: string, run: () => void = () => {}): number {
    const context = this.core.defineContext(name);
    const thread: BmkThread = {
      name,
      context,
      run: () => {
        this.log.push(name);
        run();
      },
    };
    return this.scheduler.addThread(thread);
  }

  /** Runs until `until`. */
  run(until: Tick): void {
    this.core.powerOn();
    this.at(until, () => {
      this.core.stopped = true;
    });
    this.scheduler.resume();
  }
}
