import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { SYSTEMS } from '../../src/study/system.ts';
import { json, rumpsim, start } from './rumpsim.ts';

const folder = mkdtempSync(join(tmpdir(), 'rumpsim-uncertainty-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('rumpsim run --until-ci', () => {
  test('ends with the first run that makes the interval narrow enough, whatever the number of workers', async () => {
    const args = ['run', 'netbsd', '--load', '540', '--duration', '0.2', '--warmup', '0.1', '--until-ci', '0.2', '--max-reps', '12', '--json'];
    const [one, two] = await Promise.all([json(...args, '--jobs', '1'), json(...args, '--jobs', '2')]);
    expect(one['utilisation']).toEqual(two['utilisation']);
    expect(one['reps']).toBe((one['runs'] as unknown[]).length);
    const { ci95 } = one['utilisation'] as { ci95: [number, number] };
    const { met } = one['until'] as { met: boolean };
    expect(met).toBe((ci95[1] - ci95[0]) * 100 < 0.2);
    expect(met || one['reps'] === 12).toBe(true);
  });

  test.each([['--until-ci', '0'], ['--until-ci', 'narrow'], ['--max-reps', '3']])('refuses %s %s in one line', async (option, value) => {
    const { status, stderr } = await rumpsim('run', 'bmk', option, value);
    expect({ status, lines: stderr.split('\n').length - 1 }).toEqual({ status: 2, lines: 1 });
    expect(stderr).toContain(option);
  });
});

test('rumpsim warmup judges every system at every load', async () => {
  const file = join(folder, 'warmup.csv');
  const { status, stdout } = await rumpsim('warmup', '--duration', '1', '--warmup', '0.7', '--reps', '1', '--json', '--csv', file);
  expect(status).toBe(0);
  const rows = JSON.parse(stdout) as { system: string; verdict: string }[];
  expect(new Set(rows.map(({ system }) => system))).toEqual(new Set(SYSTEMS.map(({ name }) => name)));
  expect(rows).toHaveLength(SYSTEMS.length * 5);
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(rows.length + 1);
});

test('rumpsim sensitivity keeps what is finished when it is interrupted, and leaves nothing else', async () => {
  const out = join(folder, 'out');
  const { child, ended } = start('sensitivity', '--out', out, '--jobs', '2');
  await sleep(4000);
  child.kill('SIGINT');
  const { status, stdout, stderr } = await ended;
  expect(status).toBe(130);
  expect(stderr).toMatch(/^rumpsim: interrupted: .*\n$/);
  expect(stdout).toContain('Partial');
  expect(!existsSync(out) || readdirSync(out).includes('manifest.json')).toBe(true);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});
