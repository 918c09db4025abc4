import { afterAll, describe, expect, test } from 'vitest';
import { Streams } from '../../src/events/random.ts';
import { TARGETS } from './formats.ts';
import { corpusOf, Fuzzer, importChunks, truncated } from './harness.ts';

const SEED = 1;
const CASES = 5000;
/** Cuts of each file and kind. */
const CUTS = 12;

const fuzzer = new Fuzzer(SEED);
afterAll(() => fuzzer.close());

const targets = TARGETS.map((target) => [target.format.name, target] as const);

describe.each(targets)('the corpus of %s', (name, target) => {
  const { format, text } = target;
  const files = corpusOf(name);

  test('is read whole, by every kind, with the same rows in chunks of any size', () => {
    for (const bytes of files) {
      expect(format.detect(bytes.subarray(0, 65_536))).toBe(true);
      for (const kind of format.kinds) {
        const whole = importChunks(format, [bytes], { kind });
        expect(whole.problems).toEqual([]);
        // Not every file has what every kind needs, but it is in the corpus for the first.
        expect(kind !== format.kinds[0] || whole.rows.length > 0).toBe(true);
        const bytewise = Array.from({ length: bytes.length }, (_, at) => bytes.subarray(at, at + 1));
        expect(importChunks(format, bytewise, { kind })).toEqual(whole);
      }
    }
  });

  test('cut anywhere gives its whole records with a warning, or is refused by a strict import', () => {
    const random = new Streams(SEED, 0).stream(`cut ${name}`);
    // A text without its first line is not known for what it is.
    const least = text ? 200 : 24;
    for (const bytes of files) {
      for (const kind of format.kinds) {
        for (let i = 0; i < CUTS; i++) {
          const failure = truncated(target, bytes, random.integer(least, bytes.length), random, kind);
          expect([failure?.target, failure?.problem]).toEqual([undefined, undefined]);
        }
      }
    }
  });
});

test(`${CASES} spoiled files are read or refused in one line that names the file, the place and the remedy; nothing else is thrown`, () => {
  const failures: string[] = [];
  for (let number = 0; number < CASES && failures.length === 0; number++) {
    const failure = fuzzer.run(number);
    if (failure !== null) failures.push(`${failure.target}: ${failure.problem}: node test/fuzz/nightly.ts --seed ${SEED} --case ${number}`);
  }
  expect(failures).toEqual([]);
}, 120_000);
