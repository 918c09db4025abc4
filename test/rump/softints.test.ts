import { describe, expect, test } from 'vitest';
import { SOFTINT_CLOCK, SOFTINT_NET } from '../../src/anykernel/host.ts';
import { US } from '../../src/events/time.ts';
import { Softints } from '../../src/rump/softints.ts';
import { RumpBench } from './rump-bench.ts';

class SoftintBench extends RumpBench {
  readonly softints = new Softints(this.core, this.scheduler);
  readonly ran: string[] = [];
  private readonly handlers = new Map<string, () => void>();

  /** A handler that says its name, and then does `act`. */
  handler(name: string, act: () => void = () => {}): () => void {
    const known = this.handlers.get(name);
    if (known !== undefined) return known;
    const handler = (): void => {
      this.ran.push(name);
      act();
    };
    this.handlers.set(name, handler);
    return handler;
  }
}

describe('softints', () => {
  test('run in a thread of their level, when it is scheduled: scheduling one only queues it', () => {
    const bench = new SoftintBench();
    const { softints, ran } = bench;
    const device = bench.thread('device', () => {
      softints.schedule(SOFTINT_NET, bench.handler('net'));
      ran.push('device goes on');
    });
    bench.at(US, () => bench.scheduler.wake(device));
    bench.at(20 * US, () => softints.dispatch());
    bench.run(100 * US);
    expect(ran).toEqual(['device goes on', 'net']);
  });

  test('the clock level is woken before the network level', () => {
    const bench = new SoftintBench();
    const { softints } = bench;
    bench.at(US, () => {
      softints.schedule(SOFTINT_NET, bench.handler('net'));
      softints.schedule(SOFTINT_CLOCK, bench.handler('clock'));
      softints.dispatch();
    });
    bench.run(100 * US);
    expect(bench.ran).toEqual(['clock', 'net']);
  });

  test('of one level run in the order in which they were scheduled, each once, and those that they schedule after them, without a new wake-up', () => {
    const bench = new SoftintBench();
    const { softints } = bench;
    bench.at(US, () => {
      softints.schedule(SOFTINT_NET, bench.handler('a', () => softints.schedule(SOFTINT_NET, bench.handler('c'))));
      softints.schedule(SOFTINT_NET, bench.handler('b'));
      softints.schedule(SOFTINT_NET, bench.handler('a'));
      softints.dispatch();
    });
    bench.run(100 * US);
    expect(bench.ran).toEqual(['a', 'b', 'c']);
    expect(bench.count('bmk.switches')).toBe(1);
  });

  test('of another level wait until a thread that is no softint leaves the rump kernel', () => {
    const bench = new SoftintBench();
    const { softints } = bench;
    bench.at(US, () => {
      softints.schedule(SOFTINT_NET, bench.handler('net', () => softints.schedule(SOFTINT_CLOCK, bench.handler('clock'))));
      softints.dispatch();
    });
    bench.at(50 * US, () => {
      expect(bench.ran).toEqual(['net']);
      softints.dispatch();
    });
    bench.run(100 * US);
    expect(bench.ran).toEqual(['net', 'clock']);
  });

  test('nothing pending: nobody is woken and nothing is paid', () => {
    const bench = new SoftintBench();
    bench.at(US, () => bench.softints.dispatch());
    bench.run(10 * US);
    expect(bench.log).toEqual(['block', 'block']);
    expect(bench.core.ledger.busy()).toBe(bench.account('rump:scheduler', 'sched.look'));
  });

  test('an unknown level is an error', () => {
    expect(() => new SoftintBench().softints.schedule(9, () => {})).toThrow(new RangeError('no softint level 9'));
  });
});
