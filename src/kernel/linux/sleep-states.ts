import { US, type Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import type { PathTable } from '../../hw/path.ts';

/** How deep the core may sleep. `menu` lets the governor choose, the others force one state; `poll` does not sleep at all. */
export type SleepChoice = 'menu' | 'poll' | 'c1' | 'c3' | 'c6';
export const SLEEP_CHOICES: readonly SleepChoice[] = ['menu', 'poll', 'c1', 'c3', 'c6'];

/** A sleep state of the core. */
export interface SleepState {
  readonly name: string;
  /** Its place among the states, shallow to deep. */
  readonly index: number;
  /** From the wake-up to the first instruction. */
  readonly exit: Tick;
  /** Shortest stay that pays, by the idle driver's table. */
  readonly residency: Tick;
  /** It empties the level-1 and level-2 caches, and the kernel leaves the process's address space (CPUIDLE_FLAG_TLB_FLUSHED, leave_mm). */
  readonly flushes: boolean;
}

/** The states of intel_idle on Sandy Bridge (drivers/idle/intel_idle.c, snb_cstates, Linux 4.9), exit latencies as the cost table has them. C7 differs from C6 by 5 us and is left out. */
export function sandyBridgeStates(paths: PathTable): readonly SleepState[] {
  return [
    { name: 'poll', index: 0, exit: 0, residency: 0, flushes: false },
    { name: 'c1', index: 1, exit: paths.ticks('cstate.c1.exit'), residency: 2 * US, flushes: false },
    { name: 'c1e', index: 2, exit: paths.ticks('cstate.c1e.exit'), residency: 20 * US, flushes: false },
    { name: 'c3', index: 3, exit: paths.ticks('cstate.c3.exit'), residency: 211 * US, flushes: true },
    { name: 'c6', index: 4, exit: paths.ticks('cstate.c6.exit'), residency: 345 * US, flushes: true },
  ];
}

/** A power of two. */
const INTERVALS = 8;
/** Microseconds that stays lasted before the run: an idle machine without a tick. */
const STAYS_BEFORE = 10_000;
/** No typical stay. */
const UNLIKE = -1;
const UNKNOWN = -2;

/**
 * The menu governor's prediction from the last eight stays (get_typical_interval, drivers/cpuidle/governors/menu.c of 4.9): their mean when they are alike, dropping the longest up to a quarter of
 * them; else a slow average, which stands for the correction factor on the next timer. The deepest state whose residency and latency fit the prediction is taken.
 */
export class MenuGovernor {
  /** Shallow to deep. */
  readonly states: readonly SleepState[];
  private readonly forced: SleepState | null;
  /** The stay that each state asks for. */
  private readonly needs: Float64Array;
  private readonly intervals = new Float64Array(INTERVALS);
  private at = 0;
  private average = ZERO;
  /** Of the stays and of their squares: whole numbers. */
  private sum = ZERO;
  private squares = ZERO;
  /** Mean of the stays that are alike; UNLIKE: they are not; UNKNOWN: they have changed since that was found. */
  private typical = ZERO;

  constructor(states: readonly SleepState[], choice: SleepChoice) {
    this.states = states;
    this.needs = Float64Array.from(states, ({ residency, exit }) => Math.max(residency, exit));
    this.intervals.fill(STAYS_BEFORE);
    this.average = STAYS_BEFORE;
    this.sum = INTERVALS * STAYS_BEFORE;
    this.squares = INTERVALS * STAYS_BEFORE * STAYS_BEFORE;
    this.typical = UNKNOWN;
    this.forced = choice === 'menu' ? null : (states.find(({ name }) => name === choice) ?? null);
  }

  /** Expected stay in microseconds. */
  predicted(): number {
    if (this.typical === UNKNOWN) this.typical = this.findTypical();
    return this.typical === UNLIKE ? this.average : this.typical;
  }

  private findTypical(): number {
    const { intervals, sum, squares } = this;
    const all = this.alike(INTERVALS, sum, squares, Infinity);
    if (all !== UNLIKE) return all;
    // The longest and the next shorter one.
    let longest = 0;
    let times = 0;
    let next = 0;
    let nextTimes = 0;
    for (let i = 0; i < INTERVALS; i++) {
      const value = intervals[i]!; // i < INTERVALS
      if (value > longest) {
        next = longest;
        nextTimes = times;
        longest = value;
        times = 1;
      } else if (value === longest) {
        times++;
      } else if (value > next) {
        next = value;
        nextTimes = 1;
      } else if (value === next) {
        nextTimes++;
      }
    }
    const kept = INTERVALS - times;
    const rest = sum - times * longest;
    const restSquares = squares - times * longest * longest;
    const most = this.alike(kept, rest, restSquares, longest - 1);
    if (most !== UNLIKE || kept < INTERVALS - 1) return most;
    return this.alike(kept - nextTimes, rest - nextTimes * next, restSquares - nextTimes * next * next, next - 1);
  }

  /** The mean of the `kept` stays up to `limit` if they are alike, else UNLIKE. `sum`, `squares`: theirs. */
  private alike(kept: number, sum: number, squares: number, limit: number): number {
    // Most often they are clearly not alike, and this tells: the square of `kept` times the variance, but for rounding.
    const spread = kept * squares - sum * sum;
    if (36 * spread >= 1.01 * sum * sum && spread >= 404 * kept * kept) return UNLIKE;
    const mean = sum / kept;
    const variance = this.variance(mean, limit, kept);
    return mean * mean > 36 * variance || variance <= 400 ? mean : UNLIKE;
  }

  private variance(mean: number, limit: number, kept: number): number {
    const { intervals } = this;
    let sum = 0;
    for (let i = 0; i < INTERVALS; i++) {
      const value = intervals[i]!; // i < INTERVALS
      if (value <= limit) sum += (value - mean) * (value - mean);
    }
    return sum / kept;
  }

  select(): SleepState {
    if (this.forced !== null) return this.forced;
    const { needs } = this;
    const expected = this.predicted() * US;
    let deepest = needs.length - 1;
    // C1 is there.
    while (deepest > 1 && needs[deepest]! > expected) deepest--; // within bounds
    return this.states[deepest]!; // one a need
  }

  /** A stay of `ticks` is over, exit latency not counted. */
  observe(ticks: Tick): void {
    const us = Math.floor(ticks / US);
    const oldest = this.intervals[this.at]!; // inside the ring
    this.sum += us - oldest;
    this.squares += us * us - oldest * oldest;
    this.intervals[this.at] = us;
    this.at = (this.at + 1) & (INTERVALS - 1);
    this.average += (us - this.average) / 8;
    if (us !== oldest) this.typical = UNKNOWN;
  }
}
