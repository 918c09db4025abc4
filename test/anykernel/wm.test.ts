import { describe, expect, test } from 'vitest';
import { US } from '../../src/events/time.ts';
import { StackBench } from './stack-bench.ts';

/** What the driver runs, in order; a path that runs many times in a row is one entry with its number. */
function journal(bench: StackBench, act: () => void): string[] {
  const log: string[] = [];
  const { core, paths } = bench;
  const { run, runMany, runSequence, stall } = core;
  core.run = (path) => {
    log.push(paths.path(path).name);
    run.call(core, path);
  };
  core.runSequence = (sequence) => {
    const done = runSequence.call(core, sequence);
    if (done) log.push(...sequence.paths.map((path) => paths.path(path).name));
    return done;
  };
  core.runMany = (path, times) => {
    const { name } = paths.path(path);
    if (times > 0) log.push(times === 1 ? name : `${name} x ${times}`);
    runMany.call(core, path, times);
  };
  core.stall = (path) => {
    log.push(paths.path(path).name);
    stall.call(core, path);
  };
  act();
  Object.assign(core, { run, runMany, runSequence, stall });
  return log;
}

describe('wm_intr_legacy', () => {
  test('reads ICR until it shows nothing: twice for one cause', () => {
    const bench = new StackBench();
    bench.arrive(1);
    expect(journal(bench, () => bench.driver.interrupt())).toEqual(['wm.intr', 'mmio/nic/icr-read', 'wm.pass', 'wm.rx-frame', 'mmio/nic/icr-read', 'wm.intr-end']);
    expect([bench.count('mmio.nic.read'), bench.count('wm.passes')]).toEqual([2, 1]);
  });

  test('once when nothing is there', () => {
    const bench = new StackBench();
    expect(journal(bench, () => bench.driver.interrupt())).toEqual(['wm.intr', 'mmio/nic/icr-read', 'wm.intr-end']);
  });

  test('empties the ring without a limit, a tail write a frame', () => {
    const bench = new StackBench();
    bench.arrive(200);
    bench.driver.interrupt();
    expect(bench.nic.taken).toBe(200);
    expect(bench.account('wm.rx-frame')).toBe(200 * bench.price('wm.rx-frame'));
    expect([bench.count('mmio.nic.read'), bench.count('mmio.nic.write')]).toEqual([2, 200]);
  });

  test('takes frames that arrive while it is at it in the same pass, and their causes cost one more read', () => {
    const bench = new StackBench();
    bench.arrive(1);
    const before = ['wm.intr', 'mmio/nic/icr-read', 'wm.pass'].reduce((sum, path) => sum + bench.price(path), 0);
    bench.arriveLater(before + Math.round(bench.price('wm.rx-frame') / 2));
    expect(journal(bench, () => bench.driver.interrupt())).toEqual([
      'wm.intr', 'mmio/nic/icr-read', 'wm.pass', 'wm.rx-frame', 'wm.rx-frame', 'mmio/nic/icr-read', 'wm.pass', 'mmio/nic/icr-read', 'wm.intr-end',
    ]);
  });

  test('a frame that comes after its ring was found empty waits for the next pass', () => {
    const bench = new StackBench();
    bench.arrive(1);
    const before = ['wm.intr', 'mmio/nic/icr-read', 'wm.pass', 'wm.rx-frame'].reduce((sum, path) => sum + bench.price(path), 0);
    // During the second read of ICR, which then shows it.
    bench.arriveLater(before + Math.round(bench.price('mmio/nic/icr-read') / 2));
    expect(journal(bench, () => bench.driver.interrupt())).toEqual([
      'wm.intr', 'mmio/nic/icr-read', 'wm.pass', 'wm.rx-frame', 'mmio/nic/icr-read', 'wm.pass', 'wm.rx-frame', 'mmio/nic/icr-read', 'wm.intr-end',
    ]);
  });

  test('passes frames up once a pass, and only when there were some', () => {
    const bench = new StackBench();
    let calls = 0;
    const { input } = bench;
    input.framesTaken = () => {
      calls++;
    };
    bench.arrive(5);
    bench.driver.interrupt();
    bench.driver.interrupt();
    expect(calls).toBe(1);
  });
});

describe('wm_txeof', () => {
  test('reclaims what has left, in every pass, and leaves the rest', () => {
    const bench = new StackBench();
    const { nic, core, simulator } = bench;
    for (let i = 0; i < 3; i++) nic.writeTransmitTail(66, 0, 0, 0, 0);
    core.now += 5 * US;
    simulator.dispatchThrough(core.now);
    nic.writeTransmitTail(66, 0, 0, 0, 0);
    expect(nic.transmitsDone()).toBe(3);
    bench.driver.reclaim();
    expect(bench.account('wm.tx-done')).toBe(3 * bench.price('wm.tx-done'));
    expect([nic.transmitsPending, nic.transmitsDone()]).toEqual([1, 0]);
    bench.driver.reclaim();
    expect(bench.account('wm.tx-done')).toBe(3 * bench.price('wm.tx-done'));
  });

  test('start reclaims by itself when fewer than 8 of 64 jobs are left', () => {
    const bench = new StackBench();
    for (let i = 0; i < 56; i++) bench.nic.writeTransmitTail(66, 0, 0, 0, 0);
    expect(bench.driver.transmitRoom).toBe(1);
    bench.nic.writeTransmitTail(66, 0, 0, 0, 0);
    expect(bench.driver.transmitRoom).toBe(0);
  });
});
