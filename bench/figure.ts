import { figureGrid, gridJobs, PAPER_PROTOCOL } from '../src/study/grid.ts';
import { sweep } from '../src/study/sweep.ts';
import type { Bench, Outcome } from './bench.ts';
import { check } from './systems.ts';

/** Fingerprints of all runs, from the first sweep of this process: the number of workers must not show. */
let first: string | null = null;

/** The 150 runs of Fig 4 through the worker pool, its start included. */
function bench(jobs: number): Bench {
  return {
    name: `Fig 4, --jobs ${jobs}`,
    rounds: 2,
    prepare: () => {
      const { pacings, ...grid } = figureGrid(PAPER_PROTOCOL, []);
      const planned = gridJobs({ ...grid, companions: [], pacings: pacings.slice(0, 1) });
      return async (): Promise<Outcome> => {
        const { results } = await sweep(planned, { jobs });
        const problems: string[] = [];
        let events = 0;
        let frames = 0;
        let simulatedSeconds = 0;
        for (const [index, { scenario }] of planned.entries()) {
          const result = results[index] ?? null;
          const name = `${scenario.system.name} ${scenario.loadMbps} Mb/s run ${scenario.run}`;
          if (result === null) {
            problems.push(`${name}: not there`);
            continue;
          }
          problems.push(...check(result, scenario.system).map((problem) => `${name}: ${problem}`));
          // The warm-up is half of each run and is simulated, too, but only the window's counts are told.
          events += result.events;
          frames += (result.counters['frames.in'] ?? 0) + (result.counters['frames.out'] ?? 0);
          simulatedSeconds += scenario.duration;
        }
        const fingerprints = results.map((result) => result?.fingerprint).join();
        first ??= fingerprints;
        if (first !== fingerprints) problems.push('not the results of the first sweep');
        return { events, frames, simulatedSeconds, problems };
      };
    },
  };
}

export const figureBenches: readonly Bench[] = [1, 2].map(bench);
