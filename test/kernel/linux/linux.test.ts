import { describe, expect, test } from 'vitest';
import { MS, US } from '../../../src/events/time.ts';
import { LinuxBench, LINE_SPACING, PAYLOAD_BYTES } from './linux-bench.ts';

describe('a burst of frames on an idle machine', () => {
  test('one interrupt, RADV after its first frame, and one poll; ICR is not read; IMS is written once a vector', () => {
    const bench = new LinuxBench();
    bench.burst(1 * MS, 3);
    bench.run(2 * MS);
    expect(bench.count('interrupts.nic')).toBe(1);
    expect(bench.count('linux.polls')).toBe(1);
    expect(bench.count('linux.frames')).toBe(3);
    expect(bench.count('mmio.nic.read')).toBe(0);
    expect(bench.count('interrupts.nic-tx')).toBe(1);
    expect(bench.count('nic.ims-writes')).toBe(2);
    expect(bench.count('app.reads')).toBe(1);
    expect(bench.count('bytes.delivered')).toBe(3 * PAYLOAD_BYTES);
    // 32 units of 1.024 us, message, C1 exit, then work: the ACK cannot leave before, and does within 50 us.
    const [ack] = bench.acks;
    expect(ack?.tick).toBeGreaterThan(1 * MS + 32 * 1.024 * US + 2 * US);
    expect(ack?.tick).toBeLessThan(1 * MS + 32 * 1.024 * US + 50 * US);
  });

  test('a super-segment is ACKed once, whatever its frames', () => {
    const bench = new LinuxBench();
    bench.burst(1 * MS, 2);
    bench.burst(2 * MS, 3);
    bench.run(3 * MS);
    expect(bench.count('tcp.super-segments')).toBe(2);
    expect(bench.acks.map(({ ack }) => ack)).toEqual([2 * PAYLOAD_BYTES, 5 * PAYLOAD_BYTES]);
  });

  test('a single segment waits for the delayed-ACK timer, 40 ms and up to a tick', () => {
    const bench = new LinuxBench();
    bench.burst(1 * MS, 1);
    bench.run(60 * MS);
    expect(bench.count('bytes.delivered')).toBe(PAYLOAD_BYTES);
    expect(bench.acks).toHaveLength(1);
    expect(bench.acks[0]?.tick).toBeGreaterThan(41 * MS);
    expect(bench.acks[0]?.tick).toBeLessThan(41 * MS + 5 * MS);
  });

  test('two single segments are ACKed with the second', () => {
    const bench = new LinuxBench();
    bench.burst(1 * MS, 1);
    bench.burst(2 * MS, 1);
    bench.run(4 * MS);
    expect(bench.acks.map(({ ack }) => ack)).toEqual([2 * PAYLOAD_BYTES]);
  });
});

describe('a long burst', () => {
  // 60 frames at line rate last 738 us.
  function long(rate: number): LinuxBench {
    const bench = new LinuxBench({ throttle: rate, sleep: 'c1' });
    bench.burst(1 * MS, 60);
    bench.run(3 * MS);
    return bench;
  }

  test('interrupts keep the throttle\'s distance and all data arrive', () => {
    const bench = long(4000);
    // First after RADV, then 976 units of 256 ns (249.9 us) apart until the last frame.
    expect(bench.count('interrupts.nic')).toBe(1 + Math.ceil((59 * LINE_SPACING - 32.768 * US) / (976 * 256_000)));
    expect(bench.count('bytes.delivered')).toBe(60 * PAYLOAD_BYTES);
    expect(bench.acks.at(-1)?.ack).toBe(60 * PAYLOAD_BYTES);
  });

  test('a faster throttle makes more interrupts and more work', () => {
    const [fast, slow] = [long(20_000), long(4000)];
    expect(fast.count('interrupts.nic')).toBeGreaterThan(3 * slow.count('interrupts.nic'));
    expect(fast.board.core.ledger.busy()).toBeGreaterThan(slow.board.core.ledger.busy());
  });

  test('the receive tail is written once for 16 buffers', () => {
    const bench = long(4000);
    expect(bench.count('nic.rx-tail-writes')).toBe(Math.floor(60 / 16));
  });

  test('the offered window never moves back', () => {
    const edges = long(20_000).acks.map(({ ack, window }) => ack + window);
    expect(edges.length).toBeGreaterThan(3);
    expect(edges).toEqual(edges.toSorted((a, b) => a - b));
  });

  test('EITR is written by the interrupt after the poll that changed the rate', () => {
    // Waking from C6 takes 104 us: the poll finds 11 frames or more, above 10,000 bytes, and asks for the bulk rate.
    const bench = new LinuxBench({ throttle: 'adaptive', sleep: 'c6' });
    // Three frames first: the rings begin in the lowest class, which has other thresholds.
    bench.burst(500 * US, 3);
    bench.burst(1 * MS, 20);
    const states: string[] = [];
    for (let us = 1000; us < 1300; us++) {
      bench.at(us * US, () => {
        const state = `${bench.count('linux.rate-changes')} ${bench.count('nic.eitr-writes')} ${bench.board.msix?.receive.throttle}`;
        if (state !== states.at(-1)) states.push(state);
      });
    }
    bench.run(2 * MS);
    // Changes, writes, EITR: decided in the poll, written in the interrupt after it.
    expect(states.slice(0, 3)).toEqual(['0 0 195', '1 0 195', '1 1 976']);
    expect(bench.board.msix?.transmit.throttle).toBe(195);
  });
});

describe('accounts', () => {
  test('busy and idle add up to the time that passed, to the tick', () => {
    const bench = new LinuxBench({ throttle: 'adaptive', sleep: 'menu' });
    for (let i = 0; i < 20; i++) bench.burst((1 + i) * MS, 5 + i);
    bench.run(25 * MS);
    const { core } = bench.board;
    expect(core.ledger.busy() + core.ledger.idle).toBe(core.elapsed);
  });

  test('the way out of a sleep state is idle time, and delays the answer', () => {
    const ack = (sleep: 'c1' | 'c6'): number => {
      const bench = new LinuxBench({ throttle: 4000, sleep });
      bench.burst(1 * MS, 2);
      bench.run(2 * MS);
      return bench.acks[0]?.tick ?? Number.NaN;
    };
    const delay = ack('c6') - ack('c1');
    // 104 us against 2 us, and caches that C6 leaves cold: 8,000 cycles and the address space.
    expect(delay).toBeGreaterThan(102 * US);
    expect(delay).toBeLessThan(102 * US + 4 * US);
  });

  test('the tick stands still in idle: none in 100 ms without traffic', () => {
    const bench = new LinuxBench();
    bench.run(99 * MS);
    expect(bench.count('interrupts.timer')).toBe(0);
    // Boundaries at 4, 8, ... 96 ms.
    expect(bench.kernel.idleJiffies).toBe(24);
  });
});
