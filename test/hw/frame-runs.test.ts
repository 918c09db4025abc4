import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameRuns, RUN_BYTES, RUN_COUNT, RUN_FIRST, RUN_PAYLOAD, RUN_SEQ, RUN_SPACING } from '../../src/hw/frame-runs.ts';

/** One frame: arrival, sequence number, payload, bytes. */
type Frame = readonly [tick: number, seq: number, payload: number, bytes: number];

/** All frames that the runs stand for. */
function frames(runs: FrameRuns): Frame[] {
  const all: Frame[] = [];
  for (let run = runs.head; run < runs.tail; run++) {
    const slot = runs.slot(run);
    const [first = 0, spacing = 0, seq = 0, payload = 0, bytes = 0, count = 0] = [RUN_FIRST, RUN_SPACING, RUN_SEQ, RUN_PAYLOAD, RUN_BYTES, RUN_COUNT].map((word) => runs.words[slot + word]);
    for (let i = 0; i < count; i++) all.push([first + i * spacing, seq + i * payload, payload, bytes]);
  }
  return all;
}

describe('runs of frames', () => {
  test('frames that go on at an even distance join the last run; a gap, a jump or another size begins a new one', () => {
    const runs = new FrameRuns();
    runs.extend(100, 0, 0, 10, 50, 1);
    runs.extend(110, 0, 10, 10, 50, 1);
    runs.extend(120, 10, 20, 10, 50, 3);
    expect([runs.length, runs.words[RUN_COUNT], runs.words[RUN_SPACING]]).toEqual([1, 5, 10]);
    runs.extend(151, 0, 50, 10, 50, 1);
    runs.extend(161, 0, 70, 10, 50, 1);
    runs.extend(171, 0, 80, 12, 52, 1);
    runs.extend(181, 0, 92, 12, 50, 1);
    expect(runs.length).toBe(5);
  });

  test('stand for exactly the frames that were put in, joined or not', () => {
    const piece = fc.record({
      gap: fc.constantFrom(10, 10, 10, 20, 5),
      spacing: fc.constantFrom(10, 10, 20, 0),
      // Two is what a frame of 12 after one of 10 would need to look like its successor.
      skip: fc.constantFrom(0, 0, 0, 2, 7),
      payload: fc.constantFrom(10, 10, 12),
      bytes: fc.constantFrom(50, 50, 52),
      count: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const joined = new FrameRuns();
        const apart = new FrameRuns();
        const expected: Frame[] = [];
        let tick = 0;
        let next = 0;
        for (const { gap, spacing, skip, payload, bytes, count } of pieces) {
          const first = tick + gap;
          const seq = next + skip;
          joined.extend(first, spacing, seq, payload, bytes, count);
          apart.append(first, spacing, seq, payload, bytes, count);
          for (let i = 0; i < count; i++) expected.push([first + i * spacing, seq + i * payload, payload, bytes]);
          tick = first + (count - 1) * spacing;
          next = seq + count * payload;
        }
        expect(frames(apart)).toEqual(expected);
        expect(frames(joined)).toEqual(expected);
        expect(joined.length).toBeLessThanOrEqual(apart.length);
      }),
      { numRuns: 500 },
    );
  });

  test('frames moved to another ring, or dropped one by one, leave the others as they were', () => {
    const count = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(fc.array(count, { minLength: 1, maxLength: 20 }), fc.nat(), fc.nat(), (counts, at, part) => {
        const runs = new FrameRuns();
        counts.forEach((frames, i) => runs.append(1000 * i, 3, 500 * i, 10, 50, frames));
        const all = frames(runs);
        const run = at % counts.length;
        const from = part % (counts[run] ?? 1);
        const kept = counts.slice(0, run).reduce((sum, frames) => sum + frames, from);
        const others = new FrameRuns();
        others.append(-5, 0, 7, 10, 50, 1);
        runs.move(run, from, others);
        expect(frames(runs)).toEqual(all.slice(0, kept));
        expect(frames(others).slice(1)).toEqual(all.slice(kept));
        for (let i = 0; i < 1 + part % (1 + all.length - kept); i++) others.shift();
        expect(frames(others)).toEqual(all.slice(kept + part % (1 + all.length - kept)));
      }),
      { numRuns: 300 },
    );
  });

  test('more of them than any ring holds is an error', () => {
    const runs = new FrameRuns();
    for (let i = 0; i < 8192; i++) runs.append(i, 0, 0, 1, 1, 1);
    expect(() => runs.append(9000, 0, 0, 1, 1, 1)).toThrow(new RangeError('more runs of frames than any descriptor ring holds'));
    runs.head++;
    expect(() => runs.append(9000, 0, 0, 1, 1, 1)).not.toThrow();
  });
});
