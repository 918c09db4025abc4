import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MS, type Tick, US } from '../../../src/events/time.ts';
import { part, type Sequence } from '../../../src/hw/sequence.ts';
import { type Handler, Tcb } from '../../../src/kernel/sel4/thread.ts';
import { KernelBench, TICK_VECTOR } from './kernel-bench.ts';

const VECTOR = 0x50;
const OTHER = 0x51;

/** A handler that wakes a sleeper below it, which works and sleeps again, and a thread above both that disturbs them. `atOnce`: where the kernel can, what they do is done as one. */
class TurnBench extends KernelBench {
  /** When the handler acted and how often somebody woke. */
  readonly seen: number[] = [];
  /** How much was done as one. */
  readonly whole: number;

  constructor(interrupts: readonly Tick[], disturbances: readonly Tick[], atOnce: boolean) {
    super();
    const { kernel, core } = this;
    const [waits, halt, other] = [this.notification('waits'), this.notification('halt'), this.notification('other')];
    const handled = this.irq(VECTOR, waits);
    this.irq(OTHER, other);
    const { work, seen } = this;
    let asleep = false;
    let started = false;
    let worked = 0;
    const handler: Handler = {
      signals: halt,
      before: work,
      after: work,
      usual: () => started && asleep,
      act: () => {
        asleep = false;
        seen.push(worked);
      },
    };
    const resume = (): void => {
      for (;;) {
        if (started) {
          core.run(handler.before);
          if (asleep) kernel.signal(halt);
          handler.act();
          core.run(handler.after);
        }
        started = true;
        if (!kernel.wait(waits)) return;
      }
    };
    const thread = new Tcb('handler', 5, this.spaceA, core.defineContext('handler'), { resume });
    kernel.addThread(thread);
    const main = core.defineContext('main');
    let sleep: Sequence | null = null;
    this.thread('main', 4, function* () {
      for (;;) {
        core.run(work);
        worked++;
        kernel.acknowledge(handled);
        asleep = true;
        sleep ??= kernel.defineSleep(part(main, [work]));
        if (atOnce && kernel.sleep(sleep, halt)) {
          yield;
          continue;
        }
        core.run(work);
        if (!kernel.wait(halt)) yield;
      }
    });
    this.thread('above', 9, function* () {
      for (;;) {
        if (!kernel.wait(other)) yield;
        core.run(work);
      }
    }, this.spaceB);
    if (atOnce) kernel.addTurn(thread, handler, handled);
    for (const tick of interrupts) this.raiseAt(tick, VECTOR);
    for (const tick of disturbances) this.raiseAt(tick, OTHER);
    this.apic.startTimer(TICK_VECTOR, 30 * US, 70 * US);
    core.powerOn();
    if (!atOnce) core.fits = () => false;
    this.at(MS, () => {
      core.stopped = true;
    });
    kernel.run();
    this.whole = (thread.turn?.whole.times ?? 0) + ((sleep as Sequence | null)?.times ?? 0);
  }

  result(): object {
    const { core, kernel, counters, seen } = this;
    return { now: core.now, idle: core.ledger.idle, accounts: [...core.ledger.ticks], counts: [...counters.values], log: [kernel.log.total, kernel.log.filledAt, ...kernel.log.logged], seen, digest: core.fingerprint.digest() };
  }
}

test('a turn and a sleep as one are the same as each act by itself', () => {
  const ticks = fc.uniqueArray(fc.integer({ min: 10, max: 900_000 }), { maxLength: 60 });
  let whole = 0;
  fc.assert(
    fc.property(ticks, ticks, (interrupts, disturbances) => {
      const [fast, slow] = [true, false].map((atOnce) => new TurnBench(interrupts.map((tick) => tick * 1000), disturbances.map((tick) => tick * 1000), atOnce));
      expect(fast?.result()).toEqual(slow?.result());
      whole += fast?.whole ?? 0;
    }),
    { numRuns: 200 },
  );
  expect(whole).toBeGreaterThan(500);
});
