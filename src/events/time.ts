/**
 * Simulated time: an integer count of picoseconds held in a double, exact to 2^53 (about 2.5 hours).
 * Integers, so that order never depends on rounding; picoseconds, so that a 3.4 GHz cycle (294.117... ps) is rounded to 0.02 %.
 */
export type Tick = number;

export const PS = 1;
export const NS = 1e3;
export const US = 1e6;
export const MS = 1e9;
export const SECOND = 1e12;

/** Later than every event: what an empty queue or lane reports as its next tick. */
export const NEVER: Tick = Infinity;

/** The largest tick that is still exact. */
export const LAST_TICK: Tick = Number.MAX_SAFE_INTEGER;

/** Rounds seconds to the nearest tick. */
export function secondsToTicks(seconds: number): Tick {
  return Math.round(seconds * SECOND);
}

/** Ticks as seconds; for reports, never for deciding an event's time. */
export function ticksToSeconds(ticks: Tick): number {
  return ticks / SECOND;
}
