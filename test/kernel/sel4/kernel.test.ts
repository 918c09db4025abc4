import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MS, US } from '../../../src/events/time.ts';
import type { InterruptRoute } from '../../../src/hw/interrupt-route.ts';
import { PortIo } from '../../../src/hw/port-io.ts';
import { IrqHandler } from '../../../src/kernel/sel4/irq-handler.ts';
import type { Notification, Tcb, VSpace } from '../../../src/kernel/sel4/thread.ts';
import { KernelBench, TICK_VECTOR } from './kernel-bench.ts';

/** Tells who did what when. */
class Story {
  readonly lines: string[] = [];
  say(line: string): void {
    this.lines.push(line);
  }
}

describe('signal and wait', () => {
  test('a signal without a waiter is remembered once', () => {
    const bench = new KernelBench();
    const { kernel } = bench;
    const n = bench.notification();
    const story = new Story();
    bench.thread('main', 1, function* () {
      kernel.signal(n);
      kernel.signal(n);
      story.say(`first wait ${kernel.wait(n)}`);
      story.say(`second wait ${kernel.wait(n)}`);
      yield;
      story.say('never');
    });
    bench.run();
    expect(story.lines).toEqual(['first wait true', 'second wait false']);
    expect(bench.bodies()).toEqual(['signal.no-waiter', 'signal.active', 'wait.pending', 'wait.switch-other']);
  });

  test('a waiter of higher priority runs before the signaller goes on', () => {
    const bench = new KernelBench();
    const { kernel } = bench;
    const n = bench.notification();
    const story = new Story();
    bench.thread('high', 2, function* () {
      for (;;) {
        if (!kernel.wait(n)) yield;
        story.say('high');
      }
    });
    bench.thread('low', 1, function* () {
      story.say('low 1');
      kernel.signal(n);
      story.say('low 2');
      kernel.signal(n);
      story.say('low 3');
      kernel.wait(bench.notification());
      yield;
    });
    bench.run();
    expect(story.lines).toEqual(['low 1', 'high', 'low 2', 'high', 'low 3']);
    expect(bench.bodies().slice(1)).toEqual(['signal.switch-same', 'wait.switch-same', 'signal.switch-same', 'wait.switch-same', 'wait.switch-other']);
  });

  test.each([['lower', 1], ['equal', 2]])('a waiter of %s priority runs when the signaller blocks', (_, priority) => {
    const bench = new KernelBench();
    const { kernel } = bench;
    const n = bench.notification();
    const story = new Story();
    const other = bench.notification();
    // The signaller has to block once for the waiter to get to its wait.
    bench.thread('signaller', 2, function* () {
      if (!kernel.wait(other)) yield;
      kernel.signal(n);
      story.say('signaller goes on');
      kernel.wait(other);
      yield;
    });
    bench.thread('waiter', priority, function* () {
      kernel.wait(n);
      yield;
      story.say('waiter');
      kernel.wait(n);
      yield;
    });
    bench.irq(50, other);
    bench.raiseAt(100 * US, 50);
    bench.run();
    expect(story.lines).toEqual(['signaller goes on', 'waiter']);
    expect(bench.bodies()).toContain('signal.no-switch');
  });

  test('equal priorities run in the order in which they became ready', () => {
    const bench = new KernelBench();
    const { kernel } = bench;
    const story = new Story();
    const ns = [0, 1, 2].map(() => bench.notification());
    for (const [i, n] of ns.entries()) {
      bench.thread(`t${i}`, 5, function* () {
        kernel.wait(n);
        yield;
        story.say(`t${i}`);
        kernel.wait(n);
        yield;
      });
    }
    bench.thread('main', 5, function* () {
      for (const i of [2, 0, 1]) kernel.signal(ns[i] as Notification);
      story.say('main');
      kernel.wait(bench.notification());
      yield;
    });
    bench.run();
    expect(story.lines).toEqual(['main', 't2', 't0', 't1']);
  });
});

describe('interrupts', () => {
  /** A thread that works for a long time, and interrupt threads above it. */
  function nest(): { bench: KernelBench; story: Story } {
    const bench = new KernelBench();
    const { kernel, core } = bench;
    const story = new Story();
    for (const [name, priority, vector] of [['mid', 2, 0x50], ['high', 3, 0x60]] as const) {
      const n = bench.notification();
      bench.irq(vector, n);
      bench.thread(name, priority, function* () {
        for (;;) {
          if (!kernel.wait(n)) yield;
          story.say(`${name} begins`);
          for (let i = 0; i < 20; i++) core.run(bench.work);
          story.say(`${name} ends`);
        }
      });
    }
    bench.thread('low', 1, function* () {
      story.say('low begins');
      for (let i = 0; i < 200; i++) core.run(bench.work);
      story.say('low ends');
      kernel.wait(bench.notification());
      yield;
    });
    return { bench, story };
  }

  test('preempt by priority, nested, and each thread goes on where it was', () => {
    const { bench, story } = nest();
    bench.raiseAt(20 * US, 0x50);
    bench.raiseAt(23 * US, 0x60);
    bench.run();
    expect(story.lines).toEqual(['low begins', 'mid begins', 'high begins', 'high ends', 'mid ends', 'low ends']);
    const work = bench.price('work');
    expect(['low', 'mid', 'high'].map((name) => bench.account(name, 'work'))).toEqual([200 * work, 20 * work, 20 * work]);
  });

  test('a lower one waits for the higher thread', () => {
    const { bench, story } = nest();
    bench.raiseAt(20 * US, 0x60);
    bench.raiseAt(23 * US, 0x50);
    bench.run();
    expect(story.lines).toEqual(['low begins', 'high begins', 'high ends', 'mid begins', 'mid ends', 'low ends']);
    expect(bench.bodies()).toContain('irq.msi.no-switch');
  });

  test('that find nobody waiting leave a mark and return to the same thread', () => {
    const { bench, story } = nest();
    bench.raiseAt(20 * US, 0x50);
    bench.raiseAt(23 * US, 0x50);
    bench.run();
    expect(story.lines).toEqual(['low begins', 'mid begins', 'mid ends', 'mid begins', 'mid ends', 'low ends']);
    expect(bench.bodies().filter((body) => body.startsWith('irq'))).toEqual(['irq.msi.switch-same', 'irq.msi.no-waiter']);
    expect(bench.bodies()).toContain('wait.pending');
  });

  test('wait for the end of a system call', () => {
    const bench = new KernelBench();
    const { kernel, core, simulator } = bench;
    const n = bench.notification();
    const seen: string[] = [];
    bench.irq(0x50, n);
    bench.thread('high', 2, function* () {
      kernel.wait(n);
      yield;
      seen.push(`high at ${core.now}`);
      kernel.wait(n);
      yield;
    });
    bench.thread('low', 1, function* () {
      const raise = simulator.now < core.now ? core.now : simulator.now;
      bench.raiseAt(raise + 1000, 0x50);
      kernel.signal(bench.notification());
      seen.push('low goes on');
      kernel.wait(bench.notification());
      yield;
    });
    const log = bench.run();
    const from = log.indexOf('kernel:send: stub/syscall/entry');
    expect(log.slice(from, from + 8)).toEqual([
      'kernel:send: stub/syscall/entry', 'kernel:send: sel4/signal.no-waiter', 'kernel:send: stub/syscall/exit',
      'kernel:irq-deliver: stub/interrupt/entry', 'kernel:irq-deliver: mmio/lapic/eoi', 'kernel:irq-deliver: sel4/irq.msi.switch-same', 'kernel:irq-deliver: stub/interrupt/exit',
      'kernel:recv: stub/syscall/entry',
    ]);
    expect(seen[1]).toBe('low goes on');
  });

  test('without a handler change no thread', () => {
    const bench = new KernelBench();
    bench.raiseAt(20 * US, 0x44);
    bench.run();
    expect(bench.log).toEqual(['kernel:irq-deliver: stub/interrupt/entry', 'kernel:irq-deliver: stub/interrupt/exit']);
  });

  test('are acknowledged by a system call that unmasks their source', () => {
    const bench = new KernelBench();
    const { kernel } = bench;
    const n = bench.notification();
    const calls: string[] = [];
    const route: InterruptRoute = { kind: 'pic', mask: () => void calls.push('mask'), unmask: () => void calls.push('unmask'), endOfInterrupt: () => bench.end.write(), maskAndEnd: [], maskedAndEnded: () => {}, unmasking: [], unmasked: () => {} };
    const handler = new IrqHandler(0x50, route, n, bench.counters.define('irq'));
    kernel.addHandler(handler);
    bench.thread('driver', 1, function* () {
      kernel.wait(n);
      yield;
      calls.push('driver');
      kernel.acknowledge(handler);
      calls.push('goes on');
      kernel.wait(n);
      yield;
    });
    bench.raiseAt(20 * US, 0x50);
    bench.run();
    expect(calls).toEqual(['mask', 'driver', 'unmask', 'goes on']);
    expect(bench.bodies()).toEqual(['wait.switch-other', 'irq.pic.switch-other', 'ack.pic', 'wait.switch-other']);
    expect(['irq-deliver', 'irq-ack', 'recv'].map((op) => bench.counters.values[bench.counters.names.indexOf(`kernel.${op}`)])).toEqual([1, 1, 2]);
  });
});

describe('address spaces', () => {
  test('CR3 is written and refilled only when the next thread lives in another one; the refill is its own', () => {
    const bench = new KernelBench();
    const { kernel, core } = bench;
    const n = bench.notification();
    bench.irq(0x50, n);
    bench.thread('a1', 2, function* () {
      for (;;) {
        if (!kernel.wait(n)) yield;
        core.run(bench.work);
      }
    });
    bench.raiseAt(20 * US, 0x50);
    bench.raiseAt(40 * US, 0x50);
    bench.run();
    expect(bench.bodies()).toEqual(['wait.switch-other', 'irq.msi.switch-other', 'wait.switch-other', 'irq.msi.switch-other', 'wait.switch-other']);
    expect(bench.account('a1', 'refill/a')).toBe(2 * bench.price('refill/a'));
    expect(bench.account('idle', 'refill/b')).toBe(3 * bench.price('refill/b'));
    expect(bench.log.indexOf('a1: refill/a')).toBe(bench.log.indexOf('kernel:irq-deliver: stub/interrupt/exit') + 1);
  });

  test('a switch to another space costs a CR3 write more than the same switch without', () => {
    const bench = new KernelBench();
    const { costs, cycleTicks } = bench.paths;
    const cycles = (path: string): number => bench.price(`sel4/${path}`) / cycleTicks;
    const switches = ['wait.switch', 'signal.switch', 'irq.msi.switch', 'irq.ioapic.switch', 'irq.pic.switch'];
    const more = switches.map((path) => {
      const instructions = costs.value(`insn.sel4.${path}-other`) - costs.value(`insn.sel4.${path}-same`);
      return [path, Math.round(cycles(`${path}-other`) - cycles(`${path}-same`) - instructions * costs.value('cpi.kernel'))];
    });
    expect(more).toEqual(switches.map((path) => [path, costs.value('cr3.write')]));
  });
});

describe('port I/O', () => {
  test('is an invocation of its own: the access lies between the stubs, in the kernel', () => {
    const writes: string[] = [];
    const bench = new KernelBench(({ core, counters, paths }) => {
      const ports = new PortIo(core, counters);
      ports.attach({ name: 'pit', ports: [0x40], readPort: () => 0, writePort: (port, value) => writes.push(`${port}=${value}`) }, paths);
      return ports;
    });
    const { kernel } = bench;
    bench.thread('main', 1, function* () {
      kernel.portOut8(0x40, 99);
      kernel.wait(bench.notification());
      yield;
    });
    expect(bench.run().slice(0, 4)).toEqual(['kernel:ioport: stub/syscall/entry', 'kernel:ioport: sel4/ioport.out8', 'kernel:ioport: port/pit/out', 'kernel:ioport: stub/syscall/exit']);
    expect(writes).toEqual(['64=99']);
  });

  test('is refused by a machine without', () => {
    const bench = new KernelBench();
    expect(() => bench.kernel.portOut8(0x40, 0)).toThrow('this machine has no port I/O');
  });
});

describe('the kernel tick', () => {
  test('ends its interrupt, takes one of four ticks of the slice, and changes no thread', () => {
    const bench = new KernelBench();
    const { core, kernel } = bench;
    bench.thread('main', 1, function* () {
      while (core.now < 17 * MS) core.run(bench.work);
      kernel.wait(bench.notification());
      yield;
    });
    bench.apic.startTimer(TICK_VECTOR, MS, 2 * MS);
    const log = bench.run(20 * MS).filter((line) => line.startsWith('kernel:tick'));
    expect(log.slice(0, 4)).toEqual(['kernel:tick: stub/interrupt/entry', 'kernel:tick: mmio/lapic/eoi', 'kernel:tick: sel4/tick', 'kernel:tick: stub/interrupt/exit']);
    const bodies = bench.bodies().filter((body) => body.startsWith('tick'));
    // Main from 1 to 15 ms, twice through its slice; idle at 17 (main ended just after that tick) or 19 ms on a slice of its own.
    expect(bodies.slice(0, 8)).toEqual(['tick', 'tick', 'tick', 'tick.slice-over', 'tick', 'tick', 'tick', 'tick.slice-over']);
    expect(bodies).toHaveLength(10);
    expect(bodies[9]).toBe('tick');
    expect(bench.counters.values[bench.counters.names.indexOf('interrupts.tick')]).toBe(10);
  });
});

describe('accounts', () => {
  test('a thread that has switched its own context gets it back after a system call, whatever ran meanwhile', () => {
    const bench = new KernelBench();
    const { kernel, core } = bench;
    const n = bench.notification();
    const handler = bench.irq(0x50, bench.notification());
    const part = core.defineContext('part of main');
    bench.thread('high', 2, function* () {
      for (;;) {
        if (!kernel.wait(n)) yield;
        core.run(bench.work);
      }
    });
    bench.thread('main', 1, function* () {
      core.context = part;
      kernel.signal(n);
      core.run(bench.work);
      kernel.acknowledge(handler);
      core.run(bench.work);
      kernel.signal(bench.notification());
      core.run(bench.work);
      kernel.wait(bench.notification());
      yield;
    });
    bench.run();
    expect(bench.account('part of main', 'work')).toBe(3 * bench.price('work'));
    expect(bench.account('main', 'work')).toBe(0);
    expect(bench.account('high', 'work')).toBe(bench.price('work'));
  });
});

interface Plan {
  readonly threads: readonly { readonly priority: number; readonly otherSpace: boolean; readonly work: number; readonly signals: number }[];
  readonly interrupts: readonly { readonly tick: number; readonly thread: number }[];
}

const plan: fc.Arbitrary<Plan> = fc.record({
  threads: fc.array(fc.record({ priority: fc.integer({ min: 1, max: 5 }), otherSpace: fc.boolean(), work: fc.integer({ min: 0, max: 5 }), signals: fc.nat(7) }), { minLength: 1, maxLength: 7 }),
  interrupts: fc.array(fc.record({ tick: fc.integer({ min: 1, max: 900 * US }), thread: fc.nat(6) }), { maxLength: 60 }),
});

test('whatever is signalled when, the thread that runs is the first ready one of the highest priority, and no time is lost', () => {
  fc.assert(
    fc.property(plan, ({ threads, interrupts }) => {
      const bench = new KernelBench();
      const { kernel, core } = bench;
      const ns = threads.map((_, i) => bench.notification(`n${i}`));
      const ready: Tcb[] = [];
      const space = (other: boolean): VSpace => (other ? bench.spaceB : bench.spaceA);
      for (const [i, { priority, otherSpace, work, signals }] of threads.entries()) {
        const own = ns[i] as Notification;
        // Signals go from a thread to those after it, so that chains end.
        const target = ns[i + 1 + signals];
        bench.irq(0x40 + i, own);
        ready.push(bench.thread(`t${i}`, priority, function* () {
          for (;;) {
            if (!kernel.wait(own)) yield;
            for (let n = 0; n < work; n++) core.run(bench.work);
            if (target !== undefined) kernel.signal(target);
            core.run(bench.work);
          }
        }, space(otherSpace)));
      }
      for (const [i, { tick, thread }] of interrupts.entries()) if (thread < threads.length) bench.raiseAt(tick + i, 0x40 + thread);
      core.powerOn();
      const { run } = core;
      const wrong: string[] = [];
      // When each of them became ready, by its place in this list: one thing happens between two acts of the core.
      const order: Tcb[] = [];
      core.fits = () => false;
      core.run = (path) => {
        const { current } = kernel;
        for (const thread of ready) {
          const place = order.indexOf(thread);
          if (thread.ready && place < 0) order.push(thread);
          if (!thread.ready && place >= 0) order.splice(place, 1);
        }
        if (path === bench.work) {
          if (core.context !== current.context) wrong.push(`${current.name} runs on another account`);
          const above = ready.filter((thread) => thread.ready && (thread.priority > current.priority || (thread.priority === current.priority && order.indexOf(thread) < order.indexOf(current))));
          for (const thread of above) wrong.push(`${current.name} runs although ${thread.name} is ready`);
        }
        run.call(core, path);
      };
      bench.at(5 * MS, () => {
        core.stopped = true;
      });
      kernel.run();
      expect(wrong).toEqual([]);
      expect(core.ledger.busy() + core.ledger.idle).toBe(core.elapsed);
      // All is quiet again, each thread at its wait, no signal left over.
      expect(ns.map((n) => [n.active, n.waiter?.name])).toEqual(threads.map((_, i) => [false, `t${i}`]));
    }),
    { numRuns: 200 },
  );
});
