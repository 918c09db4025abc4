import type { Tick } from '../../events/time.ts';

/**
 * How the client spreads its load over time; the paper does not say which of these its client did.
 * - `fq`: SO_MAX_PACING_RATE under the fq qdisc or the kernel's own pacing: TSO bursts at line rate, spaced by length / rate.
 * - `onoff`: iperf 3.1.3's own throttle: 128 KiB writes until the average is above the rate, then silence until a 100 ms timer.
 * - `even`: one frame every payload / rate, the smoothest load there is.
 */
export type PacingName = 'fq' | 'onoff' | 'even';

export const PACING_NAMES: readonly PacingName[] = ['fq', 'onoff', 'even'];

/** Decides when a sender sends. Rates are application payload, as iperf's -b means it: bits that `read()` delivers per second. */
export interface Pacing {
  /** The connection is up and the application starts. */
  start(tick: Tick): void;
  /** An ACK came in or the retransmission timer fired: send what is due. */
  resume(tick: Tick): void;
  /** Segments that `resume` sends at most at `tick`, unless TCP defers them; 0: it does nothing, whatever an ACK has brought. */
  wanted(tick: Tick): number;
}

/** Bytes of payload of the largest TSO packet: 65,536 less 1 and less MAX_TCP_HEADER (320 at most in a distribution kernel of 2017). */
export const TSO_PAYLOAD_BYTES = 65_215;

/**
 * Segments that Linux sends as one TSO packet at a pacing rate (tcp_tso_autosize): one packet per 1/1024 s, at least `minimum` segments,
 * at most 64 KiB. 1448-byte segments: 15 at 180 Mb/s, 30 at 360, 45 (65,160 bytes) from 540 on.
 */
export function tsoSegments(rateMbps: number, mss: number, maxBytes = TSO_PAYLOAD_BYTES, minimum = 2): number {
  const bytes = Math.min(Math.floor((rateMbps * 125_000) / 1024), maxBytes);
  return Math.max(Math.floor(bytes / mss), minimum);
}

/**
 * When the packet after one of `length` ticks may go, if that one was due at `due` and went at `tick`: lateness (of a timer, of the window)
 * is made good, up to half the length (fq_dequeue since Linux 4.10).
 */
export function nextRelease(tick: Tick, due: Tick, length: Tick): Tick {
  return tick + length - Math.min(Math.floor(length / 2), tick - due);
}

/** @throws RangeError unless the rate is a positive number of Mb/s. */
export function checkRate(rateMbps: number): number {
  if (!(rateMbps > 0) || !Number.isFinite(rateMbps)) throw new RangeError(`load: ${rateMbps} Mb/s is not a positive rate`);
  return rateMbps;
}
