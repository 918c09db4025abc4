import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { start } from './rumpsim.ts';

test('Ctrl-C keeps the replications that are finished', async () => {
  const { child, ended } = start('run', 'bmk', '--duration', '1', '--reps', '1000', '--json');
  await sleep(3000);
  child.kill('SIGINT');
  const { status, stdout, stderr } = await ended;
  expect(status).toBe(130);
  expect(stderr).toMatch(/^rumpsim: interrupted: \d+ of 1000 runs are finished\n$/);
  const finished = Number(/(\d+) of/.exec(stderr)?.[1]);
  expect(finished).toBeLessThan(1000);
  // A machine so slow that none is finished by then prints none.
  const result = (stdout === '' ? { runs: [], complete: false, reps: 1000 } : JSON.parse(stdout)) as { runs: unknown[] };
  expect({ ...result, runs: result.runs.length }).toMatchObject({ runs: finished, complete: false, reps: 1000 });
});

test('Ctrl-C leaves nothing of a recording', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rumpsim-interrupt-'));
  try {
    const { child, ended } = start('run', 'sel4-pic', '--duration', '300', '--record', join(folder, 'wire.arrow'), '--record-ledger', join(folder, 'ledger.arrow'));
    while (readdirSync(folder).length < 2) await sleep(20);
    child.kill('SIGINT');
    const { status, stdout, stderr } = await ended;
    expect({ status, stdout, stderr }).toEqual({ status: 130, stdout: '', stderr: 'rumpsim: interrupted; nothing is written\n' });
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** A program that never ends by itself and says when it has been told to. */
const STUBBORN = `
  const { onInterrupt } = await import(${JSON.stringify(new URL('../../src/cli/progress.ts', import.meta.url).href)});
  onInterrupt(() => console.log('told'));
  setInterval(() => {}, 1000);
  console.log('ready');
`;

test('the same key press counts once; a second one ends the program', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', STUBBORN], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  const heard = async (word: string): Promise<void> => {
    while (!said.includes(word)) await sleep(10);
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on('exit', resolve);
  });
  await heard('ready');
  child.kill('SIGINT');
  await heard('told');
  child.kill('SIGINT');
  await sleep(500);
  expect(child.exitCode).toBeNull();
  child.kill('SIGINT');
  expect(await ended).toBe(130);
});
