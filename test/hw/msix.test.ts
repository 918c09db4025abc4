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

describe('an MSI-X vector with auto-clear and auto-mask', () => {
  test('sends nothing before it is enabled, and one message for all causes until then', () => {
    const { bench, vector: rx, sent } = vector();
    bench.at(10, () => rx.cause(10));
    bench.at(20, () => rx.cause(20));
    bench.simulator.run(100);
    expect(sent).toEqual([]);
    bench.core.now = 100;
    rx.enable();
    expect(sent).toEqual([100]);
  });

  test('a message masks it: the next needs IMS again', () => {
    const { bench, vector: rx, sent } = vector();
    rx.enable();
    for (const tick of [10, 20, 30]) bench.at(tick, () => rx.cause(tick));
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
        rx.cause(i * 20 * UNIT);
      });
    }
    bench.simulator.run();
    expect(sent).toEqual([20 * UNIT, 215 * UNIT]);
  });

  test('a new EITR counts from the next message on', () => {
    const { bench, vector: rx, sent } = vector();
    rx.throttle = 100;
    const act = (tick: Tick): void => bench.at(tick, () => {
      rx.enable();
      rx.cause(tick);
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
    expect([rx.sent, tx.sent]).toEqual([[], []]);
    causes.cause(ICR_RXT0, 2);
    causes.cause(ICR_TXDW, 3);
    expect([rx.sent, tx.sent]).toEqual([[2], [3]]);
    rx.vector.enable();
    causes.cause(ICR_RXDMT0, 4);
    expect(rx.sent).toEqual([2, 4]);
  });
});
