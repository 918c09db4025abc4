import { describe, expect, test } from 'vitest';
import { NEVER, US } from '../../src/events/time.ts';
import { RumpBench } from './rump-bench.ts';

describe('the run queue', () => {
  test('is first in, first out, without priorities', () => {
    const bench = new RumpBench();
    const { scheduler, log } = bench;
    const [a, b, c] = ['a', 'b', 'c'].map((name) => bench.thread(name));
    bench.at(US, () => {
      for (const id of [c, a, b]) scheduler.wake(id as number);
    });
    bench.run(100 * US);
    expect(log.filter((name) => name !== 'block')).toEqual(['c', 'a', 'b']);
  });

  test('takes a thread once, however often it is woken', () => {
    const bench = new RumpBench();
    const a = bench.thread('a');
    const b = bench.thread('b');
    bench.at(US, () => {
      for (const id of [a, b, a, a]) bench.scheduler.wake(id);
    });
    bench.run(100 * US);
    expect(bench.log.filter((name) => name !== 'block')).toEqual(['a', 'b']);
  });

  test('nothing preempts: a thread woken by another runs when that has blocked, after those queued before', () => {
    const bench = new RumpBench();
    const { scheduler, log } = bench;
    const late = bench.thread('late');
    const queued = bench.thread('queued');
    const first = bench.thread('first', () => {
      scheduler.wake(late);
      log.push('first goes on');
    });
    bench.at(US, () => {
      scheduler.wake(first);
      scheduler.wake(queued);
    });
    bench.run(100 * US);
    expect(log.filter((name) => name !== 'block')).toEqual(['first', 'first goes on', 'queued', 'late']);
  });

  test('a wake-up of the running thread has no effect, until it has prepared to block', () => {
    const bench = new RumpBench();
    const { scheduler } = bench;
    let prepared = false;
    const self: number = bench.thread('self', () => {
      if (prepared) scheduler.blockPrepare();
      scheduler.wake(self);
      prepared = !prepared;
    });
    bench.at(US, () => scheduler.wake(self));
    bench.at(50 * US, () => scheduler.wake(self));
    bench.run(100 * US);
    // The first run loses its wake-up; the second keeps it and makes a third.
    expect(bench.log.filter((name) => name === 'self')).toHaveLength(3);
  });

  test('a wake-up that comes as the scheduler lets interrupts in is behind the thread it has chosen', () => {
    const bench = new RumpBench();
    const { scheduler, platform, log } = bench;
    const isr = bench.thread('isr');
    const chosen = bench.thread('chosen');
    bench.at(US, () => {
      scheduler.wake(chosen);
      platform.pending.push(() => scheduler.wake(isr), () => scheduler.wake(chosen));
    });
    bench.run(100 * US);
    // The chosen one is running already, so its own wake-up is lost.
    expect(log.filter((name) => name !== 'block')).toEqual(['chosen', 'isr']);
  });
});

test('interrupts are let in when the choice is made, before the switch', () => {
  const bench = new RumpBench();
  const { scheduler, platform, core, paths } = bench;
  const order: string[] = [];
  const a = bench.thread('a', () => order.push('a'));
  bench.at(US, () => {
    scheduler.wake(a);
    platform.pending.push(() => order.push('let in'));
    const { run } = core;
    core.run = (path) => {
      order.push(paths.path(path).name);
      run.call(core, path);
    };
  });
  bench.run(10 * US);
  expect(order).toEqual(['sched.look', 'let in', 'sched.switch', 'a', 'sched.look']);
});

describe('timeouts', () => {
  test('are looked at only when the scheduler runs: a thread that is due goes to the tail', () => {
    const bench = new RumpBench();
    const { scheduler, core, log } = bench;
    const timed = bench.thread('timed');
    const queued = bench.thread('queued');
    const busy = bench.thread('busy', () => {
      scheduler.wakeAt(timed, core.now + 1);
      core.run(bench.work);
      scheduler.wake(queued);
    });
    bench.at(US, () => scheduler.wake(busy));
    bench.run(100 * US);
    expect(log.filter((name) => name !== 'block')).toEqual(['busy', 'queued', 'timed']);
  });

  test('expire in the order of their times, all that are due at once', () => {
    const bench = new RumpBench();
    const { scheduler, core } = bench;
    const ids = ['c', 'a', 'b'].map((name) => bench.thread(name));
    const busy = bench.thread('busy', () => {
      for (const [i, id] of ids.entries()) scheduler.wakeAt(id, core.now + [30, 10, 20][i]!); // three of each
      core.run(bench.work);
    });
    bench.at(US, () => scheduler.wake(busy));
    bench.run(100 * US);
    expect(bench.log.filter((name) => name !== 'block')).toEqual(['busy', 'a', 'b', 'c']);
    expect(bench.account('rump:scheduler', 'sched.expire')).toBe(3 * pricePath(bench, 'sched.expire'));
  });

  test('that have just come, to the tick, have expired', () => {
    const bench = new RumpBench();
    const { scheduler, core, platform } = bench;
    const b = bench.thread('b');
    const a = bench.thread('a', () => scheduler.wakeAt(b, core.now + pricePath(bench, 'sched.look')));
    bench.at(US, () => scheduler.wake(a));
    bench.run(100 * US);
    expect(bench.log).toEqual(['block', 'a', 'b', 'block']);
    expect(platform.blocks).toEqual([NEVER, NEVER]);
  });

  test('an idle CPU blocks until the first of them, for ever when there is none', () => {
    const bench = new RumpBench();
    const { scheduler, platform } = bench;
    const a = bench.thread('a');
    const b = bench.thread('b');
    scheduler.wakeAt(a, 40 * US);
    scheduler.wakeAt(b, 30 * US);
    bench.run(100 * US);
    expect(platform.blocks).toEqual([30 * US, 40 * US, NEVER]);
    expect(bench.log).toEqual(['block', 'b', 'block', 'a', 'block']);
  });

  test('a wake-up before the time cancels it', () => {
    const bench = new RumpBench();
    const { scheduler, platform } = bench;
    const a = bench.thread('a');
    scheduler.wakeAt(a, 40 * US);
    bench.at(10 * US, () => scheduler.wake(a));
    bench.run(100 * US);
    expect(bench.log.filter((name) => name === 'a')).toHaveLength(1);
    expect(platform.blocks.at(-1)).toBe(NEVER);
  });
});

describe('accounts', () => {
  test('a look each time round; a switch, with its cold lines, only to another thread; each thread in its own context', () => {
    const bench = new RumpBench();
    const { scheduler } = bench;
    const a = bench.thread('a', () => bench.core.run(bench.work));
    const b = bench.thread('b', () => bench.core.run(bench.work));
    for (const [i, id] of [a, a, b, a].entries()) bench.at((i + 1) * 10 * US, () => scheduler.wake(id));
    bench.run(100 * US);
    expect(bench.log).toEqual(['block', 'a', 'block', 'a', 'block', 'b', 'block', 'a', 'block']);
    expect(bench.count('bmk.switches')).toBe(3);
    expect(bench.count('bmk.idle-entries')).toBe(5);
    const price = (path: string): number => pricePath(bench, path);
    expect(bench.account('rump:scheduler', 'sched.look')).toBe(9 * price('sched.look'));
    expect(bench.account('rump:scheduler', 'sched.switch')).toBe(3 * price('sched.switch'));
    expect([bench.account('a', 'work'), bench.account('b', 'work'), bench.account('rump:scheduler', 'work')]).toEqual([3 * price('work'), price('work'), 0]);
  });
});

test('a thread that does not exist cannot be woken', () => {
  const { scheduler } = new RumpBench();
  expect(() => scheduler.wake(7)).toThrow(new RangeError('no bmk thread 7'));
  expect(() => scheduler.wakeAt(7, 0)).toThrow(new RangeError('no bmk thread 7'));
});

function pricePath(bench: RumpBench, name: string): number {
  for (let id = 0; id < bench.paths.size; id++) if (bench.paths.path(id).name === name) return bench.paths.path(id).ticks;
  return NaN;
}
