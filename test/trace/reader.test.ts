import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Float64, Int32, Int64, Uint16, Uint32, Utf8 } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { SIMULATED_CLOCK } from '../../src/trace/metadata.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { folder, read, refusal, rewrite, type Spoiled, wireRows, write } from './traces.ts';

const dir = folder();
const at = (name: string): string => join(dir, name);
const ROWS = wireRows(10);
write(at('good.arrow'), 'wire', ROWS, 4);
write(at('hardware.arrow'), 'hardware', [[5, 0, 0, 1, 2]]);

/** Reads a copy of the good trace that was spoiled. */
function spoiled(how: Spoiled, needs = {}): () => unknown {
  return () => {
    rewrite(at('good.arrow'), at('spoiled.arrow'), how);
    return read(at('spoiled.arrow'), needs);
  };
}

const put = (row: number, value: unknown) => (values: unknown[]): unknown[] => values.with(row, value);
const numbers = (values: unknown[]): unknown[] => values.map(Number);

describe('a trace that another program wrote', () => {
  test('is read, though it has no schema at its head', () => {
    expect(spoiled({})()).toEqual({ rows: ROWS, warnings: [] });
  });

  test('may hold its integers in other widths, also as floating point, and its names plainly', () => {
    const columns = {
      t: { type: new Float64(), values: numbers }, bytes: { type: new Uint16(), values: numbers }, seq: { type: new Uint32(), values: numbers },
      kind: { type: new Utf8(), values: (values: unknown[]) => values }, flags: { type: new Int64(), values: (values: unknown[]) => values.map((value) => BigInt(value as number)) },
    };
    expect(spoiled({ columns })()).toEqual({ rows: ROWS, warnings: [] });
  });

  test('may have names that this version does not know: codes beyond its own', () => {
    rewrite(at('good.arrow'), at('names.arrow'), { columns: { kind: { type: new Utf8(), values: (values) => values.with(3, 'rx-jumbo') } } });
    const reader = new TraceReader(at('names.arrow'));
    expect([...(reader.next()?.codes('kind') ?? [])]).toEqual([0, 0, 0, 6]);
    expect(reader.names('kind')[6]).toBe('rx-jumbo');
    reader.close();
  });

  test('whose rows are not those of its metadata is read with a warning', () => {
    expect(spoiled({ metadata: (text) => text.replace('"rows":10', '"rows":11') })()).toEqual({ rows: ROWS, warnings: [`${at('spoiled.arrow')}: its metadata say 11 rows, it has 10`] });
  });
});

describe('rows that cannot be', () => {
  test.each([
    ['out of order', { t: { type: new Int64(), values: put(6, 4999n) } }, 'row 6: t 4999 is before 5000 of the row before it; sort the rows by t'],
    ['a negative time', { t: { type: new Int64(), values: put(0, -1n) } }, 'row 0: t: -1 is not in 0..2^53 - 1'],
    ['a time that a double does not hold', { t: { type: new Int64(), values: put(9, 2n ** 53n) } }, 'row 9: t: 9007199254740992 is not in 0..2^53 - 1'],
    ['a fractional time', { t: { type: new Float64(), values: (values: unknown[]) => numbers(values).with(2, 2000.5) } }, 'row 2: t: 2000.5 is not a whole number in 0..2^53 - 1'],
    ['a negative length', { bytes: { type: new Int32(), values: put(5, -1514) } }, 'row 5: bytes: -1514 is not a whole number'],
    ['a fractional length', { bytes: { type: new Float64(), values: put(7, 0.5) } }, 'row 7: bytes: 0.5 is not a whole number'],
    ['no number', { seq: { type: new Float64(), values: (values: unknown[]) => numbers(values).with(1, NaN) } }, 'row 1: seq: NaN is not a whole number'],
    ['a missing value', { payload: { type: new Int32(), values: put(4, null) } }, 'row 4: payload: the value is missing'],
    ['a missing name', { kind: { type: new Utf8(), values: put(8, null) } }, 'row 8: kind: the value is missing'],
  ])('%s: one line names the file and the row', (_what, columns, message) => {
    const said = refusal(spoiled({ columns }));
    expect(said).toContain(`${at('spoiled.arrow')}: ${message}`);
    expect(said).toMatch(/; .+/);
    expect(said).not.toContain('\n');
  });

  test('are found in the batch they are in, after those before them', () => {
    const rows = wireRows(300);
    write(at('late.arrow'), 'wire', rows);
    rewrite(at('late.arrow'), at('late-bad.arrow'), { columns: { t: { type: new Int64(), values: put(250, 0n) } } });
    expect(refusal(() => read(at('late-bad.arrow')))).toContain('row 250: t 0 is before 249000');
  });
});

describe('a trace that is not what is needed', () => {
  test.each([
    ['of another kind', { kind: 'hardware' } as const, {}, 'metadata: this is a wire trace; give a hardware trace'],
    ['of another clock', { clock: SIMULATED_CLOCK }, { metadata: (text: string) => text.replace('"domain":"simulated"', '"domain":"host"') }, 'metadata: its clock is host, in ps; give a trace of simulated time in ps'],
    ['in another unit', { clock: SIMULATED_CLOCK }, { metadata: (text: string) => text.replace('"unit":"ps"', '"unit":"instructions"') }, 'metadata: its clock is simulated, in instructions; give a trace of simulated time in ps'],
    ['of another version', {}, { metadata: (text: string) => text.replace('"version":1,"kind"', '"version":9,"kind"') }, 'metadata: version 9, this program reads version 1'],
    ['of no format', {}, { metadata: () => '{}' }, "metadata: format is not 'rumpsim-trace'"],
    ['without metadata', {}, { metadata: () => null }, "metadata: this Arrow file has no 'rumpsim.trace', so it is not a trace"],
    ['without a column', {}, { columns: { window: null } }, 'schema: column window is missing'],
    ['with text for numbers', {}, { columns: { flow: { type: new Utf8(), values: (values: unknown[]) => values.map(String) } } }, 'schema: column flow holds Utf8, not integers'],
    ['with numbers for names', {}, { columns: { kind: { type: new Int32(), values: (values: unknown[]) => values.map(() => 0) } } }, 'schema: column kind holds Int32, not names'],
  ])('%s is refused', (_what, needs, how: Spoiled, message) => {
    expect(refusal(spoiled(how, needs))).toContain(`${at('spoiled.arrow')}: ${message}`);
  });
});

describe('a file that is no trace', () => {
  mkdirSync(at('directory.arrow'));
  writeFileSync(at('empty.arrow'), '');
  writeFileSync(at('text.arrow'), 'ARROW is a text');
  writeFileSync(at('magic.arrow'), 'ARROW1\0\0');
  writeFileSync(at('ends.arrow'), 'ARROW1\0\0........\x04\0\0\0ARROW1');
  writeFileSync(at('long.arrow'), 'ARROW1\0\0........\xff\xff\xff\x7fARROW1', 'latin1');

  test.each([
    ['missing.arrow', ': cannot be read: there is no such file or directory; give the path of a trace file'],
    ['directory.arrow', ': this is a directory; give a trace file'],
    ['empty.arrow', ': byte 0: the file is empty; copy or record it again'],
    ['text.arrow', ': byte 0: this is not an Arrow file; give a file that was recorded as a trace'],
    ['magic.arrow', ': byte 8: the file is cut off: it does not end as an Arrow file; copy or record it again'],
    ['ends.arrow', ': byte '],
    ['long.arrow', ': byte '],
  ])('%s is refused in one line', (name, message) => {
    const said = refusal(() => read(at(name)));
    expect(said).toContain(at(name) + message);
    expect(said).not.toContain('\n');
  });

  test('a column that the format does not have is the caller\'s mistake', () => {
    const reader = new TraceReader(at('hardware.arrow'));
    expect(() => reader.next()?.integers('seq')).toThrow('a hardware trace has no column seq');
    reader.close();
  });
});
