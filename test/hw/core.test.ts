import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Event } from '../../src/events/event.ts';
import { Priority } from '../../src/events/priority.ts';
import type { Tick } from '../../src/events/time.ts';
import { PIN_LAPIC } from '../../src/hw/core.ts';
import { spend } from '../../src/hw/path.ts';
import { ANYWHERE, part } from '../../src/hw/sequence.ts';
import { Bench } from './bench.ts';

/** Two contexts, two paths of 10,000 and 100,000 ticks, an interrupt handler that takes `short` and says when it ran. */
class CoreBench extends Bench {
  readonly short = this.paths.define('short', spend('ten'));
  readonly long = this.paths.define('long', spend('hundred'));
  readonly program = this.core.defineContext('program');
  readonly handler = this.core.defineContext('handler');
  readonly taken: Tick[] = [];

  constructor() {
    super();
    this.core.onInterrupt = () => {
      this.taken.push(this.core.now);
      this.core.interruptRequest = 0;
      this.core.context = this.handler;
      this.core.run(this.short);
    };
    this.core.powerOn();
    this.core.context = this.program;
  }

  raiseAt(...ticks: Tick[]): void {
    for (const tick of ticks) {
      this.at(tick, () => {
        this.core.interruptRequest |= PIN_LAPIC;
      });
    }
  }
}

describe('time', () => {
  test('is charged to the context that is set and the path that runs', () => {
    const bench = new CoreBench();
    const { core } = bench;
    core.run(bench.long);
    core.context = bench.handler;
    core.run(bench.long);
    core.spend(bench.short, 123);
    core.stall(bench.short);
    expect(core.now).toBe(210_123);
    expect(core.elapsed).toBe(210_123);
    expect([bench.account('program', 'long'), bench.account('program', 'short')]).toEqual([100_000, 0]);
    expect([bench.account('handler', 'long'), bench.account('handler', 'short')]).toEqual([100_000, 10_123]);
  });

  test('a context is one account, however often it is defined', () => {
    const bench = new CoreBench();
    expect(bench.core.defineContext('program')).toBe(bench.program);
    expect(bench.core.ledger.contexts).toEqual(['program', 'handler']);
  });

  test('costs the same whether or not anything happens meanwhile', () => {
    const act = fc.record({ kind: fc.constantFrom('run', 'spend', 'stall', 'many'), long: fc.boolean(), ticks: fc.nat(200_000), context: fc.boolean() });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 30 }), fc.array(fc.nat(2_000_000), { maxLength: 40 }), (acts, events) => {
        const ledgers = [[], events].map((ticks) => {
          const bench = new CoreBench();
          const { core } = bench;
          const seen: Tick[] = [];
          for (const tick of ticks) bench.at(tick, () => seen.push(bench.simulator.now));
          for (const { kind, long, ticks: length, context } of acts) {
            core.context = context ? bench.program : bench.handler;
            const path = long ? bench.long : bench.short;
            if (kind === 'run') core.run(path);
            else if (kind === 'spend') core.spend(path, length);
            else if (kind === 'many') core.runMany(path, length % 7);
            else core.stall(path);
            // Everything up to the core's time has happened, nothing after it, each at its own tick.
            expect(seen).toEqual(ticks.filter((tick) => tick <= core.now && (core.now > 0 || seen.length > 0)).toSorted((a, b) => a - b));
          }
          return { now: core.now, accounts: [...core.ledger.ticks], busy: core.ledger.busy() };
        });
        expect(ledgers[1]).toEqual(ledgers[0]);
        expect(ledgers[0]?.busy).toBe(ledgers[0]?.now);
      }),
    );
  });

  test('many runs of a path cost many times one', () => {
    const bench = new CoreBench();
    bench.core.runMany(bench.long, 7);
    bench.core.runMany(bench.long, 0);
    expect(bench.account('program', 'long')).toBe(700_000);
  });
});

describe('a sequence', () => {
  test('is the same as its paths in a row where nothing happens before its end, and nothing at all elsewhere', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100_000, max: 250_000 }), (tick) => {
        const bench = new CoreBench();
        const { core, counters, short, long } = bench;
        const [once, twice] = [counters.define('once'), counters.define('twice')];
        const sequence = core.defineSequence(bench.handler, [short, long, short], counters, [once, twice, twice]);
        core.run(short);
        bench.at(tick, () => {});
        const done = core.runSequence(sequence);
        expect(done).toBe(tick > 130_000);
        expect(core.now).toBe(done ? 130_000 : 10_000);
        for (let read = 0; read < 2; read++) {
          expect([bench.account('handler', 'short'), bench.account('handler', 'long'), bench.account('program', 'short')]).toEqual(done ? [20_000, 100_000, 10_000] : [0, 0, 10_000]);
          expect([counters.values[once], counters.values[twice]]).toEqual(done ? [1, 2] : [0, 0]);
        }
        expect(core.context).toBe(bench.program);
        expect(core.ledger.snapshot().ticks.reduce((sum, ticks) => sum + ticks)).toBe(core.now);
      }),
    );
  });

  test('goes on in other contexts', () => {
    const bench = new CoreBench();
    const { core, counters, short, long, program, handler } = bench;
    const once = counters.define('once');
    const sequence = core.join(counters, part(handler, [short], [once]), part(program, [long, short]), part(handler, [long]));
    expect(sequence.paths).toEqual([short, long, short, long]);
    for (let times = 1; times <= 3; times++) expect(core.runSequence(sequence)).toBe(true);
    expect(core.now).toBe(3 * 220_000);
    expect([bench.account('handler', 'short'), bench.account('handler', 'long'), bench.account('program', 'long'), bench.account('program', 'short')]).toEqual([30_000, 300_000, 300_000, 30_000]);
    expect(counters.values[once]).toBe(3);
    expect(core.context).toBe(program);
  });

  test('is repeated as often as nobody can notice: past events with slack, which then catch up at their own ticks, up to the others', () => {
    const event = fc.record({ tick: fc.integer({ min: 10_001, max: 2_000_000 }), slack: fc.oneof(fc.constant(0), fc.nat(1_500_000)) });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), (events, limit) => {
        const bench = new CoreBench();
        const { core, counters, simulator, short, long } = bench;
        const counter = counters.define('counter');
        const sequence = core.defineSequence(ANYWHERE, [short, long], counters, [counter]);
        core.run(short);
        const fired: Tick[] = [];
        for (const { tick, slack } of events) {
          const made = new Event('e', Priority.load, (at) => fired.push(at));
          made.slack = slack;
          simulator.schedule(made, tick);
        }
        // One by one: the last may end before all that cannot wait.
        let times = 0;
        while (times < limit && events.every(({ tick, slack }) => 10_000 + (times + 1) * 110_000 < tick + slack)) times++;
        expect(core.repeatHere(sequence, limit)).toBe(times);
        expect(core.now).toBe(10_000 + times * 110_000);
        expect(fired).toEqual([]);
        core.catchUp();
        expect(fired).toEqual(events.map(({ tick }) => tick).filter((tick) => tick < core.now).toSorted((a, b) => a - b));
        expect([bench.account('program', 'short'), bench.account('program', 'long')]).toEqual([(1 + times) * 10_000, times * 100_000]);
        expect(counters.values[counter]).toBe(times);
      }),
    );
  });

  test('leaves what is due now to the next act, which takes its interrupt', () => {
    const { core, simulator, short } = new CoreBench();
    core.run(short);
    const fired: Tick[] = [];
    simulator.schedule(new Event('e', Priority.dma, (at) => fired.push(at)), core.now);
    core.catchUp();
    expect(fired).toEqual([]);
    core.run(short);
    expect(fired).toEqual([10_000]);
  });

  test('is not done as one under the eyes of who is told of each act, nor while an interrupt waits to be let in', () => {
    const bench = new CoreBench();
    const { core, counters, short } = bench;
    const sequence = core.defineSequence(bench.program, [short], counters, []);
    core.interruptsEnabled = true;
    core.interruptRequest = PIN_LAPIC;
    expect(core.runSequence(sequence)).toBe(false);
    core.interruptRequest = 0;
    expect(core.runSequence(sequence)).toBe(true);
    core.probe = { event: () => {}, frames: () => {} };
    expect(core.runSequence(sequence)).toBe(false);
    core.probe = null;
    core.watch({ slice: () => {} });
    expect(core.runSequence(sequence)).toBe(false);
    expect(core.repeatHere(sequence, 3)).toBe(0);
  });
});

describe('an interrupt', () => {
  test('is taken inside a path at the tick of its event, and the path goes on after it', () => {
    const bench = new CoreBench();
    const { core } = bench;
    bench.raiseAt(30_000);
    core.enableInterrupts();
    core.run(bench.long);
    expect(bench.taken).toEqual([30_000]);
    expect(core.now).toBe(110_000);
    expect([bench.account('program', 'long'), bench.account('handler', 'short')]).toEqual([100_000, 10_000]);
    expect(core.context).toBe(bench.program);
    expect(core.interruptsEnabled).toBe(true);
  });

  test('in the last tick of a path is taken there', () => {
    const bench = new CoreBench();
    bench.raiseAt(100_000);
    bench.core.enableInterrupts();
    bench.core.run(bench.long);
    expect(bench.taken).toEqual([100_000]);
  });

  test('waits for the end of a bus access', () => {
    const bench = new CoreBench();
    bench.raiseAt(30_000);
    bench.core.enableInterrupts();
    bench.core.stall(bench.long);
    expect(bench.taken).toEqual([100_000]);
    expect(bench.core.now).toBe(110_000);
  });

  test('is not taken while interrupts are off; STI takes it at once', () => {
    const bench = new CoreBench();
    const { core } = bench;
    bench.raiseAt(30_000);
    core.run(bench.long);
    core.stall(bench.long);
    core.spend(bench.short, 500);
    expect(bench.taken).toEqual([]);
    core.enableInterrupts();
    expect(bench.taken).toEqual([200_500]);
    core.disableInterrupts();
    bench.raiseAt(250_000);
    core.run(bench.long);
    expect(bench.taken).toHaveLength(1);
  });

  test('that has gone again before STI was never there', () => {
    const bench = new CoreBench();
    const { core } = bench;
    bench.raiseAt(30_000);
    bench.at(40_000, () => {
      core.interruptRequest = 0;
    });
    core.run(bench.long);
    core.enableInterrupts();
    expect(bench.taken).toEqual([]);
  });

  test('runs its handler with interrupts off, the next one right after it', () => {
    const bench = new CoreBench();
    const { core } = bench;
    const flags: boolean[] = [];
    const inner = core.onInterrupt;
    core.onInterrupt = () => {
      flags.push(core.interruptsEnabled);
      inner();
    };
    // The second request comes inside the first one's handler, 10,000 ticks long.
    bench.raiseAt(30_000, 33_000);
    core.enableInterrupts();
    core.run(bench.long);
    expect(bench.taken).toEqual([30_000, 40_000]);
    expect(flags).toEqual([false, false]);
    expect(core.now).toBe(120_000);
    expect(core.context).toBe(bench.program);
  });

  test('each is taken at its tick or as soon as the one before it is done', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 500_000 }), { maxLength: 30 }), (ticks) => {
        const bench = new CoreBench();
        bench.raiseAt(...ticks);
        bench.core.enableInterrupts();
        bench.core.spend(bench.long, 500_000);
        // One request register: what comes during a handler is one more interrupt after it.
        const expected: Tick[] = [];
        let free = 0;
        for (const tick of ticks.toSorted((a, b) => a - b)) {
          const last = expected.at(-1);
          if (last !== undefined && tick <= last) continue;
          const at = Math.max(tick, free);
          expected.push(at);
          free = at + 10_000;
        }
        // Those after the 500,000 ticks and the handlers inside them have had no path to interrupt.
        const end = bench.core.now;
        expect(bench.taken).toEqual(expected.filter((tick) => tick < end || tick === 500_000));
        expect(bench.account('handler', 'short')).toBe(bench.taken.length * 10_000);
        expect(bench.account('program', 'long')).toBe(500_000);
        expect(bench.core.ledger.busy()).toBe(end);
      }),
    );
  });
});

describe('idle', () => {
  test('lasts until the pin is raised, through events that do not raise it, then the interrupt is taken', () => {
    const bench = new CoreBench();
    const { core } = bench;
    const spans: Tick[] = [];
    core.idleSpan = (ticks) => spans.push(ticks);
    core.run(bench.short);
    bench.at(20_000, () => {});
    bench.raiseAt(50_000);
    core.enableInterrupts();
    core.idle();
    expect(bench.taken).toEqual([50_000]);
    expect(core.ledger.idle).toBe(40_000);
    expect(spans).toEqual([40_000]);
    expect(core.now).toBe(60_000);
    expect(core.ledger.busy() + core.ledger.idle).toBe(core.elapsed);
  });

  test('with interrupts off waits for the pin only', () => {
    const bench = new CoreBench();
    bench.raiseAt(50_000);
    bench.core.idle();
    expect(bench.core.now).toBe(50_000);
    expect(bench.taken).toEqual([]);
  });

  test('does not begin when the pin is up', () => {
    const bench = new CoreBench();
    bench.raiseAt(5_000);
    bench.core.run(bench.short);
    bench.core.idle();
    expect(bench.core.ledger.idle).toBe(0);
  });

  test('ends when the run is stopped', () => {
    const bench = new CoreBench();
    bench.at(70_000, () => {
      bench.core.stopped = true;
    }, Priority.boundary);
    bench.raiseAt(90_000);
    bench.core.idle();
    expect([bench.core.now, bench.core.ledger.idle]).toEqual([70_000, 70_000]);
  });

  test('for ever is an error', () => {
    expect(() => new CoreBench().core.idle()).toThrow('the core idles and nothing is left to wake it');
  });
});

test('a core without a ledger says so', () => {
  expect(() => new Bench().core.ledger).toThrow('the core is not powered on');
});
