import { describe, expect, test } from 'vitest';
import { PCAP } from '../../../src/trace/import/pcap.ts';
import type { ImportOptions } from '../../../src/trace/import/importer.ts';
import { refusal } from '../traces.ts';
import { imported, type Imported } from './imported.ts';
import { ACK, CLIENT, ethernet, FIN, ipv4, ipv6, join, type Packet, pcap, pcapHeader, pcapRecord, type PcapOptions, PSH, reply, RST, segment, SERVER, SYN, tcp, TIMESTAMPS, u16, u32, u8, v6 } from './packets.ts';

type Given = Partial<Pick<ImportOptions, 'strict' | 'local'>>;

/** Imports frames a microsecond apart. */
function frames(list: readonly Uint8Array[], options: Given = {}, pcapOptions: PcapOptions = {}): Imported {
  return imported(PCAP, pcap(list.map((frame, i): Packet => ({ time: [100, i], frame })), pcapOptions), options);
}

/** Columns of rows. */
function pick(result: Imported, ...names: readonly string[]): (number | string | undefined)[][] {
  return result.rows.map((row) => names.map((name) => row[name]));
}

const SYN_OPTIONS = u8(2, 4, 5, 0xb4, 1, 3, 3, 7); // MSS 1460, scale 7
/** Opens a connection with initial numbers 1000 and 5000. */
const HANDSHAKE = [
  segment({ seq: 1000, flags: SYN, options: SYN_OPTIONS, window: 64_240 }),
  reply({ seq: 5000, ack: 1001, flags: SYN | ACK, options: u8(2, 4, 5, 0xb4, 1, 3, 3, 2), window: 65_160 }),
  segment({ seq: 1001, ack: 5001, window: 502 }),
];

describe('the file', () => {
  const packets: Packet[] = [
    { time: [1_700_000_000, 999_999], frame: segment({ payload: 100 }) },
    { time: [1_700_000_001, 2], frame: reply({ ack: 100 }) },
  ];

  test.each([
    ['microseconds, little-endian', {}, 1000],
    ['microseconds, big-endian', { little: false }, 1000],
    ['nanoseconds, little-endian', { magic: 0xa1b23c4d }, 1],
    ['nanoseconds, big-endian', { magic: 0xa1b23c4d, little: false }, 1],
    ['modified by Kuznetzov', { magic: 0xa1b2cd34 }, 1000],
  ])('%s: times and frames are read', (_what, options: PcapOptions, unit) => {
    const bytes = pcap(packets, options);
    expect(PCAP.detect(bytes)).toBe(true);
    const result = imported(PCAP, bytes);
    expect(result.metadata.clock).toEqual({
      domain: 'host', unit: 'ns', picoseconds: { numerator: 1000, denominator: 1 }, origin: String(1_700_000_000n * 1_000_000_000n + BigInt(999_999 * unit)), originMeaning: '1970-01-01T00:00:00Z',
    });
    expect(pick(result, 't', 'kind', 'direction', 'bytes', 'payload', 'ack')).toEqual([[0, 'rx-data', 0, 154, 100, 0], [1e9 - 999_997 * unit, 'tx-ack', 1, 54, 0, 100]]);
    expect(result.metadata).toMatchObject({ kind: 'wire', loop: 'closed', rows: 2, frames: { in: 1, out: 1 }, producer: { name: 'pcap', version: '2.4' }, flows: [{ flow: 0, meaning: '10.0.0.1:5201 <- 10.0.0.2:40000' }] });
    for (let chunk = 1; chunk < 40; chunk++) expect(imported(PCAP, bytes, {}, chunk)).toEqual(result);
  });

  test('may hold no frame', () => {
    const result = imported(PCAP, pcapHeader());
    expect(result.rows).toEqual([]);
    expect(result.metadata).toMatchObject({ clock: { origin: '0' }, frames: { in: 0, out: 0 }, span: null, loop: 'open' });
  });

  test('cut anywhere gives its whole frames and one warning with the byte of the cut one, and is refused by a strict import', () => {
    const bytes = pcap(packets);
    const ends = [24, 24 + 16 + 154, bytes.length];
    const all = imported(PCAP, bytes, { local: SERVER }).rows;
    for (let length = 4; length < bytes.length; length++) {
      const cut = bytes.subarray(0, length);
      if (ends.includes(length)) continue;
      const start = Math.max(0, ...ends.filter((end) => end <= length));
      const whole = ends.indexOf(start) < 0 ? 0 : ends.indexOf(start);
      const result = imported(PCAP, cut, { local: SERVER });
      expect(result.rows).toEqual(all.slice(0, whole));
      expect(result.warnings.filter((text) => text.includes('cut off'))).toEqual([expect.stringContaining(`test.file: byte ${start}: the file is cut off in the record that begins here; the ${whole} whole frames`)]);
      expect(refusal(() => imported(PCAP, cut, { strict: true }))).toContain(`test.file: byte ${start}: the file is cut off`);
    }
  });

  test.each([
    ['nothing at all', u8(), 'byte 0: the file is empty'],
    ['no capture', u8(1, 2, 3, 4, 5), 'byte 0: this is not a pcap file'],
    ['another version', pcapHeader({ version: [3, 0] }), 'byte 4: pcap version 3.0'],
    ['another link type', pcapHeader({ link: 105 }), 'byte 20: link type 105 cannot be read'],
    ['an absurd captured length', join(pcapHeader(), u32(0), u32(0), u8(1, 0, 4, 0), u32(0)), 'byte 24: a frame of 262145 captured bytes cannot be'],
    ['an absurd length', join(pcapHeader(), u32(0), u32(0), u32(0), u8(255, 255, 255, 255)), 'byte 24: a frame of 4294967295 bytes cannot be'],
    ['times too far apart', pcap([{ time: [0, 0], frame: segment() }, { time: [4e9, 0], frame: segment() }]), 'byte 94: this frame\'s time is too far from the first'],
  ])('%s is refused', (_what, bytes, message) => {
    const said = refusal(() => imported(PCAP, bytes, {}, 7));
    expect(said).toContain(`test.file: ${message}`);
    expect(said).toMatch(/; .+/);
  });

  test('a fraction of a second that is none is taken as it stands, or refused', () => {
    const bytes = pcap([{ time: [5, 0], frame: segment() }, { time: [5, 1_000_001], frame: segment() }]);
    const result = imported(PCAP, bytes);
    expect(pick(result, 't')).toEqual([[0], [1_000_001_000]]);
    expect(result.warnings.join()).toContain('byte 94: a frame\'s time has 1000001 of 1000000 parts');
    expect(refusal(() => imported(PCAP, bytes, { strict: true }))).toContain('byte 94');
  });
});

describe('frames', () => {
  test('are as long as on the link, without FCS and padding, however few bytes were kept', () => {
    const cases = [segment({ options: TIMESTAMPS, payload: 1448 }), segment({ options: TIMESTAMPS }), segment(), ethernet(new Uint8Array(46), 0x0806)];
    for (const snap of [60, 68, 96, 65_535]) {
      // FCS of 4 bytes, and the padding to 60.
      const packets = cases.map((frame, i): Packet => ({ time: [1, i], frame: join(frame, new Uint8Array(Math.max(0, 60 - frame.length) + 4)) }));
      const result = imported(PCAP, pcap(packets, { snap, link: 0x24000001 }));
      expect(pick(result, 'bytes', 'payload', 'kind')).toEqual([[1514, 1448, 'rx-data'], [66, 0, 'rx-ack'], [54, 0, 'rx-ack'], [60, 0, 'rx-other']]);
    }
  });

  test('of which too little was kept for the TCP header are other frames, with a warning', () => {
    const result = frames([segment({ payload: 10 })], {}, { snap: 53 });
    expect(pick(result, 'kind', 'bytes', 'payload')).toEqual([['rx-other', 64, 0]]);
    expect(result.warnings.join()).toContain('byte 24: frames were captured too short');
  });

  const packet = ipv4(tcp({ payload: 7 }));
  const packet6 = ipv6(tcp({ payload: 7 }));
  test.each([
    ['Ethernet', 1, ethernet(packet, 0x0800), 61],
    ['a VLAN', 1, ethernet(packet, 0x0800, { tags: [0x8100] }), 65],
    ['QinQ', 1, ethernet(packet, 0x0800, { tags: [0x88a8, 0x8100] }), 69],
    ['old QinQ', 1, ethernet(packet6, 0x86dd, { tags: [0x9100, 0x8100] }), 89],
    ['raw IP', 101, packet, 61],
    ['raw IP of BSD', 12, packet6, 81],
    ['raw IP of OpenBSD', 14, packet, 61],
    ['raw IPv4', 228, packet, 61],
    ['raw IPv6', 229, packet6, 81],
    ['BSD loopback, little-endian', 0, join(u8(2, 0, 0, 0), packet), 61],
    ['BSD loopback, big-endian, IPv6', 0, join(u8(0, 0, 0, 30), packet6), 81],
    ['OpenBSD loopback', 108, join(u8(0, 0, 0, 24), packet6), 81],
    ['Linux cooked', 113, join(u16(0), u16(1), u16(6), u8(2, 0, 0, 0, 0, 2, 0, 0), u16(0x0800), packet), 61],
    ['Linux cooked with a VLAN', 113, join(u16(0), u16(1), u16(6), u8(2, 0, 0, 0, 0, 2, 0, 0), u16(0x8100), u16(5), u16(0x86dd), packet6), 85],
    ['Linux cooked v2', 276, join(u16(0x0800), u16(0), u32(3), u16(1), u8(0, 6, 2, 0, 0, 0, 0, 2, 0, 0), packet), 61],
  ])('over %s', (_what, link, frame, bytes) => {
    expect(pick(frames([frame], {}, { link }), 'kind', 'bytes', 'payload', 'window', 'flow')).toEqual([['rx-data', bytes, 7, 1000, 0]]);
  });

  test.each([
    ['IPv4 options', ethernet(ipv4(tcp({ payload: 7 }), { options: u8(1, 1, 1, 0) }), 0x0800), 'rx-data', 65],
    ['IPv6 hop-by-hop and destination options', ethernet(ipv6(join(u8(60, 0, 1, 4, 0, 0, 0, 0), u8(6, 1, 1, 12), new Uint8Array(12), tcp({ payload: 7 })), 0), 0x86dd), 'rx-data', 105],
    ['an IPv6 authentication header', ethernet(ipv6(join(u8(6, 4), new Uint8Array(22), tcp({ payload: 7 })), 51), 0x86dd), 'rx-data', 105],
    ['a first fragment', ethernet(ipv4(tcp({ payload: 8 }), { fragment: 0x2000 }), 0x0800), 'rx-other', 62],
    ['a later fragment', ethernet(ipv4(tcp({ payload: 8 }), { fragment: 1 }), 0x0800), 'rx-other', 62],
    ['an IPv6 fragment', ethernet(ipv6(join(u8(6, 0, 0, 1), u32(1), tcp({ payload: 8 })), 44), 0x86dd), 'rx-other', 90],
    ['UDP', ethernet(ipv4(new Uint8Array(20), { protocol: 17 }), 0x0800), 'rx-other', 54],
    ['a TCP header longer than its packet', ethernet(ipv4(tcp({}), { total: 39 }), 0x0800), 'rx-other', 53],
    ['an IP packet of 0 bytes, as offloading makes', ethernet(ipv4(tcp({ payload: 7 }), { total: 0 }), 0x0800), 'rx-data', 61],
  ])('with %s', (_what, frame, kind, bytes) => {
    const rows = pick(frames([frame], { local: frame[12] === 0x86 ? '2001:db8::1' : SERVER }), 'kind', 'bytes');
    expect(rows).toEqual([[kind, bytes]]);
  });
});

describe('a connection', () => {
  test('with its handshake: offsets from the SYN, scaled windows, flags', () => {
    const result = frames([
      ...HANDSHAKE,
      segment({ seq: 1001, ack: 5001, window: 502, payload: 1448, flags: ACK | PSH }),
      reply({ seq: 5001, ack: 2449, window: 1000 }),
      segment({ seq: 2449, ack: 5001, window: 502, flags: ACK | FIN }),
      reply({ seq: 5001, ack: 2450, window: 0, flags: RST | ACK }),
    ]);
    expect(pick(result, 'kind', 'seq', 'payload', 'ack', 'window', 'flags')).toEqual([
      ['rx-ack', 0, 0, 0, 64_240, 2], ['tx-ack', 0, 0, 0, 65_160, 2], ['rx-ack', 0, 0, 0, 502 * 128, 0], ['rx-data', 0, 1448, 0, 502 * 128, 8],
      ['tx-ack', 0, 0, 1448, 4000, 0], ['rx-ack', 0, 0, 0, 502 * 128, 1], ['tx-ack', 0, 0, 1449, 0, 4],
    ]);
    expect(result.warnings).toEqual([]);
  });

  test('whose ends did not both want window scaling has none', () => {
    const [open, , third] = HANDSHAKE;
    const result = frames([open ?? u8(), reply({ seq: 5000, ack: 1001, flags: SYN | ACK }), third ?? u8()]);
    expect(pick(result, 'window')).toEqual([[64_240], [1000], [502]]);
  });

  test('without its handshake: offsets from the lowest number, windows as in the header, a warning', () => {
    const result = frames([segment({ seq: 0xfffffff0, payload: 100, ack: 7 }), segment({ seq: 0xffffff8c, payload: 100, ack: 7 }), segment({ seq: 84, payload: 10, ack: 7 }), reply({ seq: 7, ack: 94, window: 77 })]);
    expect(pick(result, 'seq', 'ack', 'window')).toEqual([[100, 0, 1000], [0, 0, 1000], [200, 0, 1000], [0, 210, 77]]);
    expect(result.warnings).toEqual(['test.file: byte 24: the handshake is not in the capture, so the window scale is not known; windows stand as in the TCP header (4 times, this is the first); start the capture before the connection']);
  });

  test('beyond 4 GiB counts on, also with retransmissions across the turn and a stray RST', () => {
    const step = 1 << 30;
    const packets = [...HANDSHAKE];
    const expected: number[] = [];
    for (let i = 0; i < 13; i++) {
      packets.push(segment({ seq: (1001 + i * step) >>> 0, ack: 5001, payload: 1000 }), segment({ seq: 0x7777 * i, flags: RST }), reply({ seq: 5001, ack: (2001 + i * step) >>> 0 }));
      expected.push(i * step);
      if (i === 0) continue;
      packets.push(segment({ seq: (1001 + i * step - 500) >>> 0, ack: 5001, payload: 500 }));
      expected.push(i * step - 500);
    }
    const result = frames(packets);
    expect(result.rows.filter(({ payload }) => payload !== 0).map(({ seq }) => seq)).toEqual(expected);
    expect(result.rows.filter(({ kind, ack }) => kind === 'tx-ack' && ack !== 0).map(({ ack }) => ack)).toEqual(Array.from({ length: 13 }, (_, i) => i * step + 1000));
  });

  test('a keep-alive before the first byte is at 0', () => {
    const result = frames([...HANDSHAKE, segment({ seq: 1000, ack: 5001, payload: 1 })]);
    expect(pick(result, 'seq').at(-1)).toEqual([0]);
  });

  test('first SACK block, among other options; none is 0 and 0', () => {
    const sack = join(TIMESTAMPS, u8(1, 1, 5, 18), u32(3000), u32(4000), u32(6001), u32(7001));
    const result = frames([...HANDSHAKE, reply({ seq: 5001, ack: 2001, options: sack }), reply({ seq: 5001, ack: 2001, options: TIMESTAMPS })]);
    expect(pick(result, 'sack_low', 'sack_high').slice(-2)).toEqual([[1999, 2999], [0, 0]]);
  });

  test('opened again between the same ends is another one; a SYN sent twice is not', () => {
    const again = [segment({ seq: 90_000, flags: SYN }), segment({ seq: 90_000, flags: SYN }), reply({ seq: 1, ack: 90_001, flags: SYN | ACK }), segment({ seq: 90_001, ack: 2, payload: 5 })];
    const result = frames([...HANDSHAKE, ...again]);
    expect(pick(result, 'flow', 'seq')).toEqual([[0, 0], [0, 0], [0, 0], [1, 0], [1, 0], [1, 0], [1, 0]]);
    expect(result.metadata.flows).toHaveLength(2);
  });

  test('many at once are told apart', () => {
    const list = Array.from({ length: 3000 }, (_, i) => segment({ from: `10.1.${i >> 8}.${i & 255}`, sport: 1024 + (i % 7), seq: i, payload: 1 + (i % 50) }));
    const result = frames([...list, ...list]);
    expect(result.rows.map(({ flow }) => flow)).toEqual([...list.keys(), ...list.keys()]);
    expect(result.metadata.flows?.[2999 % 1000]?.meaning).toBe('10.0.0.1:5201 <- 10.1.3.231:1029');
  });

  test('segments above the announced size: one warning with their number and the remedy', () => {
    const result = frames([...HANDSHAKE, segment({ seq: 1001, ack: 5001, payload: 1460 }), segment({ seq: 2461, ack: 5001, payload: 2896 }), segment({ seq: 5357, ack: 5001, payload: 2896 })]);
    expect(result.warnings).toHaveLength(1);
    expect(result.warnings[0]).toMatch(/byte \d+: segments are longer than .*\(2 times, this is the first\); record with offloads off .*ethtool -K/);
  });
});

describe('the local end', () => {
  const arp = (from: number, to: number): Uint8Array => ethernet(new Uint8Array(28), 0x0806, { from, to });
  const talk = [segment({ payload: 10 }), reply({ payload: 50 }), arp(1, 255), arp(2, 255), ethernet(ipv4(tcp({ payload: 30 }), { from: '10.0.0.9', to: '10.0.0.8' }), 0x0800, { from: 9, to: 8 }), ethernet(ipv4(new Uint8Array(20), { from: SERVER, to: CLIENT, protocol: 17 }), 0x0800, { from: 1, to: 2 })];

  test.each([
    ['is the one that got most payload', undefined, ['tx-data', 'rx-data', 'rx-other', 'tx-other', 'rx-other', 'rx-other']],
    ['may be given by IPv4 address', SERVER, ['rx-data', 'tx-data', 'tx-other', 'rx-other', 'rx-other', 'tx-other']],
    ['may be given by Ethernet address', '02:00:00:00:00:01', ['rx-data', 'tx-data', 'tx-other', 'rx-other', 'rx-other', 'tx-other']],
  ])('%s', (_what, local, kinds) => {
    const result = frames(talk, { local });
    expect(result.rows.map(({ kind }) => kind)).toEqual(kinds);
    expect(result.metadata.frames).toEqual({ in: kinds.filter((kind) => kind.startsWith('rx')).length, out: kinds.filter((kind) => kind.startsWith('tx')).length });
    // Frames of others have no numbers of a connection.
    const others = result.rows.filter(({ kind }) => String(kind).endsWith('other'));
    for (const row of others) expect(row).toMatchObject({ seq: 0, payload: 0, ack: 0, window: 0, flags: 0, flow: 0 });
  });

  test('without payload is the one that was connected to, else the lower port', () => {
    expect(pick(frames([segment({ sport: 80, dport: 4000, flags: SYN })]), 'kind')).toEqual([['rx-ack']]);
    expect(pick(frames([segment({ sport: 80, dport: 4000 })]), 'kind')).toEqual([['tx-ack']]);
  });

  test('of a loopback capture is one end of each connection', () => {
    const own = { from: '127.0.0.1', to: '127.0.0.1' };
    const result = frames([segment({ ...own, payload: 5 }), segment({ ...own, sport: 5201, dport: 40_000, ack: 5 })]);
    expect(pick(result, 'kind', 'ack')).toEqual([['rx-data', 0], ['tx-ack', 5]]);
  });

  test('may be given by IPv6 address in any spelling', () => {
    const list = [ethernet(ipv6(tcp({ payload: 5 })), 0x86dd), ethernet(ipv6(tcp({ payload: 500, sport: 5201, dport: 40_000 }), 6, v6(1), v6(2)), 0x86dd)];
    for (const local of ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', '2001:db8::0.0.0.1']) expect(pick(frames(list, { local }), 'kind')).toEqual([['rx-data'], ['tx-data']]);
    expect(frames(list).metadata.flows).toEqual([{ flow: 0, meaning: '[2001:db8::2]:40000 <- [2001:db8::1]:5201' }]);
  });

  test('that is no address is refused; one that no frame has is warned of', () => {
    for (const local of ['10.0.0', '10.0.0.256', '1::2::3', 'fe80::12345', 'eth0', '1:2:3:4:5:6:7', '']) expect(refusal(() => frames(talk, { local }))).toContain(`test.file: --local: '${local}' is not an address; give`);
    const result = frames(talk, { local: '192.168.1.1' });
    expect(result.rows.every(({ kind }) => kind === 'rx-other')).toBe(true);
    expect(result.warnings).toContain('test.file: no frame is from 192.168.1.1 or of a connection of it; check --local');
  });
});

describe('frames out of time order', () => {
  const at = (micro: number, payload: number): Packet => ({ time: [50, micro], frame: segment({ payload }) });

  test('are put in order, those of one time as they came, and the first in time is the origin', () => {
    const result = imported(PCAP, pcap([at(5, 1), at(9, 2), at(7, 3), at(3, 4), at(7, 5), at(9, 6), at(8, 7), at(3, 8), at(10, 9)]));
    expect(pick(result, 't', 'payload')).toEqual([[0, 4], [0, 8], [2000, 1], [4000, 3], [4000, 5], [5000, 7], [6000, 2], [6000, 6], [7000, 9]]);
    expect(result.metadata.clock.origin).toBe('50000003000');
    expect(result.warnings.filter((text) => text.includes('frames earlier'))).toEqual([]);
  });

  test('by more than the window are given the time they are late for, or refused', () => {
    const header = pcapHeader();
    const record = pcapRecord(at(0, 1));
    const bytes = new Uint8Array(header.length + record.length * 70_000);
    bytes.set(header);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < 70_000; i++) {
      const place = header.length + i * record.length;
      bytes.set(record, place);
      view.setUint32(place + 4, i === 69_000 ? 1 : i, true);
    }
    const result = imported(PCAP, bytes);
    expect(result.rows).toHaveLength(70_000);
    const late = header.length + 69_000 * record.length;
    expect(result.warnings.find((text) => text.includes('65536 frames earlier'))).toContain(`byte ${late}: `);
    expect(refusal(() => imported(PCAP, bytes, { strict: true }))).toMatch(new RegExp(`byte ${late}: .*reordercap`));
    // 69,001 - 65,536 rows had been written when it came.
    expect(result.rows[3465]?.['t']).toBe(result.rows[3464]?.['t']);
  });

  test('in the worst order take no more than n log n', () => {
    const header = pcapHeader();
    const record = pcapRecord(at(0, 1));
    const count = 60_000;
    const bytes = new Uint8Array(header.length + record.length * count);
    bytes.set(header);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < count; i++) {
      const place = header.length + i * record.length;
      bytes.set(record, place);
      view.setUint32(place + 4, count - i, true);
    }
    const result = imported(PCAP, bytes);
    expect(result.rows.map(({ t }) => t)).toEqual(Array.from({ length: count }, (_, i) => i * 1000));
  });
});

