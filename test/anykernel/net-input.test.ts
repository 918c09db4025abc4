import { describe, expect, test } from 'vitest';
import { US } from '../../src/events/time.ts';
import { StackBench } from './stack-bench.ts';

describe('from the driver to TCP', () => {
  test('Ethernet input takes all frames, then IP takes all frames: two softints, one wake-up, after the first segment', () => {
    const bench = new StackBench();
    const log: string[] = [];
    const { core, paths } = bench;
    const { run, runMany } = core;
    core.run = (path) => {
      log.push(paths.path(path).name);
      run.call(core, path);
    };
    core.runMany = (path, times) => {
      for (let i = 0; i < times; i++) log.push(paths.path(path).name);
      runMany.call(core, path, times);
    };
    bench.wakeApplication = () => log.push('wake');
    bench.arrive(5);
    bench.driver.interrupt();
    log.splice(0);
    bench.runSoftints();
    expect(log).toEqual([
      'softint.percpuq', ...Array.from({ length: 5 }, () => 'ether.frame'), 'softint.ip',
      'tcp.segment', 'socket.wakeup', 'wake', 'tcp.segment', 'tcp.ack', 'tcp.segment', 'tcp.segment', 'tcp.ack', 'tcp.segment',
    ]);
  });

  test('the reader is woken before the ACK for what it will read is sent', () => {
    const bench = new StackBench();
    const log: string[] = [];
    bench.arrive(1);
    bench.interrupt();
    const { core, paths } = bench;
    const { run } = core;
    core.run = (path) => {
      log.push(paths.path(path).name);
      run.call(core, path);
    };
    // One segment is owed an ACK, so the first of the next batch is ACKed.
    bench.arrive(1);
    bench.driver.interrupt();
    log.splice(0);
    bench.runSoftints();
    expect(log.slice(-2)).toEqual(['socket.wakeup', 'tcp.ack']);
  });

  test('a reader that is awake is not woken, and nobody is for data out of order', () => {
    const bench = new StackBench();
    bench.input.readerSleeps = false;
    bench.arrive(2);
    bench.driver.interrupt();
    bench.runSoftints();
    expect([bench.applicationWoken, bench.account('socket.wakeup')]).toEqual([0, 0]);
    const late = new StackBench();
    late.tcp.input(1448, 1448, 0);
    late.tcp.input(2896, 1448, 0);
    expect(late.applicationWoken).toBe(0);
  });

  test('every frame goes through once, in order, however it was cut into interrupts and bursts', () => {
    const bench = new StackBench({ socketBytes: 1e6 });
    const bursts = [1, 7, 2, 30, 1, 1, 12];
    let frames = 0;
    for (const [i, count] of bursts.entries()) {
      bench.arrive(count, i % 2 === 0 ? 12_304_000 : 40 * US);
      frames += count;
      // Now and then two bursts are one batch.
      if (i % 3 === 1) continue;
      bench.interrupt();
      expect(bench.tcp.expected).toBe(frames * 1448);
      expect(bench.nic.taken).toBe(frames);
    }
    expect([bench.count('tcp.segments'), bench.count('tcp.out-of-order'), bench.count('bytes.delivered')]).toEqual([frames, 0, frames * 1448]);
    expect(bench.latency.samples).toBe(frames);
  });
});
