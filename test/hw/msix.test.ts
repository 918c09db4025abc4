import { describe, expect, test } from 'vitest';
import { NS, type Tick } from '../../src/events/time.ts';
import { ICR_RXDMT0, ICR_RXO, ICR_RXT0, ICR_TXDW } from '../../src/hw/interrupt-causes.ts';
import { MSIX_RECEIVE, MsixCauses, MsixVector } from '../../src/hw/msix.ts';
import { Bench } from './bench.ts';

const UNIT = 256 * NS;

function vector(): { bench: Bench; vector: MsixVector; sent: Tick[] } {
  const bench = new Bench();
  const sent: Tick[] = [];
  return { bench, sent, vector: new MsixVector('test', 1, MSIX_RECEIVE, bench.core, bench.simulator, bench.counters, { raise: (tick) => sent.push(tick), lower: () => {} }) };
}

/** A cause of which nothing more is to be told. */
function occur(to: MsixVector, tick: Tick): void {
  to.cause(tick);
  to.flush();
}

describe('an MSI-X vector with auto-clear and auto-mask', () => {
  test('sends nothing before it is enabled, and one message for all causes until then', () => {
    const { bench, vector: rx, sent } = vector();
    bench.at(10, () => occur(rx, 10));
    bench.at(20, () => occur(rx, 20));
    bench.simulator.run(100);
    expect(sent).toEqual([]);
    bench.core.now = 100;
    rx.enable();
    expect(sent).toEqual([100]);
  });

  test('a message masks it: the next needs IMS again', () => {
    const { bench, vector: rx, sent } = vector();
    rx.enable();
    for (const tick of [10, 20, 30]) bench.at(tick, () => occur(rx, tick));
    bench.simulator.run(100);
    expect(sent).toEqual([10]);
    bench.core.now = 100;
    rx.enable();
    expect(sent).toHaveLength(2);
    rx.enable();
    expect(sent).toHaveLength(2);
  });

  test('messages are EITR apart', () => {
    const { bench, vector: rx, sent } = vector();
    rx.throttle = 195;
    for (let i = 1; i <= 10; i++) {
      bench.at(i * 20 * UNIT, () => {
        rx.enable();
        occur(rx, i * 20 * UNIT);
      });
    }
    bench.simulator.run();
    expect(sent).toEqual([20 * UNIT, 215 * UNIT]);
  });

  test('causes that are told late, when EITR has just run out, go with one message', () => {
    const { bench, vector: rx, sent } = vector();
    rx.throttle = 100;
    rx.source = { report: (now) => { for (let tick = 20; tick < 100; tick += 20) if (tick * UNIT <= now) rx.cause(tick * UNIT); rx.flush(); }, rearm: () => {} };
    bench.at(0, () => rx.enable());
    bench.at(10, () => occur(rx, 10));
    bench.at(30 * UNIT, () => {
      bench.core.now = 30 * UNIT;
      rx.enable();
    });
    bench.simulator.run(200 * UNIT);
    expect(sent).toEqual([10, 10 + 100 * UNIT]);
    expect(rx.visibleFrom).toBe(Infinity); // masked by its message, and nothing waits
    bench.core.now = 150 * UNIT;
    rx.source = { report: () => {}, rearm: () => {} };
    rx.enable();
    expect(sent).toHaveLength(2);
    expect(rx.visibleFrom).toBe(10 + 200 * UNIT);
  });

  test('a new EITR counts from the next message on', () => {
    const { bench, vector: rx, sent } = vector();
    rx.throttle = 100;
    const act = (tick: Tick): void => bench.at(tick, () => {
      rx.enable();
      occur(rx, tick);
    });
    act(10 * UNIT);
    bench.at(11 * UNIT, () => (rx.throttle = 1000));
    act(20 * UNIT);
    act(120 * UNIT);
    bench.simulator.run();
    expect(sent).toEqual([10 * UNIT, 110 * UNIT, 1110 * UNIT]);
  });

  test('receive and transmit causes go to vectors of their own; an overrun to neither', () => {
    const rx = vector();
    const tx = vector();
    const causes = new MsixCauses(rx.vector, tx.vector);
    for (const { vector: each } of [rx, tx]) each.enable();
    causes.cause(ICR_RXO, 1);
    causes.flush();
    expect([rx.sent, tx.sent]).toEqual([[], []]);
    causes.cause(ICR_RXT0, 2);
    causes.cause(ICR_TXDW, 3);
    causes.flush();
    expect([rx.sent, tx.sent]).toEqual([[2], [3]]);
    rx.vector.enable();
    causes.cause(ICR_RXDMT0, 4);
    causes.flush();
    expect(rx.sent).toEqual([2, 4]);
  });
});
