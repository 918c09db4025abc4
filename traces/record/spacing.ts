import { DIRECTION_IN } from '../../src/trace/format.ts';
import { TraceReader } from '../../src/trace/reader.ts';

/** On the wire with each frame: preamble, FCS, gap. */
const OVERHEAD_BYTES = 24;
const GIGABIT_NS_PER_BYTE = 8;

/** How the data frames of a wire trace in nanoseconds come in. */
export interface Spacing {
  readonly dataFrames: number;
  readonly framesOut: number;
  /** Payload from the origin to the last frame, b/s. */
  readonly payloadRate: number;
  /** Between data frames, us. */
  readonly gapUs: { readonly p1: number; readonly p10: number; readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number };
  /** Share of the gaps that are shorter than half of what the frame takes at 1 Gb/s. */
  readonly tooClose: number;
  /** How far the frames run ahead of a wire of 1 Gb/s at most, us. */
  readonly aheadUs: number;
}

export function spacingOf(file: string): Spacing {
  const reader = new TraceReader(file, { kind: 'wire' });
  const gaps: number[] = [];
  let framesOut = 0;
  let payload = 0;
  let tooClose = 0;
  let last = -Infinity;
  let busyUntil = -Infinity;
  let ahead = 0;
  for (let batch = reader.next(); batch !== null; batch = reader.next()) {
    const [directions, payloads, bytes] = [batch.integers('direction'), batch.integers('payload'), batch.integers('bytes')];
    for (let row = 0; row < batch.rows; row++) {
      const t = batch.t[row] ?? NaN;
      if (directions[row] !== DIRECTION_IN) framesOut++;
      else if (payloads[row] !== 0) {
        payload += payloads[row] ?? NaN;
        const length = ((bytes[row] ?? NaN) + OVERHEAD_BYTES) * GIGABIT_NS_PER_BYTE;
        if (t - last < length / 2) tooClose++;
        busyUntil = Math.max(busyUntil + length, t);
        ahead = Math.max(ahead, busyUntil - t);
        if (last > -Infinity) gaps.push(t - last);
        last = t;
      }
    }
  }
  reader.close();
  gaps.sort((a, b) => a - b);
  const at = (share: number): number => (gaps[Math.floor(share * (gaps.length - 1))] ?? NaN) / 1000;
  return {
    dataFrames: gaps.length + 1, framesOut, payloadRate: Math.round((payload * 8e9) / last),
    gapUs: { p1: at(0.01), p10: at(0.1), p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) },
    tooClose: Number((tooClose / gaps.length).toFixed(4)), aheadUs: Math.round(ahead / 1000),
  };
}
