import type { PacingName } from '../../src/load/pacing/pacing.ts';
import recordings from '../data/recorded.json' with { type: 'json' };

/** A stretch of a recorded wire trace that the site serves. */
export interface Recorded {
  /** Where the site has it. */
  readonly url: string;
  /** The trace in the repository that it was cut from, and where: as `rumpsim trace cut` takes it. */
  readonly source: string;
  readonly from: string;
  readonly to: string;
}

/** What of a stretch is simulated: all of it but a few milliseconds, and cut from the start until the receiver's first window is used up. Seconds. */
export const RECORDED = { duration: 0.7, warmup: 0.1 } as const;

/** The recording of iperf3 at a load; null when there is none. */
export function recordedAt(pacing: PacingName, load: number): Recorded | null {
  const found = recordings.find((recording) => recording.pacing === pacing && recording.load === load);
  if (found === undefined) return null;
  const { source, from, to } = found;
  const kind = pacing === 'onoff' ? 'onoff' : 'paced';
  return { url: new URL(`../data/recorded/${kind}-${load}.arrow.gz`, import.meta.url).href, source, from, to };
}
