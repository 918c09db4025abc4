import { describe, expect, test } from 'vitest';
import { ACK, BYTES, COUNT, FLAGS, FRAME_WORDS, FULL_PAYLOAD_BYTES, PAYLOAD, SACK_HIGH, SACK_LOW, SEQ, SPACING, WINDOW, maxPayload, segmentBytes, wireBytes } from '../../src/hw/frame.ts';

describe('frame sizes', () => {
  test('a full segment with timestamps: 1448 bytes of payload, 1514 of frame, 1538 of wire', () => {
    expect(FULL_PAYLOAD_BYTES).toBe(1448);
    expect(maxPayload(true)).toBe(1448);
    expect(segmentBytes(maxPayload(true))).toBe(1514);
    expect(wireBytes(1514)).toBe(1538);
  });

  test('without timestamps 12 bytes more of payload fit into the same frame', () => {
    expect(maxPayload(false)).toBe(1460);
    expect(segmentBytes(maxPayload(false), false)).toBe(1514);
  });

  test('an ACK has 66 bytes, with a SACK block 78', () => {
    expect(segmentBytes(0)).toBe(66);
    expect(segmentBytes(0, true, true)).toBe(78);
  });

  test('a frame below 60 bytes is padded: the shortest one takes 84 bytes of wire', () => {
    expect(wireBytes(segmentBytes(0, false))).toBe(84);
    expect(wireBytes(60)).toBe(84);
    expect(wireBytes(61)).toBe(85);
  });

  test('the words of a frame are distinct and fill its record', () => {
    expect([BYTES, SEQ, PAYLOAD, ACK, WINDOW, SACK_LOW, SACK_HIGH, FLAGS, COUNT, SPACING].toSorted((a, b) => a - b)).toEqual(Array.from({ length: FRAME_WORDS }, (_, i) => i));
  });
});
