import { describe, expect, test } from 'vitest';
import { SOFTINT_NET } from '../../src/anykernel/host.ts';
import { WmDriver } from '../../src/anykernel/wm.ts';
import { US } from '../../src/events/time.ts';
import { I82574 } from '../../src/hw/i82574.ts';
import { IsrThread } from '../../src/rump/isr-thread.ts';
import { Softints } from '../../src/rump/softints.ts';
import { OFF } from '../hw/nic-bench.ts';
import { RumpBench } from './rump-bench.ts';

class IsrBench extends RumpBench {
  readonly softints = new Softints(this.core, this.scheduler);
  readonly isr: IsrThread;
  /** What the handler does when it runs for the nth time. */
  readonly acts: (() => void)[] = [];
  /** What happens while the platform lets interrupts in at the end. */
  atDrained: () => void = () => {};

  constructor() {
    super();
    const nic = new I82574(this.core, this.simulator, this.counters, this.paths, OFF, { raise: () => {}, lower: () => {} }, (tick) => tick);
    const driver = new WmDriver(this.core, this.counters, nic, () => {});
    driver.interrupt = () => {
      this.log.push('interrupt');
      this.acts.shift()?.();
    };
    this.isr = new IsrThread(this.core, this.scheduler, this.softints, driver, {
      handled: () => this.log.push('handled'),
      drained: () => {
        this.log.push('drained');
        this.atDrained();
      },
    });
  }
}

describe('the interrupt thread', () => {
  test('runs the handlers, acknowledges, wakes the softints, and says when no work is left', () => {
    const bench = new IsrBench();
    bench.acts.push(() => bench.softints.schedule(SOFTINT_NET, () => bench.log.push('softint')));
    bench.at(US, () => bench.isr.note());
    bench.run(90 * US);
    expect(bench.log).toEqual(['block', 'interrupt', 'handled', 'drained', 'softint', 'block']);
  });

  test('goes round again for an interrupt that was noted meanwhile: acknowledged each time, drained once', () => {
    const bench = new IsrBench();
    bench.acts.push(() => bench.isr.note(), () => bench.isr.note());
    bench.at(US, () => bench.isr.note());
    bench.run(90 * US);
    expect(bench.log).toEqual(['block', 'interrupt', 'handled', 'interrupt', 'handled', 'interrupt', 'handled', 'drained', 'block']);
  });

  test('is behind its softints when an interrupt comes as it is let in at the end', () => {
    const bench = new IsrBench();
    let first = true;
    bench.acts.push(() => bench.softints.schedule(SOFTINT_NET, () => bench.log.push('softint')));
    bench.atDrained = () => {
      if (first) bench.isr.note();
      first = false;
    };
    bench.at(US, () => bench.isr.note());
    bench.run(90 * US);
    expect(bench.log).toEqual(['block', 'interrupt', 'handled', 'drained', 'softint', 'interrupt', 'handled', 'drained', 'block']);
  });

  test('several interrupts before it runs are one', () => {
    const bench = new IsrBench();
    bench.at(US, () => {
      bench.isr.note();
      bench.isr.note();
    });
    bench.run(90 * US);
    expect(bench.log).toEqual(['block', 'interrupt', 'handled', 'drained', 'block']);
  });
});
