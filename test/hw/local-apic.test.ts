import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PIN_EXTINT, PIN_LAPIC } from '../../src/hw/core.ts';
import { LocalApic } from '../../src/hw/local-apic.ts';
import { Bench } from './bench.ts';

class ApicBench extends Bench {
  readonly apic = new LocalApic(this.core, this.simulator);

  get requested(): boolean {
    return (this.core.interruptRequest & PIN_LAPIC) !== 0;
  }
}

describe('a local APIC', () => {
  test('requests, serves and ends by vector', () => {
    const bench = new ApicBench();
    const ended: number[] = [];
    bench.apic.onEndOfInterrupt = (vector) => ended.push(vector);
    bench.apic.accept(54);
    expect(bench.requested).toBe(true);
    expect(bench.apic.acknowledge()).toBe(54);
    expect(bench.requested).toBe(false);
    bench.apic.endOfInterrupt();
    expect(ended).toEqual([54]);
    bench.apic.endOfInterrupt();
    expect(ended).toEqual([54]);
  });

  test('merges messages of one vector until it is served, and keeps one behind it', () => {
    const bench = new ApicBench();
    for (let i = 0; i < 3; i++) bench.apic.accept(54);
    bench.apic.acknowledge();
    bench.apic.accept(54);
    bench.apic.accept(54);
    expect(bench.requested).toBe(false);
    bench.apic.endOfInterrupt();
    expect(bench.requested).toBe(true);
    bench.apic.acknowledge();
    bench.apic.endOfInterrupt();
    expect(bench.requested).toBe(false);
  });

  test('interrupts a service only from a higher class: the upper four bits of the vector', () => {
    const bench = new ApicBench();
    bench.apic.accept(0x35);
    bench.apic.acknowledge();
    bench.apic.accept(0x3f);
    expect(bench.requested).toBe(false);
    bench.apic.accept(0x40);
    expect(bench.requested).toBe(true);
    expect(bench.apic.acknowledge()).toBe(0x40);
    bench.apic.endOfInterrupt();
    expect(bench.requested).toBe(false);
    bench.apic.endOfInterrupt();
    expect(bench.apic.acknowledge()).toBe(0x3f);
  });

  test('the only request is taken and ended in one go, as by itself', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 16, max: 255 }), { maxLength: 3 }), fc.option(fc.integer({ min: 16, max: 255 })), (vectors, served) => {
        const [whole, steps] = [new ApicBench(), new ApicBench()];
        const ended: number[][] = [[], []];
        [whole, steps].forEach(({ apic }, i) => {
          apic.onEndOfInterrupt = (vector) => ended[i]?.push(vector);
          if (served !== null) {
            apic.accept(served);
            apic.acknowledge();
          }
          for (const vector of vectors) apic.accept(vector);
        });
        const alone = served === null && new Set(vectors).size === 1;
        expect(whole.apic.only).toBe(alone ? vectors[0] : -1);
        if (!alone) return;
        whole.apic.takeAndEnd();
        steps.apic.acknowledge();
        steps.apic.endOfInterrupt();
        expect(ended[0]).toEqual(ended[1]);
        expect(whole.requested).toBe(false);
        expect(whole.apic.only).toBe(-1);
        whole.apic.accept(17);
        expect(whole.apic.acknowledge()).toBe(17);
      }),
    );
  });

  test('leaves the other pin alone', () => {
    const bench = new ApicBench();
    bench.core.interruptRequest = PIN_EXTINT;
    bench.apic.accept(200);
    bench.apic.acknowledge();
    expect(bench.core.interruptRequest).toBe(PIN_EXTINT);
  });

  test('takes the highest first, whatever the order of arrival; ends the highest in service', () => {
    const vectors = fc.uniqueArray(fc.integer({ min: 32, max: 255 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(vectors, fc.array(fc.boolean(), { minLength: 80, maxLength: 80 }), (arrivals, choices) => {
        const bench = new ApicBench();
        const requests = new Set<number>();
        const service = new Set<number>();
        const ended: number[] = [];
        const top = (set: Set<number>): number => Math.max(-1, ...set);
        bench.apic.onEndOfInterrupt = (vector) => ended.push(vector);
        const found: number[] = [];
        const expected: number[] = [];
        let next = 0;
        for (const arrive of choices) {
          const vector = arrivals[next];
          if (arrive && vector !== undefined) {
            next++;
            bench.apic.accept(vector);
            requests.add(vector);
          } else if (bench.requested) {
            const taken = bench.apic.acknowledge();
            found.push(taken);
            expected.push(top(requests));
            requests.delete(taken);
            service.add(taken);
          } else if (service.size > 0) {
            const last = top(service);
            bench.apic.endOfInterrupt();
            found.push(ended.at(-1) ?? NaN);
            expected.push(last);
            service.delete(last);
          }
          found.push(Number(bench.requested));
          expected.push(Number(top(requests) >> 4 > top(service) >> 4));
        }
        expect(found).toEqual(expected);
      }),
    );
  });

  test("its timer requests its vector at its first expiry and then every period, to the tick", () => {
    const bench = new ApicBench();
    bench.apic.startTimer(157, 1_000, 2_000);
    const taken: number[] = [];
    for (let tick = 0; tick < 10_000; tick += 250) {
      bench.simulator.run(tick);
      if (!bench.requested) continue;
      taken.push(tick);
      expect(bench.apic.acknowledge()).toBe(157);
      bench.apic.endOfInterrupt();
    }
    expect(taken).toEqual([1_000, 3_000, 5_000, 7_000, 9_000]);
    bench.apic.startTimer(157, 20_000, 1_000);
    bench.simulator.run(19_999);
    expect(bench.requested).toBe(false);
  });
});
