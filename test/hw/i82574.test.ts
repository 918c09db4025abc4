import { describe, expect, test } from 'vitest';
import { US } from '../../src/events/time.ts';
import { RUN_COUNT, RUN_SEQ } from '../../src/hw/frame-runs.ts';
import { ICR_RXDMT0, ICR_RXO, ICR_RXT0, ICR_TXDW } from '../../src/hw/interrupt-causes.ts';
import { DELAY_UNIT, DMA, FETCH, ITR_UNIT, NicBench } from './nic-bench.ts';

describe('causes', () => {
  test('are read once: the read clears them and takes the interrupt back', () => {
    const bench = new NicBench();
    bench.frames(1000);
    expect(bench.readCause(2000)).toBe(ICR_RXT0);
    expect(bench.readCause(3000)).toBe(0);
    expect([bench.raised, bench.lowered]).toEqual([[1000], [2000]]);
  });

  test('collect until they are read; one interrupt stands for all', () => {
    const bench = new NicBench();
    bench.frames(1000, 1500, 1700);
    bench.transmit(1800);
    expect(bench.readCause(FETCH + 5000)).toBe(ICR_RXT0 | ICR_TXDW);
    expect(bench.raised).toEqual([1000]);
  });

  test('that nobody enabled are cleared by a read but not shown, and interrupt nobody', () => {
    const bench = new NicBench();
    bench.nic.disable(ICR_RXT0);
    bench.frames(1000);
    expect(bench.readCause(2000)).toBe(0);
    bench.nic.enable(ICR_RXT0);
    bench.simulator.run(9000);
    expect(bench.raised).toEqual([]);
  });

  test('enabled while pending, interrupt at once; disabled, take the interrupt back', () => {
    const bench = new NicBench();
    bench.nic.disable(ICR_RXT0);
    bench.frames(1000);
    bench.software(2000, () => bench.nic.enable(ICR_RXT0));
    expect(bench.raised).toEqual([2000]);
    bench.software(3000, () => bench.nic.disable(ICR_RXT0));
    expect(bench.lowered).toEqual([3000]);
  });

  test('a new one after the read interrupts again, one before it does not', () => {
    const bench = new NicBench();
    bench.frames(1000, 1100, 5000);
    bench.readCause(4000);
    bench.simulator.run(9000);
    expect(bench.raised).toEqual([1000, 5000]);
  });
});

describe('ITR', () => {
  const T = 1500 * ITR_UNIT;

  test('spaces interrupts by 256 ns units from the last assertion, not from its acknowledgement', () => {
    expect(T).toBe(384 * US);
    const bench = new NicBench({ itr: 1500 });
    bench.frames(1000, 30 * US, 60 * US);
    bench.readCause(20 * US);
    bench.simulator.run(1000 * US);
    expect(bench.raised).toEqual([1000, 1000 + T]);
  });

  test('does not hold back what comes later than that', () => {
    const bench = new NicBench({ itr: 1500 });
    bench.frames(1000, 1000 + T, 2000 + 2 * T);
    bench.readCause(20 * US);
    bench.readCause(1000 + T + 500);
    bench.simulator.run(1000 + 3 * T);
    expect(bench.raised).toEqual([1000, 1000 + T, 2000 + 2 * T]);
  });

  test('a cause that is read while it waits for its time interrupts nobody', () => {
    const bench = new NicBench({ itr: 1500 });
    bench.frames(1000, 30 * US);
    bench.readCause(20 * US);
    expect(bench.readCause(40 * US)).toBe(ICR_RXT0);
    bench.simulator.run(9000 * US);
    expect(bench.raised).toEqual([1000]);
  });
});

describe('receive delay', () => {
  test('RDTR: after a pause of that many units of 1.024 us', () => {
    const bench = new NicBench({ rdtr: 100 });
    bench.frames(0, 60 * DELAY_UNIT, 120 * DELAY_UNIT);
    bench.simulator.run(1000 * DELAY_UNIT);
    expect(bench.raised).toEqual([220 * DELAY_UNIT]);
  });

  test('RADV: at most that long after the first', () => {
    const bench = new NicBench({ rdtr: 100, radv: 150 });
    bench.frames(0, 60 * DELAY_UNIT, 120 * DELAY_UNIT, 200 * DELAY_UNIT);
    bench.readCause(160 * DELAY_UNIT);
    bench.simulator.run(1000 * DELAY_UNIT);
    expect(bench.raised).toEqual([150 * DELAY_UNIT, 300 * DELAY_UNIT]);
  });

  test('a frame that the driver has taken meanwhile is reported all the same', () => {
    const bench = new NicBench({ rdtr: 100 });
    bench.frames(1000);
    bench.take(2000);
    expect(bench.readCause(3000)).toBe(0);
    expect(bench.readCause(1000 + 100 * DELAY_UNIT)).toBe(ICR_RXT0);
  });
});

describe('the receive ring', () => {
  test('holds one frame less than it has descriptors; then the packet buffer; then frames are lost', () => {
    const bench = new NicBench({ rxDescriptors: 8, rxBufferBytes: 3 * 1514 });
    bench.burst(1000, 7 + 3 + 2, 1000);
    bench.software(50_000, () => {});
    expect(bench.nic.received).toBe(7);
    expect([bench.count('frames.in'), bench.count('bytes.in'), bench.count('frames.dropped')]).toEqual([7, 7 * 1514, 2]);
    expect(bench.readCause(60_000) & ICR_RXO).toBe(ICR_RXO);
  });

  test('takes what waited in the packet buffer a DMA after descriptors came back, no more than came back, in order', () => {
    const bench = new NicBench({ rxDescriptors: 4, rxBufferBytes: 20_480, rdtr: 1000 });
    bench.burst(1000, 6, 1000);
    expect(bench.take(20_000, 2)).toBe(2);
    bench.software(20_000 + DMA - 1, () => {});
    expect(bench.nic.received).toBe(3);
    bench.software(20_000 + DMA, () => {});
    expect(bench.nic.received).toBe(5);
    expect(bench.take(30_000 + DMA)).toBe(3);
    bench.software(30_000 + 2 * DMA, () => {});
    expect(bench.nic.received).toBe(6);
    const { runs } = bench.nic;
    const seqs: number[] = [];
    for (let run = runs.head; run < runs.tail; run++) {
      const slot = runs.slot(run);
      for (let i = 0; i < (runs.words[slot + RUN_COUNT] ?? 0); i++) seqs.push((runs.words[slot + RUN_SEQ] ?? NaN) + i * 1448);
    }
    expect(seqs).toEqual([0, 1, 2, 3, 4, 5].map((n) => n * 1448));
  });

  test('frames queue behind those in the packet buffer even when descriptors are free again', () => {
    const bench = new NicBench({ rxDescriptors: 2, rxBufferBytes: 20_480 });
    bench.frames(1000, 2000, 20_000 + DMA / 2);
    bench.take(20_000);
    bench.software(20_000 + DMA - 1, () => {});
    expect(bench.nic.received).toBe(1);
    bench.software(20_000 + DMA, () => {});
    expect(bench.nic.received).toBe(2);
    bench.take(30_000 + DMA);
    bench.software(30_000 + 2 * DMA, () => {});
    expect(bench.nic.received).toBe(3);
  });

  test('RXDMT0: when half of the descriptors are left, once, and not on the way back', () => {
    const bench = new NicBench({ rxDescriptors: 256, rdtr: 10_000 });
    // 255 are free; the 127th frame leaves 128.
    bench.burst(1000, 200, 1000);
    bench.simulator.run(1000 + 125 * 1000 + 999);
    expect(bench.raised).toEqual([]);
    bench.simulator.run(1000 + 126 * 1000);
    expect(bench.raised).toEqual([1000 + 126 * 1000]);
    expect(bench.readCause(300_000)).toBe(ICR_RXDMT0);
    bench.take(400_000);
    bench.simulator.run(900_000);
    expect(bench.raised).toHaveLength(1);
  });
});

describe('transmission', () => {
  test('a tail write sends one packet: fetched, sent, then done', () => {
    const bench = new NicBench({}, (tick) => tick + 10_000);
    bench.transmit(5000, 1448, 87_376);
    expect(bench.transmitted).toEqual([[5000 + FETCH, 66, 1448, 87_376]]);
    expect(bench.count('frames.out')).toBe(1);
    expect([bench.nic.transmitsPending, bench.nic.transmitsDone()]).toEqual([1, 0]);
    bench.software(5000 + FETCH + 9_999, () => {});
    expect(bench.nic.transmitsDone()).toBe(0);
    expect(bench.raised).toEqual([]);
    bench.software(5000 + FETCH + 10_000, () => {});
    expect(bench.nic.transmitsDone()).toBe(1);
    expect(bench.raised).toEqual([5000 + FETCH + 10_000]);
    bench.nic.reclaim(1);
    expect([bench.nic.transmitsPending, bench.nic.transmitsDone()]).toEqual([0, 0]);
  });

  test('TIDV restarts with every packet, TADV bounds it', () => {
    const bench = new NicBench({ tidv: 100, tadv: 150 });
    for (const units of [0, 60, 120]) bench.transmit(units * DELAY_UNIT);
    bench.simulator.run(1000 * DELAY_UNIT);
    expect(bench.raised).toEqual([FETCH + 150 * DELAY_UNIT]);
    const pause = new NicBench({ tidv: 100 });
    for (const units of [0, 60, 120]) pause.transmit(units * DELAY_UNIT);
    pause.simulator.run(1000 * DELAY_UNIT);
    expect(pause.raised).toEqual([FETCH + 220 * DELAY_UNIT]);
  });

  test('without a delay each packet reports when it has left, also those behind one another in the port', () => {
    let free = 0;
    const bench = new NicBench({}, (tick) => {
      free = Math.max(free, tick) + 672_000;
      return free;
    });
    bench.transmit(0);
    bench.transmit(1);
    bench.transmit(2);
    const causes = [1, 2, 3].map((n) => bench.readCause(FETCH + n * 672_000));
    expect(causes).toEqual([ICR_TXDW, ICR_TXDW, ICR_TXDW]);
    expect(bench.raised).toEqual([1, 2, 3].map((n) => FETCH + n * 672_000));
  });
});
