import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { json, rumpsim, SHORT } from './rumpsim.ts';

const folder = mkdtempSync(join(tmpdir(), 'rumpsim-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What every run prints that scripts rely on, by the names of issue 2. */
const KEYS = [
  'system', 'loadMbps', 'utilisation', 'utilisationMeasured', 'kernelShare', 'kernelShareFull', 'breakdown', 'throughputMbps', 'latencyUs', 'counters', 'ticks', 'events',
  'wallSeconds', 'fingerprint', 'manifest',
];

function number(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError(`${String(value)} is not a number`);
  return value;
}

/** A result without what may differ between two runs of the same thing. */
function comparable(result: Record<string, unknown>): unknown {
  return { ...result, wallSeconds: 0, manifest: { ...(result['manifest'] as object), invocation: null } };
}

describe('run --json', () => {
  let result: Record<string, unknown>;
  beforeAll(async () => {
    result = await json('run', 'sel4-pic', '--load', '900', ...SHORT, '--seed', '1', '--pacing', 'fq', '--json');
  });

  test('prints one object with the keys that scripts rely on', () => {
    expect(Object.keys(result)).toEqual(expect.arrayContaining(KEYS));
    expect(result).toMatchObject({ system: 'sel4-pic', loadMbps: 900, pacing: 'fq', seed: 1, run: 0, duration: 0.5, warmup: 0.25 });
  });

  test('busy and idle ticks are the elapsed ticks, and the accounts are the busy ones', () => {
    const { busy, idle, elapsed } = result['ticks'] as Record<string, string>;
    expect(elapsed).toBe('250000000000');
    expect(BigInt(busy ?? '') + BigInt(idle ?? '')).toBe(BigInt(elapsed ?? ''));
    expect(number(result['utilisation'])).toBe(Number(busy) / Number(elapsed));
    const shares = Object.values(result['breakdown'] as Record<string, number>);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(number(result['utilisation']), 12);
  });

  test('shares are shares, and stubs add to the kernel\'s', () => {
    expect(number(result['utilisation'])).toBeGreaterThan(0);
    expect(number(result['utilisation'])).toBeLessThan(1);
    expect(number(result['utilisationMeasured'])).toBeGreaterThanOrEqual(number(result['utilisation']));
    expect(number(result['kernelShareFull'])).toBeGreaterThan(number(result['kernelShare']));
    expect(number(result['kernelShare'])).toBeGreaterThan(0);
  });

  test('throughput is what read() returned, by the counter', () => {
    const bytes = number((result['counters'] as Record<string, number>)['bytes.delivered']);
    expect(number(result['throughputMbps'])).toBe((bytes * 8) / 0.25 / 1e6);
  });

  test('the manifest is a scenario file that gives the same run again', async () => {
    const manifest = result['manifest'] as Record<string, unknown>;
    expect(manifest).toMatchObject({ program: 'rumpsim', seeds: { seed: 1, runs: [0] }, traceHashes: {} });
    expect(manifest['costsHash']).toMatch(/^sha256:[0-9a-f]{64}$/);
    const file = join(folder, 'again.json');
    writeFileSync(file, JSON.stringify(manifest['scenario']));
    expect(comparable(await json('run', '--config', file, '--json'))).toEqual(comparable(result));
  });

  test('the same command gives the same digits', async () => {
    expect(comparable(await json('run', 'sel4-pic', ...SHORT, '--json'))).toEqual(comparable(result));
  });

  test('another seed and another run number give other trajectories', async () => {
    const [seed, run] = await Promise.all([json('run', 'sel4-pic', ...SHORT, '--seed', '2', '--json'), json('run', 'sel4-pic', ...SHORT, '--run', '1', '--json')]);
    expect(new Set([result['fingerprint'], seed['fingerprint'], run['fingerprint']]).size).toBe(3);
  });
});

describe('run --config', () => {
  test.each(['bare-metal-msi', 'slow-hpet'])('the example %s runs', async (name) => {
    const result = await json('run', '--config', `examples/${name}.yaml`, ...SHORT, '--reps', '1', '--json');
    expect(number(result['throughputMbps'])).toBeGreaterThan(0.95 * number(result['loadMbps']));
  });
});

describe('run --set', () => {
  test('without throttle there are more interrupts than a throttle of 384 us lets through', async () => {
    const [throttled, free] = await Promise.all([json('run', 'bmk', '--load', '180', ...SHORT, '--json'), json('run', 'bmk', '--load', '180', ...SHORT, '--set', 'nic.throttle=0', '--json')]);
    const interrupts = (result: Record<string, unknown>): number => number((result['counters'] as Record<string, number>)['interrupts.nic']);
    expect(interrupts(throttled)).toBeLessThanOrEqual(0.25 / 384e-6 + 1);
    expect(interrupts(free)).toBeGreaterThan(2 * interrupts(throttled));
  });

  test('a cost changes what it prices and the hash of the costs, and is written out', async () => {
    const [plain, dear] = await Promise.all([json('run', 'sel4-pic', ...SHORT, '--json'), json('run', 'sel4-pic', ...SHORT, '--set', 'cost.pit.out=2us', '--json')]);
    const manifest = (result: Record<string, unknown>): Record<string, unknown> => result['manifest'] as Record<string, unknown>;
    const share = (result: Record<string, unknown>): number => number((result['kernelBreakdown'] as Record<string, number>)['ioport']);
    expect(share(dear)).toBeGreaterThan(share(plain));
    expect(manifest(dear)['costsHash']).not.toBe(manifest(plain)['costsHash']);
    expect(manifest(dear)['scenario']).toMatchObject({ costs: { 'pit.out': 2000 } });
    expect(manifest(plain)['scenario']).toMatchObject({ costs: {} });
  });
});

describe('run --record and --replay', () => {
  test('a run that is recorded is the same run, and its replay into the same system, given by the trace, does the same', async () => {
    const trace = join(folder, 'wire.arrow');
    const args = ['run', 'sel4-pic', '--load', '540', ...SHORT, '--json'] as const;
    const [plain, recorded] = await Promise.all([json(...args), json(...args, '--record', trace)]);
    // Frames that are recorded are events of their own when they arrive.
    expect(Number(recorded['events'])).toBeGreaterThan(Number(plain['events']));
    expect({ ...(comparable(recorded) as object), events: plain['events'] }).toEqual(comparable(plain));
    const replayed = await json('run', '--replay', trace, '--json');
    for (const key of ['system', 'breakdown', 'counters', 'ticks', 'latencyUs', 'fingerprint']) expect(replayed[key]).toEqual(plain[key]);
    expect(replayed).toMatchObject({ loop: 'open', warnings: [], manifest: { traceHashes: { [trace]: expect.stringMatching(/^sha256:/) as string } } });
  });

  test.each([
    ['a file that is not there', ['--replay', 'nothing.arrow'], 'nothing.arrow'],
    ['a file that is no trace', ['--replay', 'package.json'], 'package.json'],
    ['one trace of several runs', ['--record', join(folder, 'several.arrow'), '--reps', '2'], '--reps'],
    ['a place that cannot be written', ['--record', 'package.json/wire.arrow'], 'package.json/wire.arrow'],
  ])('%s is refused in one line, and nothing is left', async (_what, args, thing) => {
    const { status, stdout, stderr } = await rumpsim('run', 'bmk', ...SHORT, ...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^rumpsim: [^\n]*\n$/);
    expect(stderr).toContain(thing);
    expect(readdirSync(folder).filter((name) => name.includes('several'))).toEqual([]);
  });
});

describe('run --reps', () => {
  test('gives the single runs, with their mean, deviation and interval, whatever the number of workers', async () => {
    const args = ['run', 'sel4-msi', '--load', '540', ...SHORT, '--reps', '3', '--json'] as const;
    const [one, two, third] = await Promise.all([json(...args, '--jobs', '1'), json(...args, '--jobs', '2'), json('run', 'sel4-msi', '--load', '540', ...SHORT, '--run', '2', '--json')]);
    expect(comparable(two)).toEqual(comparable(one));
    const runs = one['runs'] as Record<string, unknown>[];
    expect(runs).toHaveLength(3);
    expect(third).toEqual({ ...runs[2], wallSeconds: expect.any(Number) as number, manifest: expect.anything() as object });
    expect(one).toMatchObject({ reps: 3, complete: true, manifest: { seeds: { runs: [0, 1, 2] } } });

    const values = runs.map((run) => number(run['utilisation']));
    const mean = values.reduce((sum, value) => sum + value, 0) / 3;
    const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 2);
    const utilisation = one['utilisation'] as { mean: number; sd: number; ci95: [number, number] };
    expect(utilisation.mean).toBeCloseTo(mean, 14);
    expect(utilisation.sd).toBeCloseTo(sd, 14);
    // t(0.975, 2) = 4.30265 (any table of Student's t).
    expect((utilisation.ci95[1] - utilisation.ci95[0]) / 2 / (sd / Math.sqrt(3))).toBeCloseTo(4.30265, 4);
  });
});

describe('the summary', () => {
  test('says the main results in words and units', async () => {
    const { status, stdout, stderr } = await rumpsim('run', 'sel4-pic', ...SHORT);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const words of ['Rumprun on seL4, PIC and PIT', 'CPU utilisation', 'Mb/s', 'ioport', 'irq-deliver', 'idle', 'frames.in', 'fingerprint']) expect(stdout).toContain(words);
  });

  test('replications are a table with an interval', async () => {
    const { status, stdout } = await rumpsim('run', 'bmk', ...SHORT, '--reps', '2');
    expect(status).toBe(0);
    expect(stdout).toMatch(/CPU utilisation +\d+\.\d+ +\d+\.\d+ +\d+\.\d+\.\.\d+\.\d+ +%/);
  });
});
