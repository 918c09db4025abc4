import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { rumpsim } from './rumpsim.ts';

const folder = mkdtempSync(join(tmpdir(), 'rumpsim-diff-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

const SHORT = ['--duration', '0.3', '--warmup', '0.1'];

describe('diff', () => {
  test('of a system with itself finds nothing', async () => {
    const { status, stdout } = await rumpsim('diff', 'sel4-msi', 'sel4-msi', ...SHORT);
    expect(status).toBe(0);
    expect(stdout).toContain('No event differs.');
    expect(stdout).toContain('no difference');
  });

  test('of two systems has their accounts, their counts and where they part, and draws it', async () => {
    const { status, stdout } = await rumpsim('diff', 'sel4-pic', 'sel4-msi', ...SHORT, '--json', '--flamegraph', at('d.svg'), '--folded', at('d.txt'));
    expect(status).toBe(0);
    const { accounts, counts, firstDifference } = JSON.parse(stdout) as { accounts: { name: string; a: number; b: number }[]; counts: { name: string; a: number; b: number }[]; firstDifference: { row: number } };
    expect(accounts.find(({ name }) => name === 'kernel:ioport/port/pit/out')).toMatchObject({ b: 0 });
    expect(counts.find(({ name }) => name === 'port.write')).toMatchObject({ b: 0 });
    expect(firstDifference.row).toBeGreaterThanOrEqual(0);
    expect(readFileSync(at('d.svg'), 'utf8')).toContain('rump:scheduler');
    // Both sums of the stacks are the two utilisations.
    const sums = readFileSync(at('d.txt'), 'utf8').trim().split('\n').map((line) => line.split(' ').slice(-2).map(Number)).reduce(([x = 0, y = 0], [a = 0, b = 0]) => [x + a, y + b], [0, 0]);
    expect(sums[0]).toBeCloseTo(accounts.reduce((sum, { a }) => sum + a, 0), 6);
    expect(sums[1]).toBeCloseTo(accounts.reduce((sum, { b }) => sum + b, 0), 6);
  });

  test('refuses what it cannot take in one line', async () => {
    for (const [args, problem] of [
      [['sel4-pic', 'bmk', '--duration', 'long'], "--duration long: 'long' is not a number; give a number in 0.001..9000 s"],
      [['sel4-pic', 'bmk', '--rows', '0'], "--rows 0: '0' is not a number of rows; give a whole number from 1 on"],
      [['sel4-pic', 'gone.json'], 'gone.json: there is no such file; give the path of a result, a trace or a scenario file, or the name of a system'],
    ] as const) {
      expect(await rumpsim('diff', ...args)).toMatchObject({ status: 2, stdout: '', stderr: `rumpsim: ${problem}\n` });
    }
  });

  test('of two results, and of two traces', async () => {
    const short = ['run', 'sel4-msi', ...SHORT, '--load', '180'];
    const [first, second] = [await rumpsim(...short, '--json', '--record-ledger', at('a.arrow')), await rumpsim(...short, '--json', '--set', 'cost.cpi.kernel=2', '--record-ledger', at('b.arrow'))];
    writeFileSync(at('a.json'), first.stdout);
    writeFileSync(at('b.json'), second.stdout);
    const results = await rumpsim('diff', at('a.json'), at('b.json'), '--json');
    const { accounts } = JSON.parse(results.stdout) as { accounts: { name: string; a: number; b: number }[] };
    expect(accounts.find(({ name }) => name.startsWith('kernel:send/sel4/'))!.b).toBeGreaterThan(0);
    const traces = await rumpsim('diff', at('a.arrow'), at('b.arrow'));
    expect(traces.status).toBe(0);
    expect(traces.stdout).toContain('They part at event');
  });

  test.each([
    ['a name that is no system', ['diff', 'sel4-msi', 'sel4-mis'], /did you mean 'sel4-msi'/],
    ['two sorts of thing', ['diff', 'sel4-msi', __filename], /give two of one sort/],
    ['a picture of no format', ['diff', 'sel4-msi', 'bmk', ...SHORT, '--flamegraph', at('x.gif')], /\.svg, \.png or \.vl\.json/],
  ])('%s is a mistake of the user', async (_what, args, message) => {
    const { status, stderr } = await rumpsim(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('replay', () => {
  test('prices a simulated kernel: as the run itself was priced', async () => {
    const run = await rumpsim('run', 'sel4-pic', ...SHORT, '--json', '--record-kernel', at('k.arrow'));
    const { kernelShareFull } = JSON.parse(run.stdout) as { kernelShareFull: number };
    const { status, stdout } = await rumpsim('replay', at('k.arrow'), '--json');
    expect(status).toBe(0);
    const { share, controller, timer } = JSON.parse(stdout) as { share: { value: number; low: number; high: number }; controller: string; timer: string };
    expect([controller, timer]).toEqual(['pic', 'pit']);
    // The trace covers the warm-up, too.
    expect(share.value).toBeGreaterThan(kernelShareFull * 0.85);
    expect(share.value).toBeLessThan(kernelShareFull * 1.15);
    expect(share.low).toBeLessThan(share.value);
  });

  test('with messages and the HPET instead: the kernel time of a system that has them', async () => {
    const { stdout } = await rumpsim('replay', at('k.arrow'), '--controller', 'msi', '--timer', 'hpet', '--json');
    const { lines } = (JSON.parse(stdout) as { substituted: { lines: { account: string; value: number }[] } }).substituted;
    const priced = lines.filter(({ account }) => !account.startsWith('device')).reduce((sum, { value }) => sum + value, 0);
    const run = await rumpsim('run', 'sel4-msi', ...SHORT, '--json', '--record-kernel', at('msi.arrow'));
    expect(run.status).toBe(0);
    const own = JSON.parse((await rumpsim('replay', at('msi.arrow'), '--json')).stdout) as { total: { value: number } };
    // The other system takes other interrupts; a few in a hundred.
    expect(priced / own.total.value).toBeGreaterThan(0.9);
    expect(priced / own.total.value).toBeLessThan(1.1);
  });

  test('with another controller and timer costs less, and says that it is open loop', async () => {
    const { status, stdout } = await rumpsim('replay', at('k.arrow'), '--controller', 'msi', '--timer', 'hpet');
    expect(status).toBe(0);
    expect(stdout).toMatch(/Difference: -\d/);
    expect(stdout).toContain('Open loop');
  });

  test.each([
    ['a setting', ['replay', at('k.arrow'), '--set', 'nic.throttle=0'], /is not a cost/],
    ['no file', ['replay', at('none.arrow')], /none\.arrow/],
    ['a ledger', ['replay', at('a.arrow')], /ledger trace/],
  ])('%s is a mistake of the user', async (_what, args, message) => {
    const { status, stderr } = await rumpsim(...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
