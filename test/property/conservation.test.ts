import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Tick } from '../../src/events/time.ts';
import type { Core } from '../../src/hw/core.ts';
import { OPERATIONS } from '../../src/kernel/sel4/operation.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import type { Machine } from '../../src/study/machine.ts';
import { type RunResult, type Scenario, simulate } from '../../src/study/simulate.ts';
import { scenario } from './scenario.ts';

const costs = defaultCosts();
const RUNS = { numRuns: 60 };

/** What must hold of any run; `true` or the name of what does not. */
function consistent({ counters, ticks, utilisation, utilisationMeasured, kernelShare, kernelShareFull, kernelLog, throughputMbps, latencyUs }: RunResult, s: Scenario): true | string {
  const count = (name: string): number => counters[name] ?? 0;
  const elapsed = Math.round((s.duration - s.warmup) * 1e12);
  const sel4 = s.system.kernel === 'sel4';
  const entries = OPERATIONS.reduce((sum, operation) => sum + count(`kernel.${operation}`), 0);
  const ring = s.system.nic.rxDescriptors;
  const checks: Record<string, boolean> = {
    'busy and idle add up to the window': BigInt(ticks.busy) + BigInt(ticks.idle) === BigInt(ticks.elapsed) && Number(ticks.elapsed) === elapsed,
    'utilisation is a share': utilisation === Number(ticks.busy) / elapsed && utilisation >= 0 && utilisation <= 1,
    'the instrument sees no idle time that is not there': utilisationMeasured >= utilisation && utilisationMeasured <= 1,
    'the hooks see part of the kernel, the kernel is part of the busy time': kernelShare <= kernelShareFull && kernelShareFull <= utilisation,
    'only seL4 has a kernel': (kernelLog !== null) === sel4 && (sel4 ? kernelShare > 0 : kernelShareFull === 0),
    // An entry is counted at its begin and logged at its end; the window may cut one at each edge.
    'the log has every kernel entry': kernelLog === null || Math.abs(kernelLog.entries - entries) <= 1,
    'the log has the time of every entry': kernelLog === null || kernelLog.entries > 65_536 || Math.abs(kernelLog.share - kernelShare) * elapsed <= 2 * 20e6,
    'every packet that TCP sends leaves the NIC': count('tcp.acks') === count('frames.out'),
    'a window update is a packet': count('tcp.window-updates') <= count('tcp.acks') + 1,
    // Frames go from the NIC to the driver to TCP; what is between them at the edges fits the ring.
    'TCP has no frame that has not come': count('tcp.segments') <= count('frames.in') + 2 * ring,
    'no frame is lost between NIC and TCP': count('frames.in') - count('tcp.segments') <= 4 * ring,
    'no byte is delivered that was not received': count('bytes.delivered') <= count('bytes.in') + 300_000,
    'throughput is what was delivered': throughputMbps === (count('bytes.delivered') * 8) / (elapsed / 1e12) / 1e6,
    'a tail write a frame and a packet': Math.abs(count('mmio.nic.write') - count('tcp.acks') - count('frames.in')) <= 4 * ring,
    'the driver reads ICR once more than it passes': count('mmio.nic.read') >= count('wm.passes') && count('mmio.nic.read') <= 2 * count('wm.passes') + count('interrupts.nic') + 2,
    'an interrupt is delivered only when one was raised': count('interrupts.nic') <= count('nic.interrupts') + 1,
    'seL4 delivers what it counts': !sel4 || Math.abs(count('kernel.irq-deliver') - count('interrupts.nic') - count('interrupts.timer')) <= 2,
    'the kernel ticks 500 times a second': sel4 ? Math.abs(count('kernel.tick') - elapsed / 2e9) <= 1 && count('kernel.tick') === count('interrupts.tick') : count('interrupts.tick') === 0,
    'an interrupt thread acknowledges no more than was delivered': !sel4 || count('kernel.irq-ack') <= count('kernel.irq-deliver') + count('wm.passes') + 1,
    'without a PIT and a PIC no port is touched': s.system.timer === 'pit' || s.system.controller === 'pic' || count('port.read') + count('port.write') === 0,
    'select is called once a block': count('app.selects') <= count('app.reads') + count('app.reads-empty') + 1,
    'an empty read ends a block': count('app.reads-empty') <= count('app.selects') + 1,
    'data takes time': count('bytes.delivered') === 0 || (latencyUs.mean > 0 && latencyUs.p99 >= latencyUs.p50),
    'no counter runs backwards': Object.values(counters).every((value) => value >= 0 && Number.isInteger(value)),
  };
  const broken = Object.entries(checks).filter(([, holds]) => !holds);
  return broken.length === 0 ? true : broken.map(([name]) => name).join('; ');
}

describe('any mix of parts under any load', () => {
  test('loses no tick and keeps its counters consistent', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        expect(consistent(simulate(s, costs), s)).toBe(true);
      }),
      RUNS,
    );
  });

  test('is repeated to the digit by the same seed and run, and changed by another', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const once = simulate(s, costs);
        expect(simulate(s, costs)).toEqual(once);
        expect(simulate({ ...s, run: s.run + 1 }, costs).fingerprint).not.toBe(once.fingerprint);
      }),
      { numRuns: 20 },
    );
  });
});

/** How often each path began, and the ticks of acts whose length depends on data, counted from outside. */
class Counted {
  readonly times: number[] = [];
  readonly spent: number[] = [];

  constructor(core: Core) {
    const { repeatHere, run, runMany, runFitting, spend, stall } = core;
    const add = (path: number, times: number): void => {
      this.times[path] = (this.times[path] ?? 0) + times;
    };
    let within = false;
    core.run = (path) => {
      add(path, 1);
      run.call(core, path);
    };
    core.stall = (path) => {
      add(path, 1);
      stall.call(core, path);
    };
    core.runFitting = (sequence) => {
      for (const path of sequence.paths) add(path, 1);
      runFitting.call(core, sequence);
    };
    core.repeatHere = (sequence, limit) => {
      const times = repeatHere.call(core, sequence, limit);
      for (const path of sequence.paths) add(path, times);
      return times;
    };
    core.runMany = (path, times) => {
      add(path, times);
      within = times > 0;
      runMany.call(core, path, times);
    };
    core.spend = (path, ticks) => {
      if (!within) this.spent[path] = (this.spent[path] ?? 0) + ticks;
      within = false;
      spend.call(core, path, ticks);
    };
  }
}

describe('the utilisation law, U = X S', () => {
  test('every account is the number of its acts times their price, to the tick; busy time is their sum', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        let machine: Machine | undefined;
        let counted: Counted | undefined;
        simulate(s, costs, {
          attach: (built) => {
            machine = built;
            counted = new Counted(built.core);
          },
        });
        if (machine === undefined || counted === undefined) throw new Error('nothing was attached');
        // After the run: acts that the end of the window cut have been completed.
        const { core } = machine;
        const { ledger, paths } = core;
        let busy = 0;
        for (let path = 0; path < ledger.width; path++) {
          let account: Tick = 0;
          for (let context = 0; context < ledger.contexts.length; context++) account += ledger.ticks[context * ledger.width + path] ?? 0;
          const expected = (counted.times[path] ?? 0) * paths.path(path).ticks + (counted.spent[path] ?? 0);
          if (account !== expected) throw new Error(`${paths.path(path).name}: ${account} ticks instead of ${expected}`);
          busy += expected;
        }
        expect(ledger.busy()).toBe(busy);
        expect(busy + ledger.idle).toBe(core.elapsed);
      }),
      { numRuns: 30 },
    );
  });
});
