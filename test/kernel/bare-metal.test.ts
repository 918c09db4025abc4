import { describe, expect, test } from 'vitest';
import type { Tick } from '../../src/events/time.ts';
import { cost } from '../../src/hw/cost.ts';
import { LocalApic } from '../../src/hw/local-apic.ts';
import { spend } from '../../src/hw/path.ts';
import { Pic, PIC_EOI, PIC_MASTER_COMMAND } from '../../src/hw/pic.ts';
import { BareMetal } from '../../src/kernel/bare-metal.ts';
import { BENCH_COSTS, Bench } from '../hw/bench.ts';

class BareBench extends Bench {
  readonly apic = new LocalApic(this.core, this.simulator);
  readonly pic: Pic | null;
  readonly machine: BareMetal;
  readonly program = this.core.defineContext('program');
  readonly work = this.paths.define('work', spend('hundred'));
  readonly log: string[] = [];

  constructor(withPic = true) {
    super([...BENCH_COSTS, cost('bmk.interrupt', 25, 'cycles', [25, 25], 'estimate', 'test')]);
    this.pic = withPic ? new Pic(this.core, this.paths, 1 << 11) : null;
    this.machine = new BareMetal(this.core, this.pic, this.apic);
    for (const number of [0, 11, 54]) {
      this.machine.setHandler(number, () => this.log.push(`${number} at ${this.core.now} in ${this.core.ledger.contexts[this.core.context] ?? '?'}, interrupts ${this.core.interruptsEnabled ? 'on' : 'off'}`));
    }
    this.core.powerOn();
    this.core.context = this.program;
  }

  edgeAt(tick: Tick, irq: number): void {
    this.at(tick, () => {
      this.pic?.setLine(irq, true);
      this.pic?.setLine(irq, false);
    });
  }
}

describe('bare metal', () => {
  test('an interrupt through the PIC: acknowledge cycle, entry and return, the handler of its input, then the program goes on', () => {
    const bench = new BareBench();
    bench.edgeAt(30_000, 0);
    bench.core.enableInterrupts();
    bench.core.run(bench.work);
    expect(bench.log).toEqual(['0 at 68000 in bmk:interrupt, interrupts off']);
    expect(bench.core.context).toBe(bench.program);
    expect([bench.account('bmk:interrupt', 'pic/inta'), bench.account('bmk:interrupt', 'interrupt/entry-and-return'), bench.account('program', 'work')]).toEqual([13_000, 25_000, 100_000]);
    expect(bench.machine.taken).toBe(1);
  });

  test('without an end of interrupt the input stays in service: a level that is still up does not come again, a higher input does', () => {
    const bench = new BareBench();
    bench.at(30_000, () => bench.pic?.setLine(11, true));
    bench.edgeAt(50_000, 0);
    bench.core.enableInterrupts();
    bench.core.run(bench.work);
    bench.core.run(bench.work);
    expect(bench.log.map((line) => line.split(' ')[0])).toEqual(['11', '0']);
    bench.pic?.writePort(PIC_MASTER_COMMAND, PIC_EOI);
    bench.core.enableInterrupts();
    expect(bench.machine.taken).toBe(2);
  });

  test('messages go through the local APIC, and before the PIC', () => {
    const bench = new BareBench();
    bench.at(30_000, () => bench.apic.accept(54));
    bench.edgeAt(30_000, 0);
    bench.core.run(bench.work);
    bench.core.enableInterrupts();
    expect(bench.log.map((line) => line.split(' ')[0])).toEqual(['54', '0']);
    expect(bench.account('bmk:interrupt', 'pic/inta')).toBe(13_000);
  });

  test('needs no PIC', () => {
    const bench = new BareBench(false);
    bench.at(30_000, () => bench.apic.accept(54));
    bench.core.enableInterrupts();
    bench.core.run(bench.work);
    expect(bench.log).toEqual(['54 at 55000 in bmk:interrupt, interrupts off']);
  });

  test('an interrupt without a handler costs its entry and nothing else', () => {
    const bench = new BareBench();
    bench.edgeAt(30_000, 4);
    bench.core.enableInterrupts();
    bench.core.run(bench.work);
    expect(bench.log).toEqual([]);
    expect([bench.machine.taken, bench.core.now]).toEqual([1, 138_000]);
  });
});
