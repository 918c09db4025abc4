import { beforeAll, describe, expect, test } from 'vitest';
import { judgeClaims } from '../../src/study/claims.ts';
import type { Claim } from '../../src/study/claims/claim.ts';
import { FIG4_CLAIMS } from '../../src/study/claims/fig4.ts';
import { FIG5_CLAIMS } from '../../src/study/claims/fig5.ts';
import { figureGrid, gridJobs } from '../../src/study/grid.ts';
import { PointSet } from '../../src/study/points.ts';
import { sweep } from '../../src/study/sweep.ts';
import { inconsistencies } from '../study/inconsistencies.ts';

/** Windows much shorter than the paper's: enough for the means to two or three digits, in seconds. */
const grid = { ...figureGrid({ reps: 2, sideReps: 2, duration: 0.8, warmup: 0.3, seed: 1 }, []), loads: [180, 540, 900] };
const simulated: ReadonlySet<string> = new Set(grid.systems.map(({ name }) => name));

let claims: Claim[] = [];

beforeAll(async () => {
  const { results } = await sweep(gridJobs(grid));
  claims = judgeClaims(new PointSet(results.filter((result) => result !== null)), grid);
}, 120_000);

function claim(id: string): Claim {
  const found = claims.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`there is no claim ${id}`);
  return found;
}

describe('the paper\'s claims by the real model', () => {
  // Whether a predicted claim holds is a finding, kept as an annotation of the test; that it can be judged is what may fail.
  test.for([...FIG4_CLAIMS, ...FIG5_CLAIMS].map(({ id, kind }) => [id, kind] as const))('%s (%s) has a verdict that its numbers bear out', async ([id, kind], { annotate }) => {
    const { holds, needs, finding } = claim(id);
    await annotate(`${id} (${kind}): ${finding}`);
    expect(needs.filter((need) => simulated.has(need))).toEqual([]);
    expect(holds === null).toBe(needs.length > 0);
    expect(inconsistencies(claim(id))).toEqual([]);
  });

  test.each(['F5.4', 'F5.5'])('%s follows from how the systems are put together, so it holds under every load model', (id) => {
    expect(claim(id).kind).toBe('structural');
    expect(claim(id).verdicts.map(({ holds }) => holds)).toEqual(claim(id).verdicts.map(() => true));
  });

  test('every check has its loads and load models', () => {
    for (const { id, verdicts } of claims.filter(({ holds }) => holds !== null)) {
      expect([id, verdicts.map(({ pacing, reading }) => `${pacing} ${reading}`)]).toEqual([id, grid.pacings.flatMap((pacing) => [`${pacing} true`, `${pacing} instrument`])]);
      for (const { parts } of verdicts) for (const { checks, needs } of parts) expect(checks.length > 0 || needs.length > 0).toBe(true);
    }
  });
});
