import { existsSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { figureGrid, gridJobs, QUICK_PROTOCOL } from '../../src/study/grid.ts';
import { rumpsim, start } from './rumpsim.ts';

const folder = mkdtempSync(join(tmpdir(), 'rumpsim-reproduce-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SHORT = ['--quick', '--duration', '0.2', '--warmup', '0.1'] as const;
/** A hundred runs and their figures on a busy machine. */
const PATIENCE = 240_000;
const FILES = [
  'claims.arrow', 'claims.csv', 'claims.json', 'fig4.arrow', 'fig4.csv', 'fig4.png', 'fig4.svg', 'fig4.vl.json', 'fig5-loads.png', 'fig5-loads.svg', 'fig5-loads.vl.json',
  'fig5-ranges.arrow', 'fig5-ranges.csv', 'fig5.arrow', 'fig5.csv', 'fig5.png', 'fig5.svg', 'fig5.vl.json', 'manifest.json', 'report.md', 'runs.arrow', 'runs.csv',
];

/** Runs of the figures with one and with two replications. */
const SINGLE = gridJobs(figureGrid({ ...QUICK_PROTOCOL, reps: 1, sideReps: 1 }, [])).length;
const DOUBLE = 2 * SINGLE;

function manifest(out: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Record<string, unknown>;
}

/** What an interrupted reproduction has left in its folder; null when there is none. */
function whatIsThere(out: string): Record<string, unknown> | null {
  if (!existsSync(out)) return null;
  const { complete, runsFinished } = manifest(out);
  const rows = readFileSync(join(out, 'runs.csv'), 'utf8').trim().split('\n').length - 1;
  return { complete, runs: runsFinished, rows, says: /Partial: interrupted after \d+ of \d+ runs/.exec(readFileSync(join(out, 'report.md'), 'utf8'))?.[0] };
}

describe('reproduce', () => {
  test('one worker and two write the same bytes, into a new folder and over an old one', async () => {
    const one = join(folder, 'one');
    const two = join(folder, 'two');
    mkdirSync(two);
    writeFileSync(join(two, 'notes.txt'), 'the user\'s');
    writeFileSync(join(two, 'report.md'), 'of an earlier run');
    const digitised = join(folder, 'digitised.csv');
    writeFileSync(digitised, 'system,load_mbps,utilisation\nbmk,900,31.25\n');
    for (const [out, jobs] of [[one, '1'], [two, '2']] as const) {
      const { status, stdout, stderr } = await rumpsim('reproduce', '--out', out, '--jobs', jobs, '--reference', digitised, ...SHORT);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain(`${DOUBLE} runs`);
    }
    expect(readdirSync(one).toSorted()).toEqual(FILES);
    expect(readdirSync(two).toSorted()).toEqual([...FILES, 'notes.txt'].toSorted());
    const different = FILES.filter((name) => name !== 'manifest.json' && !readFileSync(join(one, name)).equals(readFileSync(join(two, name))));
    expect(different).toEqual([]);
    const [{ invocation: _one, ...first }, { invocation: _two, ...second }] = [manifest(one), manifest(two)];
    expect(second).toEqual(first);
    expect(first).toMatchObject({ program: 'rumpsim', complete: true, runsFinished: DOUBLE, runsPlanned: DOUBLE, files: FILES });
    expect(readdirSync(folder).toSorted()).toEqual(['digitised.csv', 'one', 'two']);
    expect(readFileSync(join(one, 'report.md'), 'utf8')).toMatch(/\| bmk \| 900 \| 31\.25 \| \d+\.\d\d \| -?\d+\.\d\d \|/);
    expect(readFileSync(join(one, 'fig4.vl.json'), 'utf8')).toContain('31.25');
  }, PATIENCE);

  test('Ctrl-C writes what is finished and says that it is partial', async () => {
    const out = join(folder, 'interrupted');
    const { child, ended } = start('reproduce', '--out', out, '--jobs', '2', '--reps', '1', '--duration', '60', '--warmup', '1');
    // No progress line in a pipe to wait for: long enough for some runs, too short for all.
    setTimeout(() => child.kill('SIGINT'), 5000);
    const { status, stderr } = await ended;
    expect(status).toBe(130);
    expect(stderr).toMatch(new RegExp(`^rumpsim: interrupted: \\d+ of ${SINGLE} runs[^\n]*\n$`));
    const finished = Number(/(\d+) of/.exec(stderr)?.[1]);
    expect(whatIsThere(out)).toEqual(finished === 0 ? null : { complete: false, runs: finished, rows: finished, says: `Partial: interrupted after ${finished} of ${SINGLE} runs` });
    expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  }, PATIENCE);

  test.each([
    ['no folder', [], '--out'],
    ['a file for the folder', ['--out', join(folder, 'file')], 'this is a file'],
    ['a place that cannot be made', ['--out', join(folder, 'file', 'below')], 'cannot be written'],
    ['a setting', ['--out', join(folder, 'x'), '--set', 'nic.trottle=0'], 'nic.throttle'],
    ['a warm-up as long as the runs', ['--out', join(folder, 'x'), '--warmup', '20'], 'less than the duration'],
    ['a reference that is not there', ['--out', join(folder, 'x'), '--reference', join(folder, 'none.csv')], 'no such file'],
    ['a row of the reference', ['--out', join(folder, 'x'), '--reference', join(folder, 'bad.csv')], 'bad.csv:2: unknown system \'bkm\''],
  ])('%s: one line, status 2, nothing written', async (_what, args, said) => {
    writeFileSync(join(folder, 'file'), '');
    writeFileSync(join(folder, 'bad.csv'), 'system,load_mbps,utilisation\nbkm,900,31\n');
    const { status, stdout, stderr } = await rumpsim('reproduce', ...args);
    expect({ status, stdout, lines: stderr.split('\n').length - 1 }).toEqual({ status: 2, stdout: '', lines: 1 });
    expect(stderr).toContain(said);
    expect(existsSync(join(folder, 'x'))).toBe(false);
    for (const name of ['file', 'bad.csv']) rmSync(join(folder, name));
  });
});

describe('claims', () => {
  test('--json is an array of claims, exit status 0 whatever holds; --strict exits with 1 when one does not', async () => {
    const once = [...SHORT, '--reps', '1'];
    const { status, stdout } = await rumpsim('claims', ...once, '--json');
    expect(status).toBe(0);
    const claims = JSON.parse(stdout) as Record<string, unknown>[];
    for (const claim of claims) expect(Object.keys(claim)).toEqual(expect.arrayContaining(['id', 'holds', 'value', 'bound', 'margin', 'text']));
    const strict = await rumpsim('claims', ...once, '--strict');
    expect(strict.status).toBe(claims.some(({ holds }) => holds === false) ? 1 : 0);
    for (const { id } of claims) expect(strict.stdout).toContain(String(id));
  }, PATIENCE);
});
