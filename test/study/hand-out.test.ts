import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HandOut, type Work } from '../../src/study/hand-out.ts';

/** What each worker does, in its order, and when the last is done. `took`: how long a job takes in truth. */
function run(jobs: readonly Work[], workers: number, took: (job: Work) => number = ({ cost }) => cost): { readonly did: readonly number[][]; readonly end: number } {
  const handOut = new HandOut(jobs, workers);
  const did: number[][] = Array.from({ length: workers }, () => []);
  const busy = new Map<number, number>(did.map((_, worker) => [worker, 0]));
  let end = 0;
  while (true) {
    const [first] = [...busy].toSorted(([, a], [, b]) => a - b);
    if (first === undefined) return { did, end };
    const [worker, time] = first;
    const index = handOut.next(worker);
    const job = index === null ? undefined : jobs[index];
    if (index === null || job === undefined) {
      busy.delete(worker);
      end = time;
    } else {
      did[worker]?.push(index);
      busy.set(worker, time + took(job));
    }
  }
}

const GROUPS = ['a', 'b', 'c', 'd', 'e', 'f'] as const;
/** As in Fig 4: every group at five loads, in five replications. */
const grid: readonly Work[] = GROUPS.flatMap((group) => [1, 2, 3, 4, 5].flatMap((load) => Array.from({ length: 5 }, () => ({ group, cost: load + 1 }))));

function groupsOf(done: readonly number[], jobs: readonly Work[]): string[] {
  return [...new Set(done.map((index) => jobs[index]?.group ?? ''))];
}

describe('jobs for workers', () => {
  test.each([[1, [6]], [2, [3, 3]], [3, [2, 2, 2]], [6, [1, 1, 1, 1, 1, 1]]])('%i workers see few groups each', (workers, groups) => {
    expect(run(grid, workers).did.map((done) => groupsOf(done, grid).length)).toEqual(groups);
  });

  test('a worker does one group after the other, the longest job of each first', () => {
    for (const done of run(grid, 2).did) {
      const jobs = done.flatMap((index) => grid[index] ?? []);
      expect(jobs.map(({ group }) => group)).toEqual(jobs.map(({ group }) => group).toSorted());
      for (const group of groupsOf(done, grid)) {
        const costs = jobs.filter((job) => job.group === group).map(({ cost }) => cost);
        expect(costs).toEqual(costs.toSorted((a, b) => b - a));
      }
    }
  });

  test('a group of its own is shared', () => {
    const one = Array.from({ length: 5 }, () => ({ group: 'a', cost: 1 }));
    expect(run(one, 2).did.map((done) => done.length)).toEqual([3, 2]);
  });

  test('who is done helps the others', () => {
    const { did, end } = run(grid, 2, ({ group, cost }) => (group < 'd' ? cost : 3 * cost));
    const total = grid.reduce((sum, { group, cost }) => sum + (group < 'd' ? cost : 3 * cost), 0);
    expect(end).toBeLessThan(total / 2 + 18);
    expect(groupsOf(did[0] ?? [], grid)).toEqual(['a', 'b', 'c', 'f']);
    expect(groupsOf(did[1] ?? [], grid)).toEqual(['d', 'e']);
  });

  test('every job is done once, and no worker waits while there is more than the job that another does', () => {
    const jobs = fc.array(fc.record({ group: fc.constantFrom(...GROUPS), cost: fc.constantFrom(0, 1, 2, 7, 50, Number.NaN, -1) }), { maxLength: 60 });
    fc.assert(fc.property(jobs, fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }), (work, workers, factor) => {
      const took = ({ group, cost }: Work): number => (cost > 0 ? cost : 0) * (group < 'c' ? factor : 1);
      const { did, end } = run(work, workers, took);
      expect(did.flat().toSorted((a, b) => a - b)).toEqual([...work.keys()]);
      const times = work.map(took);
      expect(end).toBeLessThanOrEqual(times.reduce((sum, time) => sum + time, 0) / workers + Math.max(0, ...times));
    }));
  });
});
