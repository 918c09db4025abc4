import { describe, expect, test } from 'vitest';
import { NS, type Tick, US } from '../../src/events/time.ts';
import { EmulatedInterruptCauses, type EmulatedSettings } from '../../src/hw/emulated-interrupt-causes.ts';
import { ICR_RXT0, ICR_TXDW } from '../../src/hw/interrupt-causes.ts';
import { Bench } from './bench.ts';

/** The driver's 384 us in all timers. */
const STOCK = { itr: 1500, tidv: 375, tadv: 375 };
const NONE = { itr: 0, tidv: 0, tadv: 0 };
const ITR = 384 * US;

class CauseBench extends Bench {
  readonly raised: Tick[] = [];
  readonly lowered: Tick[] = [];
  readonly causes: EmulatedInterruptCauses;

  constructor(settings: EmulatedSettings) {
    super();
    this.causes = new EmulatedInterruptCauses(this.core, this.simulator, this.counters, settings, {
      raise: (tick) => this.raised.push(tick),
      lower: () => this.lowered.push(this.simulator.now),
    });
    this.causes.enable(ICR_RXT0 | ICR_TXDW, 0);
  }

  receive(tick: Tick): void {
    this.at(tick, () => this.causes.set(ICR_RXT0, tick));
  }

  send(tick: Tick): void {
    this.at(tick, () => this.causes.transmitted(tick));
  }

  /** ICR read at each tick; what it returned. */
  read(...ticks: Tick[]): number[] {
    const found: number[] = [];
    for (const tick of ticks) {
      this.at(tick, () => {
        this.core.now = tick;
        found.push(this.causes.read());
      });
    }
    return found;
  }
}

describe('a message', () => {
  test('comes again every ITR until ICR is read, and no longer', () => {
    const bench = new CauseBench({ ...STOCK, message: true });
    bench.receive(10 * US);
    bench.read(1000 * US);
    bench.simulator.run(5000 * US);
    expect(bench.raised).toEqual([10 * US, 10 * US + ITR, 10 * US + 2 * ITR]);
  });

  test('is sent at once for a cause that comes when the timer has run out, and not sent twice for one that is set', () => {
    const bench = new CauseBench({ ...STOCK, message: true });
    bench.receive(10 * US);
    bench.receive(20 * US);
    bench.read(100 * US);
    bench.receive(500 * US);
    bench.simulator.run(600 * US);
    expect(bench.raised).toEqual([10 * US, 500 * US]);
  });
});

describe('a line', () => {
  test('stays high until ICR is read; the next interrupt counts from the last start of the timer, which goes on while the line is high', () => {
    const bench = new CauseBench({ ...STOCK, message: false });
    bench.receive(10 * US);
    const found = bench.read(1000 * US);
    bench.receive(1010 * US);
    bench.simulator.run(5000 * US);
    expect(found).toEqual([ICR_RXT0]);
    expect(bench.lowered).toEqual([1000 * US]);
    expect(bench.raised).toEqual([10 * US, 10 * US + 3 * ITR]);
  });
});

test('a throttle of 0 is one of 128 us', () => {
  const bench = new CauseBench({ ...NONE, message: false });
  bench.receive(0);
  bench.read(10 * US, 200 * US, 300 * US);
  bench.receive(20 * US);
  bench.receive(290 * US);
  bench.simulator.run(1000 * US);
  expect(bench.raised).toEqual([0, 128 * US, 290 * US]);
});

describe('a transmission', () => {
  test('interrupts at once when the delays are 0', () => {
    const bench = new CauseBench({ ...NONE, message: false });
    bench.send(50 * US);
    bench.simulator.run(100 * US);
    expect(bench.raised).toEqual([50 * US]);
  });

  test('interrupts TIDV after the last one, at most TADV after the first', () => {
    const bench = new CauseBench({ ...STOCK, tidv: 100, message: false });
    bench.send(0);
    for (let n = 1; n <= 6; n++) bench.send(n * 90 * US);
    bench.simulator.run(1000 * US);
    // 375 units of 1.024 us.
    expect(bench.raised).toEqual([384 * US]);
  });

  test('is reported with a frame that interrupts, and is then not reported again', () => {
    const bench = new CauseBench({ ...STOCK, message: false });
    bench.send(0);
    bench.receive(30 * US);
    const found = bench.read(40 * US, 2000 * US);
    bench.simulator.run(3000 * US);
    expect(found).toEqual([ICR_RXT0 | ICR_TXDW, 0]);
    expect(bench.raised).toEqual([30 * US]);
  });

  test('is reported when the throttle timer runs out, before its own delay has', () => {
    const bench = new CauseBench({ ...STOCK, message: false });
    bench.receive(0);
    bench.read(10 * US);
    bench.send(300 * US);
    bench.simulator.run(390 * US);
    expect(bench.raised).toEqual([0, ITR]);
    expect(ITR).toBeLessThan(300 * US + 375 * 1024 * NS);
  });
});

test('masked causes interrupt when they are enabled', () => {
  const bench = new CauseBench({ ...NONE, message: false });
  bench.causes.disable(ICR_RXT0);
  bench.receive(10 * US);
  bench.at(20 * US, () => bench.causes.enable(ICR_RXT0, 20 * US));
  bench.simulator.run(30 * US);
  expect(bench.raised).toEqual([20 * US]);
});
