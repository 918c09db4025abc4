import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/cli/failure.ts';
import { writeJson, writeWhole } from '../../src/cli/output.ts';
import { table, wrap } from '../../src/cli/table.ts';

const folder = mkdtempSync(join(tmpdir(), 'rumpsim-output-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a file is written whole or not at all', () => {
  test('in folders that are made for it', () => {
    writeJson(join(folder, 'a/b/c.json'), { digits: 0.1 + 0.2 });
    expect(readFileSync(join(folder, 'a/b/c.json'), 'utf8')).toBe('{\n  "digits": 0.30000000000000004\n}\n');
    expect(readdirSync(join(folder, 'a/b'))).toEqual(['c.json']);
  });

  test('over the file that was there', () => {
    const file = join(folder, 'twice.txt');
    writeFileSync(file, 'a longer first text');
    writeWhole(file, 'second');
    expect(readFileSync(file, 'utf8')).toBe('second');
  });

  test('to a device as it is', () => {
    const link = join(folder, 'device'); // a rename would replace the link alone
    symlinkSync('/dev/null', link);
    writeWhole(link, 'text');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
  });

  test('what cannot be replaced stays, without a part beside it', () => {
    const place = join(folder, 'taken');
    mkdirSync(join(place, 'file'), { recursive: true });
    expect(() => writeWhole(join(place, 'file'), 'text')).toThrow(UserError);
    expect(readdirSync(place)).toEqual(['file']);
  });
});

describe('text for a terminal', () => {
  test('columns are as wide as their widest cell, numbers to the right', () => {
    expect(table([['a', '1', 'x'], ['long', '100', '']], 'lrl')).toBe('a       1  x\nlong  100');
  });

  test('lines are broken at spaces and nowhere else', () => {
    expect(wrap('one two three unbreakable', 7)).toEqual(['one two', 'three', 'unbreakable']);
  });
});
