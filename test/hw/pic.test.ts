import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PIN_EXTINT, PIN_LAPIC } from '../../src/hw/core.ts';
import { Pic, PIC_EOI, PIC_MASTER_COMMAND, PIC_MASTER_DATA, PIC_SLAVE_COMMAND, PIC_SLAVE_DATA } from '../../src/hw/pic.ts';
import { Bench } from './bench.ts';
import { ChipPair } from './pic-pair.ts';

const NIC = 11;
const TIMER = 0;
const KEYBOARD = 1;
const SERIAL = 4;

class PicBench extends Bench {
  readonly pic: Pic;
  readonly context = this.core.defineContext('program');

  constructor(levelTriggered = 1 << NIC) {
    super();
    this.pic = new Pic(this.core, this.paths, levelTriggered);
    this.core.powerOn();
    this.core.context = this.context;
  }

  get requested(): boolean {
    return (this.core.interruptRequest & PIN_EXTINT) !== 0;
  }

  edge(irq: number): void {
    this.pic.setLine(irq, true);
    this.pic.setLine(irq, false);
  }

  /** Masks exactly these inputs. */
  mask(...irqs: number[]): void {
    const bits = irqs.reduce((sum, irq) => sum | (1 << irq), 0);
    this.pic.writePort(PIC_MASTER_DATA, bits & 0xff);
    this.pic.writePort(PIC_SLAVE_DATA, bits >> 8);
  }

  endSlave(): void {
    this.pic.writePort(PIC_SLAVE_COMMAND, PIC_EOI);
  }

  endMaster(): void {
    this.pic.writePort(PIC_MASTER_COMMAND, PIC_EOI);
  }
}

describe('a request', () => {
  test('of a level input lasts as long as the level', () => {
    const bench = new PicBench();
    bench.pic.setLine(NIC, true);
    expect(bench.requested).toBe(true);
    bench.pic.setLine(NIC, false);
    expect(bench.requested).toBe(false);
  });

  test('of an edge input is kept until it is acknowledged, and an edge is one request', () => {
    const bench = new PicBench();
    bench.edge(TIMER);
    expect(bench.requested).toBe(true);
    expect(bench.pic.acknowledge()).toBe(TIMER);
    bench.endMaster();
    expect(bench.requested).toBe(false);
    // A level that stays up is no new edge.
    bench.pic.setLine(TIMER, true);
    bench.pic.acknowledge();
    bench.endMaster();
    bench.pic.setLine(TIMER, true);
    expect(bench.requested).toBe(false);
  });

  test('leaves the other pin alone', () => {
    const bench = new PicBench();
    bench.core.interruptRequest = PIN_LAPIC;
    bench.pic.setLine(NIC, true);
    bench.pic.setLine(NIC, false);
    expect(bench.core.interruptRequest).toBe(PIN_LAPIC);
  });
});

describe('the mask', () => {
  test('holds a request back and lets it through when it is lifted', () => {
    const bench = new PicBench();
    bench.mask(NIC, TIMER);
    bench.pic.setLine(NIC, true);
    bench.edge(TIMER);
    expect(bench.requested).toBe(false);
    bench.mask(TIMER);
    expect(bench.requested).toBe(true);
    bench.mask(NIC);
    expect(bench.pic.acknowledge()).toBe(TIMER);
  });

  test('reads back by chip', () => {
    const bench = new PicBench();
    bench.mask(TIMER, KEYBOARD, NIC);
    expect([bench.pic.readPort(PIC_MASTER_DATA), bench.pic.readPort(PIC_SLAVE_DATA)]).toEqual([0b11, 0b1000]);
    bench.pic.writePort(PIC_SLAVE_DATA, 0);
    expect([bench.pic.readPort(PIC_MASTER_DATA), bench.pic.readPort(PIC_SLAVE_DATA)]).toEqual([0b11, 0]);
  });
});

describe('priorities', () => {
  test('the lowest number first, the slave in the place of input 2', () => {
    const bench = new PicBench();
    for (const irq of [SERIAL, NIC, 9, KEYBOARD, TIMER, 3]) bench.pic.setLine(irq, true);
    const order: number[] = [];
    while (bench.requested) {
      const irq = bench.pic.acknowledge();
      order.push(irq);
      bench.pic.setLine(irq, false);
      if (irq >= 8) bench.endSlave();
      bench.endMaster();
    }
    expect(order).toEqual([TIMER, KEYBOARD, 9, NIC, 3, SERIAL]);
  });

  test('what is in service holds back its own input and the lower ones, not the higher ones', () => {
    const bench = new PicBench();
    bench.pic.setLine(NIC, true);
    expect(bench.pic.acknowledge()).toBe(NIC);
    expect(bench.requested).toBe(false);
    bench.edge(SERIAL);
    expect(bench.requested).toBe(false);
    bench.edge(TIMER);
    expect(bench.requested).toBe(true);
    expect(bench.pic.acknowledge()).toBe(TIMER);
    expect(bench.requested).toBe(false);
  });

  test('no other input of the slave comes through while the cascade is in service, above or below', () => {
    const bench = new PicBench();
    bench.pic.setLine(NIC, true);
    bench.pic.acknowledge();
    bench.edge(8);
    bench.edge(14);
    expect(bench.requested).toBe(false);
    bench.endSlave();
    expect(bench.requested).toBe(false);
    bench.endMaster();
    expect(bench.pic.acknowledge()).toBe(8);
  });
});

describe('the end of interrupt', () => {
  test('of a slave input takes both chips, slave first; a level that is still up comes again', () => {
    const bench = new PicBench();
    bench.pic.setLine(NIC, true);
    bench.pic.acknowledge();
    bench.endSlave();
    expect(bench.requested).toBe(false);
    bench.endMaster();
    expect(bench.requested).toBe(true);
  });

  test('ends the highest in service, so a nested timer is ended before the NIC (BMK holds the NIC to the end of its batch)', () => {
    const bench = new PicBench();
    bench.pic.setLine(NIC, true);
    bench.pic.acknowledge();
    bench.edge(TIMER);
    bench.pic.acknowledge();
    bench.endMaster();
    bench.edge(SERIAL);
    expect(bench.requested).toBe(false);
    bench.edge(TIMER);
    expect(bench.requested).toBe(true);
    expect(bench.pic.acknowledge()).toBe(TIMER);
    bench.endMaster();
    bench.endSlave();
    bench.pic.setLine(NIC, false);
    bench.endMaster();
    expect(bench.pic.acknowledge()).toBe(SERIAL);
  });

  test('with nothing in service changes nothing', () => {
    const bench = new PicBench();
    bench.endSlave();
    bench.endMaster();
    bench.pic.setLine(NIC, true);
    expect(bench.pic.acknowledge()).toBe(NIC);
  });

  test('any other command is none', () => {
    const bench = new PicBench();
    bench.edge(TIMER);
    bench.pic.acknowledge();
    bench.pic.writePort(PIC_MASTER_COMMAND, 0x0b);
    bench.edge(TIMER);
    expect(bench.requested).toBe(false);
  });
});

describe('the acknowledge cycle', () => {
  test('stalls the core', () => {
    const bench = new PicBench();
    bench.edge(TIMER);
    bench.pic.acknowledge();
    expect(bench.account('program', 'pic/inta')).toBe(13_000);
  });

  test('finds the request gone: spurious interrupt 7, nothing in service', () => {
    const bench = new PicBench();
    bench.pic.setLine(NIC, true);
    bench.at(5_000, () => bench.pic.setLine(NIC, false));
    expect(bench.pic.acknowledge()).toBe(7);
    expect(bench.requested).toBe(false);
    bench.edge(7);
    expect(bench.pic.acknowledge()).toBe(7);
    bench.edge(14);
    // The real 7 is in service; 14 is above it.
    expect(bench.pic.acknowledge()).toBe(14);
  });

  test('takes the highest request of its end, not of its beginning', () => {
    const bench = new PicBench();
    bench.pic.setLine(NIC, true);
    bench.at(5_000, () => bench.edge(TIMER));
    expect(bench.pic.acknowledge()).toBe(TIMER);
    expect(bench.requested).toBe(false);
    bench.endMaster();
    expect(bench.pic.acknowledge()).toBe(NIC);
  });
});

interface Act {
  readonly kind: 'up' | 'down' | 'mask' | 'unmask' | 'take' | 'end';
  readonly irq: number;
}

const irq = fc.integer({ min: 0, max: 15 }).filter((n) => n !== 2);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('up' as const, 'down' as const, 'mask' as const, 'unmask' as const), irq }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('take' as const, 'end' as const), irq: fc.constant(0) }) },
);

test('the pair behaves as two chips in a row do, for kernels that end what they took', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 120 }), fc.integer({ min: 0, max: 0xffff }), (acts, level) => {
      const bench = new PicBench(level);
      const pair = new ChipPair(level);
      const nested: number[] = [];
      const found: (number | boolean)[] = [];
      const expected: (number | boolean)[] = [];
      let mask = 0;
      for (const step of acts) {
        if (step.kind === 'take') {
          if (!pair.output) continue;
          const taken = pair.acknowledge();
          found.push(bench.pic.acknowledge());
          expected.push(taken);
          nested.push(taken);
        } else if (step.kind === 'end') {
          const last = nested.pop();
          if (last === undefined) continue;
          if (last >= 8) {
            bench.endSlave();
            pair.endSlave();
            found.push(bench.requested);
            expected.push(pair.output);
          }
          bench.endMaster();
          pair.endMaster();
        } else if (step.kind === 'up' || step.kind === 'down') {
          bench.pic.setLine(step.irq, step.kind === 'up');
          pair.setLine(step.irq, step.kind === 'up');
        } else {
          mask = step.kind === 'mask' ? mask | (1 << step.irq) : mask & ~(1 << step.irq);
          bench.pic.writePort(PIC_MASTER_DATA, mask & 0xff);
          bench.pic.writePort(PIC_SLAVE_DATA, mask >> 8);
          pair.setMask(step.irq, step.kind === 'mask');
        }
        found.push(bench.requested);
        expected.push(pair.output);
      }
      expect(found).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});
