import { describe, expect, test } from 'vitest';
import { US } from '../../../src/events/time.ts';
import { CP_IDLE, CP_INTR, CP_SYS, CP_USER } from '../../../src/kernel/netbsd/level.ts';
import { KernelBench, SOFTINT_CLOCK, SOFTINT_NET } from './netbsd-bench.ts';

describe('a device interrupt', () => {
  test('while idle: handler, then the softint on its back, then the process it woke', () => {
    const bench = new KernelBench();
    bench.onDevice = () => bench.softint(SOFTINT_NET, 'net', () => bench.kernel.wakeProcess());
    bench.deviceAt(10 * US);
    bench.run(50 * US);
    expect(bench.order).toEqual(['device+', 'device-', 'net+', 'net-', 'process+', 'process-']);
    // Entry 10, stub 30 and refill 5, end of interrupt 2, exit 11; softint 40 and refill 5, a handler 7; switch 60, pmap 6 and refill 5.
    expect(bench.account('netbsd:interrupt', 'interrupt/entry')).toBe(10);
    expect(bench.account('netbsd:interrupt', 'interrupt/stub')).toBe(35);
    expect(bench.account('netbsd:interrupt', 'mmio/lapic/eoi')).toBe(2);
    expect(bench.account('netbsd:interrupt', 'interrupt/exit')).toBe(11);
    expect(bench.account('netbsd:softnet', 'softint/switch')).toBe(45);
    expect(bench.account('netbsd:softnet', 'softint/handler')).toBe(7);
    expect(bench.account('netbsd:idle', 'switch/process')).toBe(71);
    expect(bench.account('netbsd:interrupt', 'stage/refill')).toBe(0);
    expect(bench.count('netbsd.switches')).toBe(2);
  });

  test('while the process runs: handler and softint nested in it, and it finds its cache cold', () => {
    const bench = new KernelBench();
    bench.process = () => bench.spin(20);
    bench.onDevice = () => bench.softint(SOFTINT_NET, 'net');
    bench.kernel.wakeProcess();
    bench.deviceAt(10 * US);
    bench.run(50 * US);
    expect(bench.order).toEqual(['process+', 'device+', 'device-', 'net+', 'net-', 'process-']);
    expect(bench.account('netbsd:kernel', 'work')).toBe(20_000);
    expect(bench.account('netbsd:interrupt', 'stage/refill')).toBe(5);
  });

  test('while its softint runs: the handler is nested, a new scheduling is found by the loop that runs', () => {
    const bench = new KernelBench();
    let first = true;
    bench.onDevice = () => bench.softint(SOFTINT_NET, 'net', () => {
      if (first) bench.deviceAt(bench.core.now + 2 * US);
      first = false;
      bench.spin(5);
    });
    bench.deviceAt(10 * US);
    bench.run(90 * US);
    expect(bench.order).toEqual(['device+', 'device-', 'net+', 'device+', 'device-', 'net-', 'net+', 'net-']);
    expect(bench.count('netbsd.softints')).toBe(1);
  });

  test('during a context switch is held until the level drops, and then resumed', () => {
    const bench = new KernelBench();
    // The switch takes 71 cycles from 0 on; idle/enter is not run since the process is runnable.
    bench.kernel.wakeProcess();
    bench.deviceAt(0.03 * US);
    bench.run(20 * US);
    expect(bench.order).toEqual(['device+', 'device-', 'process+', 'process-']);
    expect(bench.count('interrupts.held')).toBe(1);
    // Its end of interrupt is written when it is held and again when it has been handled.
    expect(bench.count('mmio.lapic.write')).toBe(2);
  });
});

describe('levels', () => {
  test('splsoftnet keeps the network softint out, not the handler; splx lets it in', () => {
    const bench = new KernelBench();
    bench.onDevice = () => bench.softint(SOFTINT_NET, 'net');
    bench.process = () => {
      bench.kernel.raiseToSoftnet();
      bench.spin(20);
      bench.order.push('splx');
      bench.kernel.lower();
      bench.order.push('after');
    };
    bench.kernel.wakeProcess();
    bench.deviceAt(10 * US);
    bench.run(60 * US);
    expect(bench.order).toEqual(['process+', 'device+', 'device-', 'splx', 'net+', 'net-', 'after', 'process-']);
  });

  test('the network softint goes before the clock softint and interrupts it', () => {
    const bench = new KernelBench();
    bench.onTick = () => bench.softint(SOFTINT_CLOCK, 'softclock', () => bench.spin(5));
    bench.onDevice = () => bench.softint(SOFTINT_NET, 'net');
    bench.clockAt(10 * US);
    bench.deviceAt(12 * US);
    bench.run(60 * US);
    expect(bench.order).toEqual(['tick+', 'tick-', 'softclock+', 'device+', 'device-', 'net+', 'net-', 'softclock-']);

    const both = new KernelBench();
    both.onTick = () => {
      both.softint(SOFTINT_CLOCK, 'softclock');
      both.softint(SOFTINT_NET, 'net');
    };
    both.clockAt(10 * US);
    both.run(60 * US);
    expect(both.order.slice(2)).toEqual(['net+', 'net-', 'softclock+', 'softclock-']);
  });

  test('the clock interrupts a device handler', () => {
    const bench = new KernelBench();
    bench.onDevice = () => bench.spin(5);
    bench.deviceAt(10 * US);
    bench.clockAt(12 * US);
    bench.run(60 * US);
    expect(bench.order).toEqual(['device+', 'tick+', 'tick-', 'device-']);
  });
});

test('a network softint that finds softnet_lock taken blocks, and runs when it is released', () => {
  const bench = new KernelBench();
  bench.onDevice = () => bench.softint(SOFTINT_NET, 'net');
  bench.process = () => {
    bench.kernel.lockSockets();
    bench.spin(20);
    bench.order.push('unlock');
    bench.kernel.unlockSockets();
    bench.order.push('after');
  };
  bench.kernel.wakeProcess();
  bench.deviceAt(5 * US);
  bench.deviceAt(10 * US);
  bench.run(60 * US);
  expect(bench.order).toEqual(['process+', 'device+', 'device-', 'device+', 'device-', 'unlock', 'net+', 'net-', 'net+', 'net-', 'after', 'process-']);
  expect(bench.count('netbsd.softints-blocked')).toBe(1);
  expect(bench.account('netbsd:softnet', 'softint/blocks')).toBe(50);
  // Woken: 50, two switches of 60, refill 5.
  expect(bench.account('netbsd:kernel', 'softint/wakes')).toBe(175);
});

test('statclock sees what the tick interrupts: idle, a softint on top of idle, a handler, the process in user and in kernel mode', () => {
  const bench = new KernelBench();
  bench.clockAt(5 * US);
  bench.onDevice = () => {
    bench.spin(4);
    bench.softint(SOFTINT_NET, 'net', () => {
      bench.spin(4);
      bench.kernel.wakeProcess();
    });
  };
  bench.process = () => {
    bench.kernel.leaveKernel();
    bench.spin(4);
    bench.kernel.enterKernel();
    bench.spin(4);
  };
  bench.deviceAt(10 * US);
  bench.clockAt(12 * US);
  bench.clockAt(16 * US);
  bench.clockAt(20 * US);
  bench.clockAt(24.5 * US);
  bench.run(60 * US);
  expect(bench.samples).toEqual([CP_IDLE, CP_INTR, CP_INTR, CP_USER, CP_SYS]);
  expect(bench.count('interrupts.timer')).toBe(5);
});

test('a tick during a context switch is held, and its sample is of what runs when the level drops', () => {
  const bench = new KernelBench();
  bench.kernel.wakeProcess();
  bench.clockAt(0.03 * US);
  bench.run(20 * US);
  expect(bench.samples).toEqual([CP_SYS]);
  expect(bench.count('interrupts.held')).toBe(1);
});

test('the way out of a sleep state is idle time', () => {
  const bench = new KernelBench();
  bench.deviceAt(10 * US);
  bench.run(20 * US);
  const { ledger, elapsed } = bench.core;
  expect(ledger.busy() + ledger.idle).toBe(elapsed);
});
