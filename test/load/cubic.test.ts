import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MS, SECOND } from '../../src/events/time.ts';
import { Cubic, LINUX_CUBIC, cubeRoot } from '../../src/load/cubic.ts';

const C = 410 / 1024;
const BETA = 717 / 1024;

test('the cube root is the largest integer whose cube does not exceed n', () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.nat({ max: 208_063 }).map((r) => r ** 3), fc.integer({ min: 1, max: 208_063 }).map((r) => r ** 3 - 1)), (n) => {
      const r = BigInt(cubeRoot(n));
      expect(r ** 3n <= BigInt(n) && BigInt(n) < (r + 1n) ** 3n).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

/** Windows of one connection with a fixed round trip: every round trip the whole window is acknowledged, two segments an ACK. */
function windows(cubic: Cubic, from: number, roundTrip: number, rounds: number): { time: number; cwnd: number }[] {
  let cwnd = from;
  const result = [];
  for (let round = 0; round < rounds; round++) {
    for (let acked = 0, whole = cwnd; acked < whole; acked += 2) {
      cwnd = cubic.grow(1000 * SECOND + round * roundTrip + Math.floor((acked / whole) * roundTrip), cwnd, 2, roundTrip);
    }
    result.push({ time: ((round + 1) * roundTrip) / SECOND, cwnd });
  }
  return result;
}

describe('cubic', () => {
  test('a loss leaves 717/1024 of the window, at least two segments', () => {
    for (const cwnd of [3, 10, 60, 1000]) expect(new Cubic().reduce(cwnd)).toBe(Math.max(2, Math.floor(cwnd * BETA)));
    expect(new Cubic().reduce(1)).toBe(2);
  });

  test('a second loss below the first one\'s window gives room to others (fast convergence)', () => {
    const cubic = new Cubic();
    cubic.reduce(100);
    expect(cubic.lastMax).toBe(100);
    cubic.reduce(80);
    expect(cubic.lastMax).toBe(Math.floor((80 * (1 + BETA)) / 2));
    const slow = new Cubic({ ...LINUX_CUBIC, fastConvergence: false });
    slow.reduce(100);
    slow.reduce(80);
    expect(slow.lastMax).toBe(80);
  });

  test('W(t) = C (t - K)^3 + Wmax with K = cbrt(Wmax (1 - beta) / C), within rounding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 5000 }), fc.nat({ max: 20 * 1024 }), (max, time) => {
        const cubic = new Cubic({ ...LINUX_CUBIC, friendly: false });
        const cwnd = cubic.reduce(max);
        cubic.grow(0, cwnd, 1, 0);
        const k = Math.cbrt((max - cwnd) / C);
        const t = time / 1024;
        expect(Math.abs(cubic.k / 1024 - k)).toBeLessThanOrEqual(1 / 1024);
        // K is cut to 1/1024 s and the result to one segment.
        const slope = 3 * C * (Math.abs(t - k) + 1 / 1024) ** 2;
        expect(Math.abs(cubic.target(time) - (C * (t - k) ** 3 + max))).toBeLessThanOrEqual(1 + slope / 1024);
      }),
    );
  });

  test('the window follows the curve through the plateau', () => {
    const cubic = new Cubic({ ...LINUX_CUBIC, friendly: false });
    const max = 400;
    const from = cubic.reduce(max);
    const roundTrip = 50 * MS;
    const k = Math.cbrt((max - from) / C);
    for (const { time, cwnd } of windows(cubic, from, roundTrip, Math.ceil((1.6 * k * SECOND) / roundTrip))) {
      // The target is that of one round trip ahead and refreshed every 1/32 s; in between the window may lag by what the curve climbs then.
      const curve = C * (time - k) ** 3 + max;
      const climb = 3 * C * (time - k) ** 2 * (0.05 + 1 / 32);
      expect(Math.abs(cwnd - curve)).toBeLessThanOrEqual(climb + 3);
    }
  });

  test('at short round trips it grows as Reno with the same mean window would: 3 (1 - beta) / (1 + beta) a round trip', () => {
    const cubic = new Cubic();
    const from = cubic.reduce(60);
    const rounds = 100;
    const last = windows(cubic, from, 10 * MS, rounds).at(-1);
    const perRound = (3 * (1 - BETA)) / (1 + BETA);
    // Linux cuts 1.89 ACKed windows a segment to 15/8, and looks again only every 1/32 s (3.1 round trips) while the window stands.
    expect(Math.abs((last?.cwnd ?? 0) - (from + perRound * rounds))).toBeLessThanOrEqual(rounds * (8 / 15 - perRound) + 3.2 * perRound + 1);
  });

  test('before the first loss it grows by one for 20 ACKed segments: 5 % a round trip', () => {
    const cubic = new Cubic();
    let cwnd = 100;
    for (let i = 0; i < 180; i++) cwnd = cubic.grow(SECOND, cwnd, 1, 0);
    expect(cwnd).toBe(109);
  });

  test('a timeout forgets the curve', () => {
    const cubic = new Cubic();
    cubic.reduce(100);
    cubic.grow(0, 70, 1, 0);
    cubic.reset();
    expect([cubic.lastMax, cubic.k, cubic.origin]).toEqual([0, 0, 0]);
  });
});
