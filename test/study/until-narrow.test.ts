import { describe, expect, it } from 'vitest';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { summarise } from '../../src/study/statistics.ts';
import { sweep, type Job } from '../../src/study/sweep.ts';
import { SYSTEMS } from '../../src/study/system.ts';
import { enough, LEAST_RUNS, untilNarrow } from '../../src/study/until-narrow.ts';

describe('stopping rule', () => {
  it('takes the first number of values whose interval is narrower', () => {
    const values = [0.2, 0.3, 0.25, 0.26, 0.24, 0.25, 0.25, 0.25];
    const width = (count: number): number => 2 * (summarise(values.slice(0, count)).half ?? Infinity);
    const count = enough(values, 0.06, 3);
    expect(count).not.toBeNull();
    expect(width(count ?? 0)).toBeLessThan(0.06);
    for (let fewer = 3; fewer < (count ?? 0); fewer++) expect(width(fewer)).toBeGreaterThanOrEqual(0.06);
  });

  it('takes no fewer than the least, and says when there are not enough', () => {
    expect(enough([0.2, 0.2, 0.2, 0.2, 0.2], 0.01, 4)).toBe(4);
    expect(enough([0.1, 0.2, 0.3], 0.0001, 2)).toBeNull();
    expect(enough([0.1], 1, 1)).toBeNull();
  });
});

describe('replications until an interval is narrow', () => {
  const system = SYSTEMS.find(({ name }) => name === 'bmk');
  const jobs: Job[] = system === undefined ? [] : [180, 360].flatMap((loadMbps) => [0, 1, 2].map((run) => ({ scenario: { system, loadMbps, pacing: 'fq' as const, duration: 0.06, warmup: 0.03, seed: 1, run }, costs: defaultCosts() })));

  it('do not depend on the number of workers, and meet the rule or its end', async () => {
    const rule = { width: 0.0006, most: 10 };
    const { results } = await sweep(jobs, { jobs: 2 });
    const two = await untilNarrow(jobs, results, rule, { jobs: 2 });
    const one = await untilNarrow(jobs, results, rule, { jobs: 1 });
    expect(one.runs).toEqual(two.runs);
    expect(two.complete).toBe(true);
    for (const load of [180, 360]) {
      const values = two.runs.filter(({ loadMbps }) => loadMbps === load);
      expect(values.map(({ run }) => run)).toEqual(values.map((_, index) => index));
      expect(values.length === rule.most || enough(values.map(({ utilisation }) => utilisation), rule.width, LEAST_RUNS) === values.length).toBe(true);
    }
    expect(two.runs.length).toBeGreaterThan(jobs.length);
  });

  it('add nothing where the planned runs are enough', async () => {
    const { results } = await sweep(jobs, { jobs: 2 });
    expect((await untilNarrow(jobs, results, { width: 1, most: 10 }, { jobs: 2 })).runs).toEqual(results);
  });
});
