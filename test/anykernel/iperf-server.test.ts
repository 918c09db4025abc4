import { describe, expect, test } from 'vitest';
import { StackBench } from './stack-bench.ts';

/** Reads, empty reads and selects of one batch of `frames`, which the application finds complete. */
function batch(frames: number, blockBytes: number, segmentBytes = 1448): { reads: number; empty: number; selects: number; bench: StackBench } {
  const bench = new StackBench({ blockBytes, segmentBytes, socketBytes: 200_000 });
  bench.arrive(frames);
  bench.interrupt();
  return { reads: bench.count('app.reads'), empty: bench.count('app.reads-empty'), selects: bench.count('app.selects'), bench };
}

describe('the receive loop', () => {
  test('a batch shorter than a block: one read with the data, one that finds nothing, one select', () => {
    const { reads, empty, selects, bench } = batch(30, 131_072);
    expect([reads, empty, selects]).toEqual([1, 1, 1]);
    expect(bench.count('bytes.delivered')).toBe(30 * 1448);
    expect(bench.buffer.bytes).toBe(0);
    expect(bench.input.readerSleeps).toBe(true);
  });

  test('a batch longer than a block: a read a block, a select after each, and the last block ends with a read that finds nothing', () => {
    // 43,440 bytes in blocks of 10,000: four full ones and a rest.
    const { reads, empty, selects } = batch(30, 10_000);
    expect([reads, empty, selects]).toEqual([5, 1, 5]);
  });

  test('a batch that fills its last block: no read that finds nothing, since select is asked first', () => {
    const { reads, empty, selects } = batch(30, 1448 * 10);
    expect([reads, empty, selects]).toEqual([3, 0, 3]);
  });

  test('runs the calls in their order', () => {
    const log: string[] = [];
    const bench = new StackBench({ blockBytes: 2000 });
    bench.arrive(2);
    bench.driver.interrupt();
    bench.runSoftints();
    const { core, paths } = bench;
    const { run, runSequence, spend, runMany } = core;
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
      for (let i = 0; i < times; i++) log.push(paths.path(path).name);
      runMany.call(core, path, times);
    };
    core.spend = (path, ticks) => {
      if (paths.path(path).name === 'read.copy') log.push(`read.copy ${Math.round(ticks / paths.ticksPerByte('copy.read'))}`);
      spend.call(core, path, ticks);
    };
    bench.server.run();
    expect(log).toEqual([
      'select.wakes',
      'iperf.loop', 'read.data', 'read.mbuf', 'read.copy 2000', 'tcp.output-nothing', 'select.enter',
      // The window has opened by 2,896 bytes with this read.
      'iperf.loop', 'read.data', 'read.copy 896', 'tcp.output-nothing', 'tcp.window-update', 'read.nothing', 'select.enter',
      'select.sleeps',
    ]);
  });

  test('pays for each further mbuf of a read and for each byte', () => {
    const { bench } = batch(30, 131_072);
    expect(bench.account('read.mbuf')).toBe(29 * bench.price('read.mbuf'));
    expect(bench.account('read.copy')).toBe(Math.round(30 * 1448 * bench.paths.ticksPerByte('copy.read')));
  });

  test('takes what comes while it reads before it sleeps', () => {
    const bench = new StackBench();
    bench.arrive(3);
    bench.driver.interrupt();
    bench.runSoftints();
    // Data appended between the last read and the scan of select, as a native kernel could: here by hand.
    const { core } = bench;
    const { run } = core;
    let late = 0;
    core.runSequence = () => false;
    core.run = (path) => {
      if (bench.paths.path(path).name === 'select.enter' && late++ === 0) bench.buffer.append(1448, core.now);
      run.call(core, path);
    };
    bench.server.run();
    expect([bench.count('app.reads'), bench.count('app.selects'), bench.buffer.bytes]).toEqual([2, 2, 0]);
  });
});

describe('latency', () => {
  test('is from the last bit on the wire to the end of the copy that took the last byte, frame by frame', () => {
    const bench = new StackBench({ blockBytes: 2 * 1448 + 724 });
    const ages: number[] = [];
    bench.latency.addRun = (age, step, count) => {
      for (let i = 0; i < count; i++) ages.push(age - i * step);
    };
    const spacing = 12_304_000;
    bench.arrive(4, spacing);
    const last = bench.core.now - bench.nic.receiveLatency;
    const copies: number[] = [];
    const { spend } = bench.core;
    bench.core.spend = (path, ticks) => {
      spend.call(bench.core, path, ticks);
      if (bench.paths.path(path).name === 'read.copy') copies.push(bench.core.now);
    };
    bench.interrupt();
    const [first = NaN, second = NaN] = copies;
    expect(copies).toHaveLength(2);
    // The third frame is cut by the end of the block.
    expect(ages).toEqual([first - (last - 3 * spacing), first - (last - 2 * spacing), second - (last - spacing), second - last]);
  });
});
