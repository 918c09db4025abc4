import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NEVER, type Tick } from '../../src/events/time.ts';
import { DelayTimer } from '../../src/hw/delay-timer.ts';

const UNIT = 1_024_000;

/** Expiries for packets at `packets`, which must be in order. */
function expiries(packetUnits: number, absoluteUnits: number, packets: readonly Tick[]): Tick[] {
  const expired: Tick[] = [];
  const timer = new DelayTimer(packetUnits, absoluteUnits);
  for (const tick of [...packets, NEVER]) {
    // A packet in the tick of the expiry is seen by it.
    if (timer.due < tick) {
      expired.push(timer.due);
      timer.stop();
    }
    if (tick !== NEVER) timer.start(tick, tick);
  }
  return expired;
}

/** What the two registers say, packet by packet. */
function byTheBook(packetUnits: number, absoluteUnits: number, packets: readonly Tick[]): Tick[] {
  const expired: Tick[] = [];
  let packetDue = Infinity;
  let absoluteDue = Infinity;
  for (const tick of [...packets, Infinity]) {
    const due = Math.min(packetDue, absoluteDue);
    // A packet in the tick of the expiry is seen by it.
    if (due < tick) {
      expired.push(due);
      packetDue = Infinity;
      absoluteDue = Infinity;
    }
    if (tick === Infinity) break;
    packetDue = packetUnits === 0 ? Math.min(packetDue, tick) : tick + packetUnits * UNIT;
    if (absoluteUnits > 0 && absoluteDue === Infinity) absoluteDue = tick + absoluteUnits * UNIT;
  }
  return expired;
}

describe('the pair of delay timers', () => {
  test('counts in units of 1.024 us', () => {
    expect(expiries(375, 0, [1000])).toEqual([384_000_000 + 1000]);
    expect(expiries(9000, 375, [1000])).toEqual([384_000_000 + 1000]);
  });

  test('the packet timer restarts with every packet', () => {
    const packets = [0, 0.9, 1.8, 2.7].map((units) => units * 10 * UNIT);
    expect(expiries(10, 0, packets)).toEqual([37 * UNIT]);
    expect(expiries(8, 0, packets)).toEqual([8, 17, 26, 35].map((units) => units * UNIT));
  });

  test('the absolute timer runs from the first packet and bounds it', () => {
    const packets = [0, 9, 18, 27, 36].map((units) => units * UNIT);
    // From 0 to 20; the packet at 27 starts both again.
    expect(expiries(10, 20, packets)).toEqual([20 * UNIT, 46 * UNIT]);
    expect(expiries(100, 5, packets)).toEqual([5, 14, 23, 32, 41].map((units) => units * UNIT));
  });

  test('without a packet delay every packet is reported at once, whatever the absolute delay', () => {
    expect(expiries(0, 0, [5, 7, 7, 9])).toEqual([5, 7, 9]);
    expect(expiries(0, 100, [5, 7, 7, 9])).toEqual([5, 7, 9]);
  });

  test('a packet in the tick of the expiry belongs to it', () => {
    expect(expiries(1000, 5, [0, 5 * UNIT])).toEqual([5 * UNIT]);
  });

  test('without packets nothing happens', () => {
    expect(expiries(10, 10, [])).toEqual([]);
  });

  test('expires when the registers say, whatever comes when', () => {
    const packets = fc.array(fc.nat(60 * UNIT), { maxLength: 60 }).map((ticks) => ticks.toSorted((a, b) => a - b));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 12 }), packets, (packetUnits, absoluteUnits, ticks) => {
        expect(expiries(packetUnits, absoluteUnits, ticks)).toEqual(byTheBook(packetUnits, absoluteUnits, ticks));
      }),
      { numRuns: 500 },
    );
  });

  test('a packet announced ahead of its time is due at its own time, and does not push back one before it', () => {
    const timer = new DelayTimer(0, 0);
    timer.start(100, 100);
    timer.start(200, 200);
    expect(timer.due).toBe(100);
  });

  test('packets told together count as one by one', () => {
    const together = new DelayTimer(10, 25);
    const apart = new DelayTimer(10, 25);
    together.start(100, 900);
    for (let tick = 100; tick <= 900; tick += 100) apart.start(tick, tick);
    expect(together.due).toBe(apart.due);
  });

  test('the least time from a packet to an expiry', () => {
    expect([new DelayTimer(3, 0).least, new DelayTimer(3, 2).least, new DelayTimer(0, 2).least]).toEqual([3 * UNIT, 2 * UNIT, 0]);
  });

  test('a run of packets passes as its packets one by one, but for the last expiry', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(8), fc.integer({ min: 1, max: 20 * UNIT }), fc.integer({ min: 1, max: 60 }), (absolute, more, spacing, count) => {
        const timer = new DelayTimer(absolute + more, absolute);
        expect(timer.fixed).toBe(true);
        const first = timer.pass(1000, spacing, count);
        const all = byTheBook(absolute + more, absolute, Array.from({ length: count }, (_, i) => 1000 + i * spacing));
        expect([first, timer.due]).toEqual([all.length > 1 ? all[0] : NEVER, all.at(-1)]);
      }),
      { numRuns: 500 },
    );
    expect([new DelayTimer(3, 4).fixed, new DelayTimer(3, 0).fixed]).toEqual([false, false]);
  });
});
