import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MS, SECOND, US } from '../../src/events/time.ts';
import { FLAG_PROBE, FLAG_PSH, FLAG_RETRANSMIT } from '../../src/hw/frame.ts';
import { LINUX_SENDER } from '../../src/load/sender-parameters.ts';
import { TcpSender } from '../../src/load/tcp-sender.ts';
import { Simulator } from '../../src/events/simulator.ts';
import { TcpBench } from './tcp-bench.ts';

const MSS = 1448;
const DELAY = 500 * US;

describe('without loss', () => {
  test('the first flight is ten segments, and slow start doubles it every round trip', () => {
    const bench = new TcpBench({ delay: 50 * MS, receiver: { every: 1, window: 1e7 }, sender: { sendWindow: 1e7 } });
    bench.write(0, Infinity);
    bench.simulator.run(499 * MS);
    const flights = new Map<number, number>();
    for (const { tick } of bench.sent) flights.set(tick, (flights.get(tick) ?? 0) + 1);
    expect([...flights.keys()]).toEqual([0, 100 * MS, 200 * MS, 300 * MS, 400 * MS]);
    expect([...flights.values()]).toEqual([10, 20, 40, 80, 160]);
  });

  test('87,380 bytes of socket buffer keep 60 segments in flight, one window a round trip', () => {
    const bench = new TcpBench({ delay: DELAY, receiver: { window: 1e6 } });
    bench.write(0, Infinity);
    bench.simulator.run(SECOND);
    expect(bench.inFlight).toBe(60 * MSS);
    const before = bench.sender.una;
    bench.simulator.run(2 * SECOND);
    // 1000 round trips of 1 ms, give or take the one under way.
    expect(Math.abs(bench.sender.una - before - 1000 * 60 * MSS)).toBeLessThanOrEqual(60 * MSS);
    expect(bench.sender.retransmissions).toBe(0);
    // The congestion window grows no further than to twice what was ever in flight (tcp_is_cwnd_limited): the last ACK may add two.
    expect(bench.sender.cwnd).toBeGreaterThanOrEqual(120);
    expect(bench.sender.cwnd).toBeLessThanOrEqual(121);
  });

  test('neither the receive window nor the socket buffer is ever exceeded', () => {
    fc.assert(
      fc.property(fc.integer({ min: MSS, max: 300_000 }), fc.integer({ min: MSS, max: 300_000 }), fc.integer({ min: 1, max: 3 }), (window, sendWindow, every) => {
        const bench = new TcpBench({ delay: DELAY, receiver: { window, every }, sender: { sendWindow } });
        bench.write(0, 2_000_000);
        bench.simulator.run(5 * SECOND); // the receiver throws on a byte beyond its window
        expect(bench.inFlight).toBeLessThanOrEqual(Math.min(window, sendWindow));
        expect(bench.receiver.next).toBeGreaterThan(0);
      }),
      { numRuns: 40 },
    );
  });

  test('the timeout is the round trip plus 200 ms once the round trip is steady', () => {
    const bench = new TcpBench({ delay: 20 * MS, receiver: { every: 1 } });
    bench.write(0, Infinity);
    bench.simulator.run(20 * SECOND);
    expect(bench.sender.roundTrip.least).toBe(40 * MS);
    expect(bench.sender.roundTrip.smoothed).toBe(40 * MS);
    expect(bench.sender.roundTrip.timeout).toBe(240 * MS);
  });

  test('a small segment waits only for an earlier small one (Minshall)', () => {
    const bench = new TcpBench({ delay: DELAY, receiver: { every: 1 } });
    bench.write(0, MSS + 100);
    bench.write(0, 50);
    bench.write(0, 50);
    expect(bench.sent.map(({ length }) => length)).toEqual([MSS, 100]);
    bench.simulator.run(2 * DELAY);
    expect(bench.sent.map(({ length }) => length)).toEqual([MSS, 100, 100]);
    expect(bench.sent.map(({ tick }) => tick)).toEqual([0, 0, 2 * DELAY]);
    expect(bench.sent.map(({ flags }) => flags & FLAG_PSH)).toEqual([0, FLAG_PSH, FLAG_PSH]);
  });

  test('time spent waiting for a window is counted', () => {
    const bench = new TcpBench({ delay: DELAY, receiver: { window: 10 * MSS, every: 10 } });
    bench.write(0, Infinity);
    bench.simulator.run(SECOND);
    // The window is full from one flight to the next.
    expect(bench.sender.windowLimited).toBe(SECOND);
    const idle = new TcpBench({ delay: DELAY });
    idle.write(0, MSS);
    idle.simulator.run(SECOND);
    expect(idle.sender.windowLimited).toBe(0);
  });

  test('a socket buffer below one segment is refused', () => {
    expect(() => new TcpSender(new Simulator(), 'x', { ...LINUX_SENDER, sendWindow: 1000 }, () => {}, () => {})).toThrow(/1000 bytes/);
  });
});

describe('after a loss', () => {
  for (const sack of [true, false]) {
    test(`one lost segment is sent again after three duplicates, without a timeout (SACK ${sack ? 'on' : 'off'})`, () => {
      const bench = new TcpBench({ delay: DELAY, receiver: { sack, every: 1 }, loseData: (index) => index === 100 });
      bench.write(0, 400 * MSS);
      bench.simulator.run(SECOND);
      const { sender } = bench;
      expect(bench.receiver.next).toBe(400 * MSS);
      expect(sender.done).toBe(true);
      expect([sender.fastRetransmits, sender.retransmissions, sender.timeouts]).toEqual([1, 1, 0]);
      const lost = bench.sent[100];
      const repeat = bench.sent.find(({ flags }) => (flags & FLAG_RETRANSMIT) !== 0);
      expect(repeat?.seq).toBe(lost?.seq);
      // The three segments after it were sent at once or with the next ACK, so the third duplicate is back after one round trip or two.
      expect((repeat?.tick ?? 0) - (lost?.tick ?? 0)).toBeLessThanOrEqual(4 * DELAY);
    });
  }

  for (const sack of [true, false]) {
    test(`two duplicates are no loss, three are: one segment goes out at once, and the window is cut (SACK ${sack ? 'on' : 'off'})`, () => {
      const repeats: number[] = [];
      const fresh: number[] = [];
      const sender = new TcpSender(new Simulator(), 'x', { ...LINUX_SENDER, initialWindow: 40 }, (_, seq, __, flags) => {
        if ((flags & FLAG_RETRANSMIT) !== 0) repeats.push(seq);
      }, () => {});
      sender.offer(Infinity);
      sender.send(0, 40);
      for (const n of [1, 2, 3]) {
        expect([repeats.length, sender.fastRetransmits, sender.cwnd]).toEqual([0, 0, 40]);
        sender.acknowledge(n, 0, 65_535, sack ? MSS : 0, sack ? (n + 1) * MSS : 0);
        // What a duplicate says has left the network is made up for by new data (limited transmit).
        if (n < 3) fresh.push(sender.send(n, 40));
      }
      expect(fresh).toEqual([MSS, MSS]);
      // 36 or more are still in flight, above the new window of floor(40 * 717 / 1024).
      expect([sender.cwnd, sender.congestion.threshold]).toEqual([28, 28]);
      expect(sender.send(3, 40)).toBe(MSS);
      expect(repeats).toEqual([0]);
      expect(sender.send(3, 40)).toBe(0);
    });
  }

  test('without SACK every partial ACK repairs the next hole, without a timeout', () => {
    const holes = new Set([100, 103, 107, 111]);
    const bench = new TcpBench({ delay: DELAY, receiver: { sack: false, every: 1 }, loseData: (index) => holes.has(index) });
    bench.write(0, 300 * MSS);
    bench.simulator.run(SECOND);
    expect(bench.receiver.next).toBe(300 * MSS);
    expect([bench.sender.fastRetransmits, bench.sender.retransmissions, bench.sender.timeouts]).toEqual([1, 4, 0]);
  });

  test('once data are acknowledged the timeout is the first one again', () => {
    const dead = (tick: number): boolean => (tick >= 20 * MS && tick < 500 * MS) || (tick >= 3 * SECOND && tick < 3.1 * SECOND);
    const bench = new TcpBench({ delay: DELAY, receiver: { every: 1 }, loseData: (_, { tick }) => dead(tick) });
    bench.write(0, Infinity);
    bench.simulator.run(4 * SECOND);
    expect(bench.sender.timeouts).toBe(3); // at about 220 and 620 ms, and at 3.2 s
    const late = bench.repeats.find((tick) => tick > 3 * SECOND) ?? 0;
    expect(late - 3 * SECOND).toBeLessThan(205 * MS);
  });

  test('the window shrinks to 717/1024 and the threshold stays there', () => {
    const bench = new TcpBench({ delay: DELAY, receiver: { every: 1 }, loseData: (index) => index === 300 });
    bench.write(0, Infinity);
    bench.simulator.run(20 * MS);
    expect(bench.sender.fastRetransmits).toBe(1);
    const before = bench.sender.congestion.cubic.lastMax;
    expect(before).toBeGreaterThan(30);
    expect(bench.sender.congestion.threshold).toBe(Math.floor((before * 717) / 1024));
  });

  test('several losses in one window cost one reduction and no timeout', () => {
    const bench = new TcpBench({ delay: DELAY, receiver: { every: 1 }, loseData: (index) => index >= 200 && index < 230 && index % 3 === 0 });
    bench.write(0, 600 * MSS);
    bench.simulator.run(SECOND);
    expect([bench.sender.fastRetransmits, bench.sender.retransmissions, bench.sender.timeouts]).toEqual([1, 10, 0]);
    expect(bench.receiver.next).toBe(600 * MSS);
  });

  test('when all in flight is lost, the timer sends it again after a round trip and 200 ms', () => {
    const bench = new TcpBench({ delay: DELAY, receiver: { every: 1 }, loseData: (index, { tick }) => tick >= 20 * MS && index < 2000 && tick < 21 * MS });
    bench.write(0, 3000 * MSS);
    bench.simulator.run(19.5 * MS);
    expect(bench.sender.roundTrip.smoothed).toBe(2 * DELAY);
    bench.simulator.run(SECOND);
    expect(bench.sender.timeouts).toBe(1);
    expect(bench.sender.fastRetransmits).toBe(0);
    // Linux counts from the last ACK that moved the window: that of the flight before the lost one, and all of it came back at 20 ms.
    expect(bench.repeats[0]).toBe(20 * MS + 2 * DELAY + 200 * MS);
    expect(bench.receiver.next).toBe(3000 * MSS);
  });

  test('the timeout doubles with every further loss, up to two minutes', () => {
    const bench = new TcpBench({ delay: DELAY, receiver: { every: 1 }, loseData: (_, { tick }) => tick >= 20 * MS });
    bench.write(0, Infinity);
    bench.simulator.run(2000 * SECOND);
    const times = bench.repeats;
    const steps = times.slice(1).map((tick, i) => tick - (times[i] ?? 0));
    const first = bench.sender.roundTrip.smoothed + 200 * MS;
    expect(steps.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, i) => first * 2 ** (i + 1)));
    expect(Math.max(...steps)).toBe(120 * SECOND);
  });

  test('a lost window update is asked for with a probe', () => {
    let open = false;
    const bench = new TcpBench({ delay: DELAY, receiver: { window: 10 * MSS, every: 1 } });
    const { receiver, sender, simulator } = bench;
    bench.write(0, 40 * MSS);
    simulator.run(DELAY - 1);
    receiver.settings.window = 0; // every ACK from now on closes the window further
    receiver.allowed = 10 * MSS;
    simulator.run(100 * MS);
    expect(sender.board.length).toBe(0);
    expect(sender.nxt).toBe(10 * MSS);
    receiver.settings.window = 10 * MSS; // ... and this update never reaches the sender
    open = true;
    simulator.run(5 * SECOND);
    expect(open && sender.done).toBe(true);
    expect(sender.probes).toBe(1);
    expect(bench.sent.find(({ flags }) => (flags & FLAG_PROBE) !== 0)).toMatchObject({ seq: 10 * MSS - 1, length: 0 });
    expect(sender.timeouts).toBe(0);
  });
});

const losses = fc.array(fc.boolean(), { maxLength: 60 });

describe('under random loss', () => {
  test('every byte arrives once and in order, and the sender comes to an end', () => {
    fc.assert(
      fc.property(losses, losses, fc.integer({ min: 1, max: 300_000 }), fc.integer({ min: 1, max: 3 }), fc.boolean(), fc.integer({ min: 2 * MSS, max: 150_000 }), (data, acks, size, every, sack, window) => {
        const bench = new TcpBench({ delay: DELAY, receiver: { every, sack, window }, loseData: (i) => data[i] === true, loseAck: (i) => acks[i] === true });
        bench.write(0, size);
        bench.simulator.run(8000 * SECOND);
        expect(bench.receiver.next).toBe(size);
        expect(bench.sender.done).toBe(true);
        expect(bench.sender.board.length).toBe(0);
        expect([bench.sender.board.sacked, bench.sender.board.lost, bench.sender.board.retransmitted]).toEqual([0, 0, 0]);
        expect(bench.simulator.pending).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  test('a few per cent of loss in a long transfer is repaired, mostly without timeouts', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999 }), (offset) => {
        const bench = new TcpBench({ delay: DELAY, receiver: { every: 2 }, loseData: (i) => (i * 7919 + offset) % 100 < 2 });
        bench.write(0, 5000 * MSS);
        bench.simulator.run(600 * SECOND);
        expect(bench.receiver.next).toBe(5000 * MSS);
        expect(bench.sender.fastRetransmits).toBeGreaterThan(bench.sender.timeouts);
      }),
      { numRuns: 20 },
    );
  });

  test('the same losses give the same segments at the same ticks', () => {
    const run = (): unknown => {
      const bench = new TcpBench({ delay: DELAY, loseData: (i) => i % 37 === 5, loseAck: (i) => i % 11 === 3 });
      bench.write(0, 2000 * MSS);
      bench.simulator.run(60 * SECOND);
      return bench.sent;
    };
    expect(run()).toEqual(run());
  });
});
