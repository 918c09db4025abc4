import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);

test('every document that a source or a test cites is in the repository', () => {
  const files = ['src', 'test'].flatMap((folder) => readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => `${folder}/${name}`));
  const cited = files.flatMap((file) => readFileSync(new URL(file, root), 'utf8').match(/\bdocs\/(?:[\w-]+\/)*[\w-]+\.(?:md|csv)\b/g) ?? []);
  expect(new Set(cited).size).toBeGreaterThan(3);
  expect([...new Set(cited)].filter((path) => !existsSync(fileURLToPath(new URL(path, root))))).toEqual([]);
});
