import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LatencyHistogram } from '../../src/anykernel/latency.ts';
import { FRAME_STORAGE, SB_MAX, SB_MAX_DATA, SocketBuffer } from '../../src/anykernel/socket-buffer.ts';

describe('limits', () => {
  test('NetBSD on i386: 256 bytes of mbuf and 2 KB of cluster a frame, 256 KB of storage, 233,016 bytes of data', () => {
    expect([FRAME_STORAGE, SB_MAX, SB_MAX_DATA]).toEqual([2304, 262_144, 233_016]);
  });

  test('room is what the mark leaves, for full frames', () => {
    const buffer = new SocketBuffer(87_380);
    expect(buffer.space).toBe(87_380);
    buffer.append(1448, 0, 0, 60);
    expect(buffer.space).toBe(87_380 - 60 * 1448);
  });

  test('storage may reach twice the mark: it binds for frames of less than 1,152 bytes', () => {
    const buffer = new SocketBuffer(87_380);
    buffer.append(100, 0, 0, 75);
    expect(buffer.space).toBe(2 * 87_380 - 75 * 2304);
    expect(buffer.space).toBeLessThan(87_380 - 7500);
    buffer.append(100, 0);
    expect(buffer.space).toBe(0);
  });

  test('storage ends at SB_MAX: a grown buffer holds 113 frames, not the 150 its mark would allow', () => {
    const buffer = new SocketBuffer(218_452);
    let frames = 0;
    for (; buffer.holds(1448, 1); frames++) buffer.append(1448, 0);
    // After 113 frames 1,792 bytes of storage are left, room for one more segment but for no further one.
    expect(frames).toBe(114);
    expect(buffer.space).toBe(0);
  });
});

interface Frame {
  bytes: number;
  readonly arrival: number;
}

const act = fc.oneof(
  fc.record({ kind: fc.constant('append' as const), bytes: fc.integer({ min: 1, max: 1448 }), count: fc.integer({ min: 1, max: 40 }), spacing: fc.nat(20) }),
  fc.record({ kind: fc.constant('take' as const), bytes: fc.integer({ min: 0, max: 20_000 }), count: fc.constant(0), spacing: fc.constant(0) }),
);

test('bytes leave in order, frame by frame, whatever is appended and taken', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), fc.integer({ min: 1, max: 200_000 }), (acts, hiwat) => {
      const buffer = new SocketBuffer(hiwat);
      const latency = new LatencyHistogram();
      const ages: number[] = [];
      latency.addRun = (age, step, count) => {
        for (let i = 0; i < count; i++) ages.push(age - i * step);
      };
      const frames: Frame[] = [];
      const found: unknown[] = [];
      const expected: unknown[] = [];
      let now = 0;
      for (const { kind, bytes, count, spacing } of acts) {
        now += 1_000;
        if (kind === 'append') {
          buffer.append(bytes, now, spacing, count);
          for (let i = 0; i < count; i++) frames.push({ bytes, arrival: now + i * spacing });
        } else {
          const there = frames.reduce((sum, frame) => sum + frame.bytes, 0);
          const wanted = Math.min(bytes, there);
          let holding = 0;
          for (let left = wanted; left > 0; holding++) left -= frames[holding]?.bytes ?? Infinity;
          found.push(buffer.framesHolding(wanted));
          expected.push(holding);
          buffer.take(bytes, now, latency);
          for (let left = wanted; left > 0;) {
            const [oldest] = frames;
            if (oldest === undefined) throw new Error('bytes without a frame');
            const taken = Math.min(left, oldest.bytes);
            left -= taken;
            oldest.bytes -= taken;
            if (oldest.bytes > 0) continue;
            expected.push(now - oldest.arrival);
            frames.shift();
          }
          found.push(...ages.splice(0));
        }
        const held = frames.reduce((sum, frame) => sum + frame.bytes, 0);
        found.push([buffer.bytes, buffer.frames, buffer.space]);
        expected.push([held, frames.length, Math.max(0, Math.min(hiwat - held, Math.min(2 * hiwat, SB_MAX) - frames.length * FRAME_STORAGE))]);
      }
      expect(found).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('frames that go on at an even distance join the last run: any number of them takes one place', () => {
  const buffer = new SocketBuffer(SB_MAX);
  const runs: number[][] = [];
  const latency = new LatencyHistogram();
  latency.addRun = (...run) => void runs.push(run);
  for (let i = 0; i < 10_000; i++) buffer.append(1, 100 + 10 * i);
  buffer.append(1, 100_100, 10, 2);
  buffer.append(1, 100_130, 11, 2);
  buffer.append(2, 100_152, 11, 1);
  buffer.take(20_000, 200_000, latency);
  expect(runs).toEqual([[199_900, 10, 10_002], [99_870, 11, 2], [99_848, 11, 1]]);
});

test('what is noted counts when it is charged', () => {
  const buffer = new SocketBuffer(10_000);
  buffer.note(1000, 0, 10, 4);
  expect([buffer.bytes + 0, buffer.frames, buffer.space]).toEqual([0, 0, 10_000]);
  buffer.charge(1000, 1);
  buffer.charge(3000, 3);
  expect([buffer.bytes, buffer.frames, buffer.space]).toEqual([4000, 4, 6000]);
});

test('holds: as many frames as could be appended one by one, each into the room that is left', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 250_000 }), fc.integer({ min: 1, max: 1460 }), fc.integer({ min: 1, max: 200 }), fc.nat(100), (hiwat, bytes, count, before) => {
      const [whole, single] = [new SocketBuffer(hiwat), new SocketBuffer(hiwat)];
      for (const buffer of [whole, single]) for (let i = 0; i < before; i++) buffer.append(700, 0);
      let fits = true;
      for (let i = 0; i < count && fits; i++) {
        fits = bytes <= single.space;
        single.append(bytes, 0);
      }
      expect(whole.holds(bytes, count)).toBe(fits);
    }),
  );
});

test('more runs than any window allows is an error, not a loss', () => {
  const buffer = new SocketBuffer(SB_MAX);
  for (let i = 0; i < 4096; i++) buffer.append(1 + (i % 2), 0);
  expect(() => buffer.append(1, 0)).toThrow(RangeError);
});
