import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LAUNCHER, SHORT } from './rumpsim.ts';

const root = dirname(dirname(LAUNCHER));
const scratch = mkdtempSync(join(tmpdir(), 'rumpsim-built-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function node(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0 || stderr !== '') throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

function run(folder: string, ...args: string[]): string {
  return node(join(folder, 'bin/rumpsim.mjs'), ...args);
}

describe('the launcher', () => {
  const BUILT = 1_700_000_000;
  let folder = '';

  function put(name: string, text: string, time: number): void {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    utimesSync(path, time, time);
  }

  function age(...names: string[]): void {
    for (const name of names) utimesSync(join(folder, name), BUILT - 60, BUILT - 60);
  }

  /** A package whose sources and built files say which they are. */
  function lay(): void {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    copyFileSync(LAUNCHER, join(folder, 'bin/rumpsim.mjs'));
    put('package.json', '{ "type": "module" }', BUILT - 60);
    put('build.mjs', '', BUILT - 60);
    put('src/cli/main.ts', "process.stdout.write('sources' as string);", BUILT - 60);
    put('src/study/worker.ts', '', BUILT - 60);
    put('dist/cli/main.js', "process.stdout.write('built');", BUILT);
    age('src/study', 'src/cli', 'src');
  }

  beforeEach(() => {
    folder = mkdtempSync(join(scratch, 'launcher-'));
    lay();
  });

  test('starts what was built of the sources as they are', () => {
    expect(run(folder)).toBe('built');
  });

  test.each(['src/study/worker.ts', 'src/cli/main.ts', 'package.json', 'build.mjs'])('starts the sources when %s has changed since', (name) => {
    utimesSync(join(folder, name), BUILT + 1, BUILT + 1);
    expect(run(folder)).toBe('sources');
  });

  test('starts the sources when one of them is gone', () => {
    rmSync(join(folder, 'src/study/worker.ts'));
    expect(run(folder)).toBe('sources');
  });

  test('starts the sources when a file was changed while it was built', () => {
    utimesSync(join(folder, 'src/study/worker.ts'), BUILT, BUILT);
    expect(run(folder)).toBe('sources');
  });

  test('starts the sources when nothing was built', () => {
    rmSync(join(folder, 'dist'), { recursive: true });
    expect(run(folder)).toBe('sources');
  });

  test('starts the built files of an installed package, whatever the times say', () => {
    folder = join(folder, 'node_modules/rumpsim');
    lay();
    utimesSync(join(folder, 'src/cli/main.ts'), BUILT + 1, BUILT + 1);
    expect(run(folder)).toBe('built');
  });
});

describe('the built program', () => {
  // Without sources, which the launcher could start instead.
  const folder = join(scratch, 'package');
  const dist = join(folder, 'dist');

  beforeAll(() => {
    mkdirSync(join(folder, 'bin'), { recursive: true });
    for (const name of ['bin/rumpsim.mjs', 'package.json']) copyFileSync(join(root, name), join(folder, name));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    node(join(root, 'build.mjs'), '--out', dist);
  });

  /** A result without what may differ between two runs of one scenario. */
  function withoutTimes(result: string): string {
    return JSON.stringify(JSON.parse(result), (key, value: unknown) => (key === 'invocation' || key === 'wallSeconds' ? undefined : value));
  }

  test('gives the results of the sources, from worker threads', () => {
    const args = ['run', 'sel4-msi', ...SHORT, '--reps', '3', '--jobs', '2', '--json'];
    expect(withoutTimes(run(folder, ...args))).toBe(withoutTimes(node(join(root, 'src/cli/main.ts'), ...args)));
  });

  test('records and exports traces, each in a thread', () => {
    const [wire, capture] = [join(scratch, 'wire.arrow'), join(scratch, 'wire.pcap')];
    run(folder, 'run', 'bmk', ...SHORT, '--record', wire);
    run(folder, 'trace', 'convert', wire, capture);
    expect(run(folder, 'trace', 'info', capture)).toContain('rows');
  });

  test('has every module that is loaded by its URL, and finds what comes with the package', () => {
    const type = /^export type Entry = (.*);$/m.exec(readFileSync(join(root, 'src/study/place.ts'), 'utf8'))?.[1] ?? '';
    const entries = [...type.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
    expect(entries).toContain('study/worker');
    expect(entries.filter((name) => !existsSync(join(dist, `${name}.js`)))).toEqual([]);
    expect(run(folder, '--version')).toBe(`${(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version}\n`);
  });

  test('validates recordings', () => {
    expect(run(folder, 'validate', join(root, 'test/study/validate/recordings/pic-pit'), '--jobs', '1')).toMatch(/ predicted rows are within the aim/);
  });

  test('has the model in one module', () => {
    const homes = new Map<string, string[]>();
    for (const map of readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.map'))) {
      const { sources } = JSON.parse(readFileSync(join(dist, map), 'utf8')) as { sources: string[] };
      const own = sources.filter((source) => /\/src\/(?:events|hw|anykernel|kernel|rump|load)\/|\/study\/simulate\.ts$/.test(source));
      if (own.length > 0) homes.set(map, own);
    }
    expect([...homes.keys()]).toEqual([expect.stringMatching(/^chunks[\\/]model-/)]);
    expect([...homes.values()].flat().length).toBeGreaterThan(50);
  });

  test('has no fields that are undefined before a constructor sets them', () => {
    const model = readdirSync(join(dist, 'chunks')).find((name) => /^model-.*\.js$/.test(name)) ?? '';
    const text = readFileSync(join(dist, 'chunks', model), 'utf8');
    expect(text).toMatch(/^\tconstructor\(/m);
    expect(text).not.toMatch(/^\t#?\w+(?: = .*)?;$/m);
  });
});
