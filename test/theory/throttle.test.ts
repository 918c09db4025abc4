import { describe, expect, test } from 'vitest';
import { Streams } from '../../src/events/random.ts';
import { SECOND, type Tick } from '../../src/events/time.ts';
import type { NicSettings } from '../../src/hw/i82574.ts';
import { EvenGaps, FrameSource, type Gaps, PoissonGaps } from '../../src/load/frame-source.ts';
import { DELAY_UNIT, ITR_UNIT, NicBench } from '../hw/nic-bench.ts';

/** Frames a second of Fig 4's loads, from 180 Mb/s to 900 Mb/s, and some below and between. */
const RATES = [500, 2_000, 2_600, 2_700, 15_539, 46_616, 77_693];

/**
 * Interrupts a second over `seconds`, for a NIC whose interrupts are acknowledged at once: ICR is read in the tick of the assertion, and the
 * ring is emptied.
 */
function interruptRate(settings: Partial<NicSettings>, gaps: Gaps, seconds: number): number {
  const bench = new NicBench(settings);
  const { nic } = bench;
  const raise = bench.raised.push.bind(bench.raised);
  bench.raised.push = (tick) => {
    nic.readCause();
    const frames = nic.received - nic.taken;
    nic.taken += frames;
    nic.runs.head = nic.runs.tail;
    nic.writeReceiveTail(frames);
    return raise(tick);
  };
  const source = new FrameSource(bench.simulator, 'frames', gaps, 1448, (tick, words, offset) => nic.receive(tick, words, offset));
  source.start(0);
  bench.simulator.run(seconds * SECOND);
  return bench.raised.length / seconds;
}

interface Estimate {
  readonly mean: number;
  /** Half of the 99.9 % confidence interval. */
  readonly margin: number;
}

const REPLICATIONS = 10;
/** Student's t, 9 degrees of freedom, two-sided 99.9 %. */
const T_QUANTILE = 4.781;

function poisson(settings: Partial<NicSettings>, rate: number, seconds = 1): Estimate {
  const rates = Array.from({ length: REPLICATIONS }, (_, run) => interruptRate(settings, new PoissonGaps(SECOND / rate, new Streams(1, run).stream('arrivals')), seconds));
  const mean = rates.reduce((sum, x) => sum + x, 0) / REPLICATIONS;
  const variance = rates.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (REPLICATIONS - 1);
  // One interrupt more or less at the edges of the window is no error.
  return { mean, margin: T_QUANTILE * Math.sqrt(variance / REPLICATIONS) + 1 / seconds };
}

/** The throttle alone, in units of 256 ns: none of wm's delay timers. */
const ITR = 1500;
const T: Tick = ITR * ITR_UNIT;
/** The delay timers alone, in units of 1.024 us: 384 us. */
const DELAY = 375;
const D: Tick = DELAY * DELAY_UNIT;

describe('interrupts under a throttle T, delay timers off', () => {
  test.each(RATES)('%i even frames a second: min(frames, 1 / T)', (rate) => {
    const expected = Math.min(rate, SECOND / T);
    expect(Math.abs(interruptRate({ itr: ITR }, new EvenGaps(SECOND / rate), 2) - expected)).toBeLessThanOrEqual(0.5);
  });

  /*
   * Poisson frames of rate lambda. After an interrupt the next one may come T later. Let N be the frames of those T: none with probability exp(-lambda T).
   * With N > 0 a cause is pending at the end of T and interrupts there, so the cycle is T. With N = 0 it comes with the next frame, which has, since a
   * Poisson process does not remember, an exponential time to go: T + Exp(lambda). Cycles are independent, so by the elementary renewal theorem
   *   rate = 1 / (T + exp(-lambda T) / lambda).
   */
  test.each(RATES)('%i Poisson frames a second: 1 / (T + exp(-lambda T) / lambda)', (rate) => {
    const { mean, margin } = poisson({ itr: ITR }, rate);
    const seconds = T / SECOND;
    const expected = 1 / (seconds + Math.exp(-rate * seconds) / rate);
    expect(Math.abs(mean - expected)).toBeLessThanOrEqual(margin);
    // Below both bounds.
    expect(expected).toBeLessThan(Math.min(rate, 1 / seconds));
  });

  test('and the interval is narrow enough to tell that from min(frames, 1 / T) where they are farthest apart', () => {
    const { mean, margin } = poisson({ itr: ITR }, 2_600);
    expect(2_600 - mean).toBeGreaterThan(10 * margin);
  });

  test('no throttle: an interrupt a frame', () => {
    expect(interruptRate({ itr: 0 }, new EvenGaps(SECOND / 77_693), 1)).toBe(77_693);
  });
});

describe('interrupts under the absolute delay D alone (the packet timer longer, no throttle)', () => {
  const settings = { rdtr: 10 * DELAY, radv: DELAY };

  // The first frame after an interrupt starts D; those up to its end, the end included, join. A cycle is floor(D / gap) + 1 gaps.
  test.each(RATES)('%i even frames a second: one in floor(D / gap) + 1 frames', (rate) => {
    const expected = rate / (Math.floor((D * rate) / SECOND) + 1);
    expect(Math.abs(interruptRate(settings, new EvenGaps(SECOND / rate), 2) - expected)).toBeLessThanOrEqual(0.5);
  });

  // The wait for the first frame after an interrupt is exponential whatever came before: cycle D + Exp(lambda), always. Lower than under a throttle.
  test.each(RATES)('%i Poisson frames a second: 1 / (D + 1 / lambda)', (rate) => {
    const { mean, margin } = poisson(settings, rate);
    expect(Math.abs(mean - 1 / (D / SECOND + 1 / rate))).toBeLessThanOrEqual(margin);
  });
});

describe('interrupts under the packet delay R alone', () => {
  const R_UNITS = 50;
  const R = R_UNITS * DELAY_UNIT;

  // A frame interrupts, R after it, exactly if none follows within R: a share exp(-lambda R) of them.
  test.each([2_000, 15_539, 46_616])('%i Poisson frames a second: lambda exp(-lambda R)', (rate) => {
    const { mean, margin } = poisson({ rdtr: R_UNITS }, rate);
    expect(Math.abs(mean - rate * Math.exp((-rate * R) / SECOND))).toBeLessThanOrEqual(margin);
  });

  test('even frames closer than R never interrupt, others always do', () => {
    // A ring that never gets to its low-water mark.
    const settings = { rdtr: R_UNITS, rxDescriptors: 1 << 20 };
    expect(interruptRate(settings, new EvenGaps(R - 1), 1)).toBe(0);
    expect(interruptRate(settings, new EvenGaps(R + 1), 1)).toBe(Math.floor((SECOND - R) / (R + 1)));
  });

  test('even frames closer than R interrupt when half of the ring is full', () => {
    // 255 descriptors are free at first; 128 are left after 127 frames, and the driver gives all of those back.
    expect(interruptRate({ rdtr: R_UNITS, rxDescriptors: 256 }, new EvenGaps(R - 1), 1)).toBe(Math.floor(SECOND / (R - 1) / 127));
  });
});

describe("wm's static setting, throttle and delay timers of 384 us each", () => {
  const settings = { itr: ITR, rdtr: DELAY, radv: DELAY };

  // T = D: when D, which starts after an interrupt, is over, T is, too. The throttle never binds and the rate is that of D alone.
  test.each(RATES)('%i Poisson frames a second: as under the absolute delay alone, at most 2,604', (rate) => {
    const { mean, margin } = poisson(settings, rate);
    // The packet timer is as long as the absolute one, so it never expires first.
    expect(Math.abs(mean - 1 / (D / SECOND + 1 / rate))).toBeLessThanOrEqual(margin);
    expect(mean).toBeLessThan(2_605);
  });
});
