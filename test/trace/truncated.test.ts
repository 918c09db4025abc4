import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TraceError } from '../../src/trace/trace-error.ts';
import { folder, read, refusal, rewrite, wireRows, write } from './traces.ts';

const dir = folder();
const whole = join(dir, 'whole.arrow');
const cut = join(dir, 'cut.arrow');
const ROWS = wireRows(500);
const BATCH = 50;
write(whole, 'wire', ROWS, BATCH);
const bytes = readFileSync(whole);

/** The rows of a file cut after `length` bytes, for a reader that tolerates it; null when not even that can be read. */
function tolerated(length: number): number[][] | null {
  writeFileSync(cut, bytes.subarray(0, length));
  try {
    return read(cut, { tolerate: true }).rows;
  } catch (error) {
    if (error instanceof TraceError) return null;
    throw error;
  }
}

describe('a file that was cut off at any byte', () => {
  test('is refused, in one line that names the byte', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        writeFileSync(cut, bytes.subarray(0, length));
        const said = refusal(() => read(cut));
        expect(said).toContain(`${cut}: byte ${length < 6 ? '' : length}`);
        expect(said).not.toContain('\n');
      }),
      { numRuns: 300 },
    );
  });

  test('gives its whole leading batches to a reader that tolerates it, and nothing that was not in them', () => {
    let least = Infinity;
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        const rows = tolerated(length);
        if (rows === null) return;
        least = Math.min(least, length);
        expect(rows.length % BATCH).toBe(0);
        expect(rows).toEqual(ROWS.slice(0, rows.length));
        // A batch of rows is lost at most, and the dictionary and padding before it.
        expect(rows.length).toBeGreaterThanOrEqual(Math.floor((length / bytes.length) * ROWS.length) - 4 * BATCH);
      }),
      { numRuns: 300 },
    );
    expect(tolerated(bytes.length - 1)).toEqual(ROWS);
    // All that has to be there is the head with the schema.
    expect(least).toBeLessThan(bytes.length / 4);
  });

  test('warns who tolerates it', () => {
    writeFileSync(cut, bytes.subarray(0, bytes.length - 20));
    expect(read(cut, { tolerate: true }).warnings).toEqual([`${cut}: the file is cut off; only its whole batches are read`]);
    expect(read(whole, { tolerate: true })).toEqual({ rows: ROWS, warnings: [] });
  });

  test('cannot be read when its schema was at its end', () => {
    rewrite(whole, cut);
    const other = readFileSync(cut);
    writeFileSync(cut, other.subarray(0, other.length - 1));
    expect(refusal(() => read(cut, { tolerate: true }))).toContain('the file is cut off and has no schema at its start');
  });
});

describe('a file with wrong bytes', () => {
  test('is read or refused by a TraceError; nothing else is thrown', () => {
    const flip = fc.record({ at: fc.integer({ min: 0, max: bytes.length - 1 }), to: fc.integer({ min: 0, max: 255 }) });
    // Most of the file is data; what is fragile is the metadata of its messages.
    const head = fc.record({ at: fc.integer({ min: 0, max: 6000 }), to: fc.integer({ min: 0, max: 255 }) });
    const tail = fc.record({ at: fc.integer({ min: bytes.length - 4000, max: bytes.length - 1 }), to: fc.integer({ min: 0, max: 255 }) });
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(flip, head, tail), { minLength: 1, maxLength: 3 }), fc.boolean(), (flips, tolerate) => {
        const wrong = Buffer.from(bytes);
        for (const { at, to } of flips) wrong[at] = to;
        writeFileSync(cut, wrong);
        try {
          read(cut, { tolerate });
        } catch (error) {
          if (!(error instanceof TraceError) || error.message.includes('\n')) throw error;
          refused++;
        }
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(50);
  }, 120_000);
});
