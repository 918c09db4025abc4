import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ACK, BYTES, COUNT, FLAGS, PAYLOAD, SACK_HIGH, SACK_LOW, SEQ, WINDOW } from '../../src/hw/frame.ts';
import { ProbeEvent } from '../../src/hw/probe.ts';
import { HardwareColumn, TRACE_FORMATS, TRACE_KINDS, WireColumn, WireKind } from '../../src/trace/format.ts';
import { metadataJsonSchema, newMetadata, parseMetadata, type TraceMetadata } from '../../src/trace/metadata.ts';
import { ORIGIN, refusal } from './traces.ts';

const names = (list: readonly { readonly name: string }[]): string[] => list.map(({ name }) => name);
const kebab = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

describe('the columns', () => {
  test('of a wire trace stand where the constants say, the words of a frame in their order', () => {
    const columns = names(TRACE_FORMATS.wire.columns);
    for (const [name, place] of Object.entries(WireColumn)) expect(columns[place]).toBe(name);
    const words: Readonly<Record<string, number>> = { bytes: BYTES, seq: SEQ, payload: PAYLOAD, ack: ACK, window: WINDOW, sack_low: SACK_LOW, sack_high: SACK_HIGH, flags: FLAGS };
    for (const [name, word] of Object.entries(words)) expect(columns[WireColumn.bytes + word]).toBe(name);
    expect(Object.keys(words)).toHaveLength(COUNT);
  });

  test('of a hardware trace stand where the constants say', () => {
    expect(names(TRACE_FORMATS.hardware.columns)).toEqual(Object.keys(HardwareColumn));
  });

  test.each(TRACE_KINDS)('of a %s trace begin with a 64-bit time, have a meaning and a unit, and their names fit into 16 bits', (kind) => {
    const { columns, dictionaries } = TRACE_FORMATS[kind];
    expect(columns[0]).toMatchObject({ name: 't', type: 'int64' });
    for (const column of columns) {
      expect(column.meaning.length * column.unit.length).toBeGreaterThan(0);
      expect(column.type === 'dictionary').toBe(Object.hasOwn(dictionaries, column.name));
    }
    for (const entries of Object.values(dictionaries)) {
      expect(entries.length).toBeLessThan(32_768);
      expect(new Set(names(entries)).size).toBe(entries.length);
    }
  });

  test('codes are places in the dictionaries', () => {
    const wire = names(TRACE_FORMATS.wire.dictionaries['kind'] ?? []);
    for (const [name, code] of Object.entries(WireKind)) expect(wire[code]).toBe(kebab(name));
    const hardware = names(TRACE_FORMATS.hardware.dictionaries['kind'] ?? []);
    for (const [name, code] of Object.entries(ProbeEvent)) expect(hardware[code]).toBe(kebab(name));
    expect(hardware).toHaveLength(Object.keys(ProbeEvent).length);
  });
});

describe('the metadata', () => {
  const good = newMetadata('wire', ORIGIN);
  const parse = (change: Partial<Record<keyof TraceMetadata, unknown>>) => () => parseMetadata('x.arrow', JSON.stringify({ ...good, ...change }));

  test('come back as they were given', () => {
    expect(parseMetadata('x.arrow', JSON.stringify(good))).toEqual(good);
    const far = { ...good, clock: { domain: 'host', unit: 'ns', picoseconds: { numerator: 1000, denominator: 1 }, origin: '1794000000123456789', originMeaning: '1970-01-01T00:00:00Z' } };
    expect(parseMetadata('x.arrow', JSON.stringify(far))).toEqual(far);
  });

  test('may say more than this version knows', () => {
    expect(parse({ later: 1 } as never)()).toEqual(good);
  });

  test.each([
    ['another version', { version: 2 }, 'x.arrow: metadata: version 2, this program reads version 1; record the trace again'],
    ['no version', { version: undefined }, 'metadata: no version, this program reads version 1'],
    ['another format', { format: 'something' }, "format is not 'rumpsim-trace'"],
    ['an unknown kind', { kind: 'disk' }, 'metadata: kind: '],
    ['an unknown unit', { clock: { ...good.clock, unit: 'us' } }, 'metadata: clock.unit: '],
    ['an origin that is a number', { clock: { ...good.clock, origin: 0 } }, 'metadata: clock.origin: '],
    ['negative rows', { rows: -1 }, 'metadata: rows: '],
  ])('with %s are refused', (_what, change, message) => {
    expect(refusal(parse(change))).toContain(message);
  });

  test('that are missing or no JSON are refused', () => {
    expect(refusal(() => parseMetadata('x.arrow', undefined))).toBe("x.arrow: metadata: this Arrow file has no 'rumpsim.trace', so it is not a trace; give a file that was recorded as a trace");
    expect(refusal(() => parseMetadata('x.arrow', '{'))).toContain('is not JSON');
  });

  test('have their JSON Schema published as it is: `rumpsim schema trace --out schema/trace-metadata.schema.json` writes it', () => {
    const file = new URL('../../schema/trace-metadata.schema.json', import.meta.url);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(metadataJsonSchema());
  });
});
