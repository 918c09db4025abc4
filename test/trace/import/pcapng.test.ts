import { describe, expect, test } from 'vitest';
import { PCAPNG } from '../../../src/trace/import/pcapng.ts';
import { refusal } from '../traces.ts';
import { imported } from './imported.ts';
import { ipv4, join, Pcapng, reply, segment, SERVER, tcp, u8 } from './packets.ts';

/** 1 s after 2023-11-14T22:13:20Z, in parts of a second. */
const SECONDS = 1_700_000_001n;
const frame = (payload: number): Uint8Array => segment({ payload });

describe.each([['little-endian', true], ['big-endian', false]])('a %s file', (_order, little) => {
  const ng = new Pcapng(little);
  const bytes = join(
    ng.section('dumpcap 4.0'), ng.interface(), ng.packet(SECONDS * 1_000_000n + 5n, frame(10)), ng.block(5, new Uint8Array(20)), ng.block(98, u8()), ng.block(0x80000bad, new Uint8Array(4000)),
    ng.oldPacket(SECONDS * 1_000_000n + 6n, reply({ ack: 10 })), ng.packet(SECONDS * 1_000_000n + 4n, segment({ payload: 50 }).subarray(0, 60), { original: 104 }),
  );

  test('is read: packets of three kinds, what is not known passed over, in chunks of any size', () => {
    expect(PCAPNG.detect(bytes)).toBe(true);
    const result = imported(PCAPNG, bytes);
    expect(result.rows.map(({ t, kind, bytes: length, payload }) => [t, kind, length, payload])).toEqual([[0, 'rx-data', 104, 50], [1000, 'rx-data', 64, 10], [2000, 'tx-ack', 54, 0]]);
    expect(result.metadata).toMatchObject({ clock: { unit: 'ns', origin: String(SECONDS * 1_000_000_000n + 4000n), domain: 'host' }, producer: { name: 'dumpcap 4.0' }, recorded: { command: 'a test' } });
    for (const chunk of [1, 2, 3, 5, 7, 11, 13, 64, 100]) expect(imported(PCAPNG, bytes, {}, chunk)).toEqual(result);
  });

  test('cut anywhere gives its whole frames with a warning, and is refused by a strict import', () => {
    const all = imported(PCAPNG, join(ng.section(), ng.interface(), ng.packet(1n, frame(1)), ng.packet(2n, frame(2)), ng.packet(3n, frame(3))), { local: SERVER }).rows;
    const blocks = [ng.section(), ng.interface(), ng.packet(1n, frame(1)), ng.block(77, new Uint8Array(40)), ng.packet(2n, frame(2)), ng.packet(3n, frame(3))];
    const whole = join(...blocks);
    const ends = blocks.map((_, i) => join(...blocks.slice(0, i + 1)).length);
    for (let length = 4; length < whole.length; length++) {
      if (ends.includes(length)) continue;
      const done = ends.filter((end) => end <= length);
      const packets = [0, 0, 0, 1, 1, 2][done.length] ?? NaN;
      const result = imported(PCAPNG, whole.subarray(0, length), { local: SERVER }, 33);
      expect(result.rows).toEqual(all.slice(0, packets));
      const place = `byte ${done.at(-1) ?? 0}: the file is cut off in the block that begins here`;
      expect(result.warnings.filter((text) => text.includes('cut off'))).toEqual([expect.stringContaining(place)]);
      expect(refusal(() => imported(PCAPNG, whole.subarray(0, length), { strict: true }, 1))).toContain(place);
    }
  });
});

describe('times', () => {
  const ng = new Pcapng();

  /** floor(ticks / 2^bits s) in units, by integers of any size. */
  const exact = (ticks: bigint, parts: bigint, perSecond: bigint): bigint => (ticks * perSecond) / parts;

  test.each([
    ['10^-3', 3, 10n ** 3n, 'ns'], ['10^-6', 6, 10n ** 6n, 'ns'], ['10^-9', 9, 10n ** 9n, 'ns'], ['10^-12', 12, 10n ** 12n, 'ps'], ['10^-10', 10, 10n ** 10n, 'ps'],
    ['2^-10', 0x8a, 2n ** 10n, 'ns'], ['2^-20', 0x94, 2n ** 20n, 'ns'], ['2^-32', 0xa0, 2n ** 32n, 'ps'], ['2^-40', 0xa8, 2n ** 40n, 'ps'], ['1 s', 0, 1n, 'ns'],
  ])('in parts of %s are exact', (_what, resolution, parts, unit) => {
    const perSecond = unit === 'ns' ? 10n ** 9n : 10n ** 12n;
    // 64 bits hold 2^64 / parts seconds.
    const start = parts <= 2n ** 33n ? SECONDS * parts : 1000n * parts;
    const times = Array.from({ length: 200 }, (_, i) => start + (BigInt(i) * parts * 7n) / 11n + BigInt(i * i));
    const result = imported(PCAPNG, join(ng.section(), ng.interface({ resolution }), ...times.map((time) => ng.packet(time, frame(1)))));
    const origin = exact(start, parts, perSecond);
    expect(result.metadata.clock).toMatchObject({ unit, origin: String(origin), picoseconds: { numerator: unit === 'ns' ? 1000 : 1, denominator: 1 } });
    expect(result.rows.map(({ t }) => t)).toEqual(times.map((time) => Number(exact(time, parts, perSecond) - origin)));
  });

  test('of several interfaces and sections are put on one clock and in order', () => {
    const big = new Pcapng(false);
    const at = SECONDS;
    const bytes = join(
      ng.section(), ng.interface(), ng.interface({ resolution: 9, link: 101, offset: -5n }), ng.interface({ resolution: 0x8a }),
      ng.packet(at * 1_000_000n + 30n, frame(1)), ng.packet((at + 5n) * 1_000_000_000n + 10_001n, ipv4(tcp({ payload: 2 })), { id: 1 }), ng.packet(at * 1024n + 1n, frame(3), { id: 2 }),
      big.section(), big.interface({ link: 113, resolution: 3 }), big.packet(at * 1000n + 1n, join(u8(0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 2, 0, 0, 8, 0), ipv4(tcp({ payload: 4 })))),
    );
    const result = imported(PCAPNG, bytes);
    expect(result.rows.map(({ t, payload }) => [t, payload])).toEqual([[0, 2], [19_999, 1], [966_561, 3], [989_999, 4]]);
    expect(result.metadata.clock.origin).toBe(String(at * 1_000_000_000n + 10_001n));
    expect(result.metadata.recorded.notes).toContain('Ethernet and raw IP and Linux cooked capture');
  });

  test('finer than nanoseconds that come late are rounded down, with a warning', () => {
    const bytes = join(ng.section(), ng.interface({ resolution: 9 }), ng.packet(5_000_000_000n, frame(1)), ng.interface({ resolution: 12 }), ng.packet(5_000_000_001_999n, frame(2), { id: 1 }));
    const result = imported(PCAPNG, bytes);
    expect(result.rows.map(({ t }) => t)).toEqual([0, 1]);
    expect(result.warnings.join()).toContain('rounded down');
  });

  test('that simple packets lack are those of the frame before', () => {
    const bytes = join(ng.section(), ng.interface({ snap: 60 }), ng.simple(frame(9).subarray(0, 60), 63), ng.packet(7_000_001n, frame(1)), ng.simple(frame(2)));
    const result = imported(PCAPNG, bytes);
    expect(result.rows.map(({ t, bytes: length, payload }) => [t, length, payload])).toEqual([[0, 63, 9], [1000, 55, 1], [1000, 56, 2]]);
    expect(result.warnings.filter((text) => text.includes('simple packet blocks'))).toEqual([expect.stringContaining('(2 times')]);
  });
});

describe('what cannot be', () => {
  const ng = new Pcapng();
  const head = join(ng.section(), ng.interface());
  const spoil = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
    const copy = bytes.slice();
    new DataView(copy.buffer).setUint32(at, value, true);
    return copy;
  };
  const one = join(head, ng.packet(1n, frame(1)));

  test.each([
    ['nothing', u8(), 'byte 0: the file is empty'],
    ['another format', new Uint8Array(40), 'byte 0: this is not a pcapng file'],
    ['a section without byte order', spoil(ng.section(), 8, 0), 'byte 0: a section without its byte-order mark'],
    ['another version', spoil(ng.section(), 12, 2), 'byte 0: pcapng version 2.0'],
    ['a block that is too short', spoil(one, head.length + 4, 8), `byte ${head.length}: a block of 8 bytes cannot be`],
    ['a block of an odd length', spoil(one, head.length + 4, 101), `byte ${head.length}: a block of 101 bytes cannot be`],
    ['a block that is too long', spoil(one, head.length + 4, 0x7ffffffc), `byte ${head.length}: a block of 2147483644 bytes cannot be`],
    ['a block that ends otherwise', spoil(one, one.length - 4, 12), `byte ${head.length}: a block does not end with its length`],
    ['a passed block that ends otherwise', join(head, spoil(ng.block(99, u8(1, 2, 3, 4)), 12, 20)), `byte ${head.length + 12}: a block does not end with its length`],
    ['a frame that does not fit', spoil(one, head.length + 20, 1000), `byte ${head.length}: a frame of 1000 captured bytes in a block with room for 56`],
    ['an absurd length', spoil(one, head.length + 24, 0xffffffff), `byte ${head.length}: a frame of 4294967295 bytes cannot be`],
    ['an unknown interface', join(head, ng.packet(1n, frame(1), { id: 3 })), `byte ${head.length}: a frame of interface 3`],
    ['times finer than can be read', join(ng.section(), ng.interface({ resolution: 13 })), 'byte 28: times of 10^-13 s'],
    ['an option beyond its block', join(ng.section(), ng.block(1, join(ng.half(1), ng.half(0), ng.word(0), ng.half(9), ng.half(500)))), 'byte 44: an option is longer'],
    ['times too far apart', join(one, ng.packet(2n ** 60n, frame(1))), `byte ${one.length}: this frame's time is too far`],
  ])('%s is refused with its place', (_what, bytes, message) => {
    for (const chunk of [1, 65_536]) expect(refusal(() => imported(PCAPNG, bytes, {}, chunk))).toContain(`test.file: ${message}`);
  });

  test('frames of a link type that cannot be read are left out with a warning, or refused', () => {
    const bytes = join(head, ng.interface({ link: 105 }), ng.packet(1n, frame(1), { id: 1 }), ng.packet(2n, frame(2)));
    const result = imported(PCAPNG, bytes);
    expect(result.rows.map(({ payload }) => payload)).toEqual([2]);
    expect(result.warnings.join()).toContain('frames of link type 105 cannot be read');
    expect(refusal(() => imported(PCAPNG, bytes, { strict: true }))).toContain('link type 105');
  });
});
