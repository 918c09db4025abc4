import { describe, expect, test } from 'vitest';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { simulate } from '../../src/study/simulate.ts';
import { type Job, sweep } from '../../src/study/sweep.ts';
import { SYSTEMS, type System } from '../../src/study/system.ts';

const costs = defaultCosts();

function job(system: System, loadMbps: number, run: number, duration = 0.05): Job {
  return { scenario: { system, loadMbps, pacing: 'fq', duration, warmup: duration / 5, seed: 1, run }, costs };
}

/** Short and long runs mixed, so that those that finish first are not those that come first. */
const jobs: readonly Job[] = SYSTEMS.flatMap((system) => [job(system, 180, 0), job(system, 900, 1, 0.2), job(system, 540, 2, 0.1)]);

describe('a sweep', () => {
  test('gives the results of its jobs in their order, the same bytes with any number of workers', async () => {
    const expected = jobs.map(({ scenario, costs }) => simulate(scenario, costs));
    for (const workers of [1, 2, 3]) {
      const { results, complete } = await sweep(jobs, { jobs: workers });
      expect(complete).toBe(true);
      expect(JSON.stringify(results)).toBe(JSON.stringify(expected));
    }
  });

  test('uses the cost table of each job', async () => {
    const [first] = jobs;
    if (first === undefined) throw new Error('there are no jobs');
    const slow: Job = { scenario: first.scenario, costs: costs.with('cpi.driver', 2) };
    const { results } = await sweep([first, slow, first], { jobs: 2 });
    const [a, b, c] = results.map((result) => result?.utilisation ?? Number.NaN);
    expect(c).toBe(a);
    expect(b).toBeGreaterThan(a ?? Number.NaN);
  });

  test('tells each finished run once', async () => {
    const told: number[] = [];
    await sweep(jobs, { jobs: 2, progress: (done, total) => told.push(done * 1000 + total) });
    expect(told).toEqual(jobs.map((_, index) => (index + 1) * 1000 + jobs.length));
  });

  test('an abort keeps what is finished and leaves no worker running', async () => {
    const abort = new AbortController();
    const many = Array.from({ length: 40 }, (_, run) => job(SYSTEMS[0] ?? raise(), 900, run, 1));
    const { results, complete } = await sweep(many, { jobs: 2, signal: abort.signal, progress: (done) => done === 3 && abort.abort() });
    expect(complete).toBe(false);
    const finished = results.flatMap((result, index) => (result === null ? [] : [{ index, run: result.run }]));
    expect(finished.length).toBeGreaterThanOrEqual(3);
    expect(finished.length).toBeLessThan(many.length);
    expect(finished.every(({ index, run }) => index === run)).toBe(true);
  });

  test('aborted before it starts, it does nothing', async () => {
    expect(await sweep(jobs, { signal: AbortSignal.abort() })).toEqual({ results: jobs.map(() => null), complete: false });
  });

  test('a run that fails is named', async () => {
    const broken = job(SYSTEMS[0] ?? raise(), -1, 7);
    await expect(sweep([...jobs, broken], { jobs: 2 })).rejects.toThrow('sel4-pic at -1 Mb/s, fq, run 7: ');
  });

  test('no jobs are done at once; no workers are refused', async () => {
    expect(await sweep([])).toEqual({ results: [], complete: true });
    await expect(sweep(jobs, { jobs: 0 })).rejects.toThrow(RangeError);
  });
});

function raise(): never {
  throw new Error('there are no systems');
}
