import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LatencyHistogram } from '../../../src/anykernel/latency.ts';
import { NO_SEGMENT } from '../../../src/hw/frame.ts';
import { FrameRuns } from '../../../src/hw/frame-runs.ts';
import { Gro, type SuperSegment } from '../../../src/kernel/linux/gro.ts';
import { FIRST_TRUESIZE, MERGED_TRUESIZE, ReceiveQueue } from '../../../src/kernel/linux/receive-queue.ts';

const FULL = 1448;

function merged(segments: readonly (readonly [seq: number, payload: number])[]): [seq: number, bytes: number, frames: number][] {
  const out: [number, number, number][] = [];
  const gro = new Gro(({ seq, bytes, frames }) => out.push([seq, bytes, frames]));
  segments.forEach(([seq, payload], i) => gro.receive(seq, payload, i));
  gro.flush();
  return out;
}

function stream(count: number, first = 0): [number, number][] {
  return Array.from({ length: count }, (_, i): [number, number] => [first + i * FULL, FULL]);
}

describe('what GRO merges', () => {
  test('consecutive segments of one poll are one', () => expect(merged(stream(20))).toEqual([[0, 20 * FULL, 20]]));

  test('45 full segments are the most: 65,160 bytes and headers stay under 64 KiB, 46 do not', () => {
    expect(merged(stream(45))).toEqual([[0, 65_160, 45]]);
    expect(merged(stream(46))).toEqual([[0, 65_160, 45], [65_160, FULL, 1]]);
  });

  test('a gap ends it', () => expect(merged([[0, FULL], [2 * FULL, FULL], [3 * FULL, FULL]])).toEqual([[0, FULL, 1], [2 * FULL, 2 * FULL, 2]]));
  test('a shorter segment joins and ends it', () => expect(merged([[0, FULL], [FULL, 100], [FULL + 100, 100]])).toEqual([[0, FULL + 100, 2], [FULL + 100, 100, 1]]));
  test('a longer one does not join', () => expect(merged([[0, 100], [100, FULL]])).toEqual([[0, 100, 1], [100, FULL, 1]]));
  test('one without payload goes up alone: there is no room for others with it', () => {
    const out: number[] = [];
    const gro = new Gro(({ frames }) => out.push(frames));
    const runs = new FrameRuns();
    runs.append(0, 1, NO_SEGMENT, 0, 60, 3);
    for (let i = 0; i < 3; i++) {
      expect(gro.receiveRun(runs, 0, i, 3)).toBe(0);
      gro.receive(-1, 0, i);
    }
    gro.flush();
    expect(out).toEqual([1, 1, 1]);
  });

  test('segments of runs held together are merged as one by one', () => {
    const step = fc.record({ payload: fc.constantFrom(100, FULL), count: fc.integer({ min: 1, max: 70 }), gap: fc.constantFrom(0, 0, FULL), spacing: fc.constantFrom(7, 12), most: fc.integer({ min: 1, max: 64 }) });
    fc.assert(fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const note = (out: unknown[]) => (held: SuperSegment) => {
        const arrivals = Array.from({ length: held.runs }, (_, run) => Array.from({ length: held.counts[run] ?? 0 }, (_, i) => (held.firsts[run] ?? 0) + i * (held.spacings[run] ?? 0)));
        out.push([held.seq, held.bytes, held.frames, arrivals.flat()]);
      };
      const single: unknown[] = [];
      const together: unknown[] = [];
      const one = new Gro(note(single));
      const many = new Gro(note(together), 5);
      const runs = new FrameRuns();
      let seq = 0;
      let tick = 0;
      steps.forEach(({ payload, count, gap, spacing, most }, run) => {
        seq += gap;
        runs.append(tick + 5, spacing, seq, payload, payload + 66, count);
        for (let i = 0; i < count; i++) one.receive(seq + i * payload, payload, tick + i * spacing);
        for (let i = 0; i < count;) {
          const taken = many.receiveRun(runs, runs.slot(run), i, most);
          if (taken === 0) many.receive(seq + i * payload, payload, tick + i * spacing);
          i += Math.max(1, taken);
        }
        seq += count * payload;
        tick += count * spacing;
      });
      one.flush();
      many.flush();
      expect(together).toEqual(single);
    }));
  });

  test('a segment that comes twice is not merged with itself', () => expect(merged([[0, FULL], [0, FULL]])).toEqual([[0, FULL, 1], [0, FULL, 1]]));

  test('no byte is lost and none invented, in order', () => {
    fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: FULL }), fc.constantFrom(0, 0, 0, FULL)), { maxLength: 200 }), (steps) => {
      let seq = 0;
      const input = steps.map(([payload, gap]): [number, number] => {
        const segment: [number, number] = [seq + gap, payload];
        seq += gap + payload;
        return segment;
      });
      const out = merged(input);
      expect(out.reduce((sum, [, , frames]) => sum + frames, 0)).toBe(input.length);
      expect(out.reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(input.reduce((sum, [, payload]) => sum + payload, 0));
      expect(out.map(([first]) => first)).toEqual(out.map(([first]) => first).toSorted((a, b) => a - b));
      for (const [, bytes] of out) expect(bytes + 52).toBeLessThan(65_536);
    }));
  });
});

describe('the receive queue', () => {
  function queued(counts: readonly number[]): ReceiveQueue {
    const queue = new ReceiveQueue();
    let seq = 0;
    for (const count of counts) {
      const gro = new Gro((segment) => queue.append(segment, segment.seq));
      for (const [at, payload] of stream(count, seq)) gro.receive(at, payload, at);
      gro.flush();
      seq += count * FULL;
    }
    return queue;
  }

  test('charges a super-segment one sk_buff and all of its buffers, until it has been read whole', () => {
    const queue = queued([3, 1]);
    const all = 2 * FIRST_TRUESIZE + 2 * MERGED_TRUESIZE;
    expect(queue).toMatchObject({ bytes: 4 * FULL, frames: 4, charged: all });
    const latency = new LatencyHistogram();
    queue.take(2 * FULL, 0, latency);
    queue.take(FULL - 1, 0, latency);
    expect(queue.charged).toBe(all);
    queue.take(1, 0, latency);
    expect(queue).toMatchObject({ charged: FIRST_TRUESIZE, bytes: FULL, frames: 1 });
    queue.take(FULL, 0, latency);
    expect(queue).toMatchObject({ charged: 0, bytes: 0, frames: 0 });
  });

  test('holds each frame with its arrival, from the byte that is new on, and charges storage by super-segments', () => {
    const piece = fc.record({ frames: fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom(10, 10, 10, 25)), { minLength: 1, maxLength: 12 }), last: fc.integer({ min: 1, max: 100 }), old: fc.nat(500), read: fc.nat(700) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const queue = new ReceiveQueue();
        const latency = new LatencyHistogram();
        const ages: number[] = [];
        latency.addRun = (age, step, count) => {
          for (let i = 0; i < count; i++) ages.push(age - i * step);
        };
        const expected: number[] = [];
        let groups: { bytes: number; arrival: number }[][] = [];
        let charged: number[] = [];
        let now = 0;
        for (const { frames, last, old, read } of pieces) {
          const sizes = frames.map((_, i) => (i === frames.length - 1 ? last : 100));
          const from = Math.min(old, sizes.reduce((sum, size) => sum + size, 0) - 1);
          const gro = new Gro((segment) => queue.append(segment, from));
          const group: { bytes: number; arrival: number }[] = [];
          let seq = 0;
          frames.forEach(([late, gap], i) => {
            const size = sizes[i] ?? 0;
            now += gap + late;
            gro.receive(seq, size, now);
            seq += size;
            if (seq > from) group.push({ bytes: Math.min(size, seq - from), arrival: now });
          });
          gro.flush();
          groups.push(group);
          charged.push(FIRST_TRUESIZE + (group.length - 1) * MERGED_TRUESIZE);
          const there = groups.flat().reduce((sum, { bytes }) => sum + bytes, 0);
          expect(queue).toMatchObject({ bytes: there, frames: groups.flat().length, charged: charged.reduce((a, b) => a + b) });
          const wanted = Math.min(read, there);
          let left = wanted;
          let [touched, holding] = [0, 0];
          for (const one of groups) {
            if (left > 0) touched++;
            for (const frame of one) {
              if (left <= 0) break;
              holding++;
              const taken = Math.min(left, frame.bytes);
              left -= taken;
              frame.bytes -= taken;
              if (frame.bytes === 0) expected.push(now - frame.arrival);
            }
          }
          expect([queue.framesHolding(wanted), queue.segmentsHolding(wanted)]).toEqual([holding, touched]);
          queue.take(wanted, now, latency);
          groups = groups.map((one) => one.filter(({ bytes }) => bytes > 0));
          charged = charged.filter((_, i) => (groups[i]?.length ?? 0) > 0);
          groups = groups.filter((one) => one.length > 0);
          expect(queue).toMatchObject({ bytes: there - wanted, frames: groups.flat().length, charged: charged.reduce((a, b) => a + b, 0) });
        }
        expect(ages).toEqual(expected);
      }),
    );
  });

  test('knows how many frames and super-segments a read touches', () => {
    const queue = queued([3, 2, 1]);
    expect([1, FULL, FULL + 1, 3 * FULL, 3 * FULL + 1, 6 * FULL].map((bytes) => [queue.framesHolding(bytes), queue.segmentsHolding(bytes)]))
      .toEqual([[1, 1], [1, 1], [2, 1], [3, 1], [4, 2], [6, 3]]);
  });
});
