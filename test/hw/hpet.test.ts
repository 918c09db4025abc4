import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MS, type Tick } from '../../src/events/time.ts';
import { Hpet } from '../../src/hw/hpet.ts';
import { Bench } from './bench.ts';

/** 14.31818 MHz. */
const PERIOD = 1e12 / 14_318_180;

class HpetBench extends Bench {
  readonly interrupts: Tick[] = [];
  readonly hpet = new Hpet(this.core, this.simulator, this.counters, this.paths, () => this.interrupts.push(this.simulator.now));
  readonly context = this.core.defineContext('program');

  constructor() {
    super();
    this.core.powerOn();
    this.core.context = this.context;
  }
}

describe('the HPET', () => {
  test('register accesses are paid and counted, one by one', () => {
    const bench = new HpetBench();
    for (let i = 0; i < 6; i++) bench.hpet.read();
    for (let i = 0; i < 2; i++) bench.hpet.write();
    expect([bench.account('program', 'mmio/hpet/read'), bench.account('program', 'mmio/hpet/write')]).toEqual([6 * 31_000, 2 * 32_000]);
    expect([bench.count('mmio.hpet.read'), bench.count('mmio.hpet.write')]).toEqual([6, 2]);
  });

  test('interrupts once, never before the delay is over and at most a count after it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 * MS }), fc.integer({ min: 0, max: 10 * MS }), (now, delay) => {
        const bench = new HpetBench();
        bench.core.now = now;
        bench.hpet.arm(delay);
        bench.simulator.run(now + delay + MS);
        expect(bench.interrupts).toHaveLength(1);
        const late = (bench.interrupts[0] ?? NaN) - (now + delay);
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThanOrEqual(PERIOD + 1);
      }),
    );
  });

  test('interrupts on whole counts of its clock', () => {
    for (let n = 1; n < 200; n++) {
      const bench = new HpetBench();
      bench.hpet.arm(n * 12_345_678);
      bench.simulator.run(n * 12_345_678 + MS);
      const counts = (bench.interrupts[0] ?? NaN) / PERIOD;
      expect(Math.abs(counts - Math.round(counts))).toBeLessThan(1e-3);
    }
  });

  test('armed again, interrupts at the new time only', () => {
    const bench = new HpetBench();
    bench.hpet.arm(MS);
    bench.hpet.arm(2 * MS);
    bench.simulator.run(10 * MS);
    expect(bench.interrupts).toHaveLength(1);
    expect(bench.interrupts[0]).toBeGreaterThanOrEqual(2 * MS);
  });
});
