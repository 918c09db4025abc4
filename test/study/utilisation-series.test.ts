import { describe, expect, it } from 'vitest';
import { Streams } from '../../src/events/random.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { simulate, type Scenario } from '../../src/study/simulate.ts';
import { mean } from '../../src/study/statistics.ts';
import { SYSTEMS } from '../../src/study/system.ts';
import { simulateSampled } from '../../src/study/utilisation-series.ts';

const costs = defaultCosts();

describe.each(SYSTEMS.map((system) => [system.name, system] as const))('samples of %s', (_name, system) => {
  const scenario: Scenario = { system, loadMbps: 540, pacing: 'fq', duration: 0.3, warmup: 0.1, seed: 1, run: 0 };

  it('change nothing of the result and average to it', () => {
    const { utilisationSeries, ...rest } = simulateSampled(scenario, costs, 0.01);
    expect(rest).toEqual(simulate(scenario, costs));
    expect(utilisationSeries).toHaveLength(30);
    expect(mean(utilisationSeries.slice(10))).toBeCloseTo(rest.utilisation, 12);
  });
});

describe('random streams', () => {
  // What varies in reality: the client's start against the server's clocks, its timers, its interrupts.
  const names = ['load.start', 'load.release', 'load.ack', 'phase.tick', 'phase.hardclock'];
  const first = (seed: number, run: number): number[] => names.map((name) => new Streams(seed, run).stream(name).uniform());

  it('are all advanced by the run number, and differ from each other', () => {
    expect(new Set([...first(1, 0), ...first(1, 1), ...first(1, 2), ...first(2, 0)]).size).toBe(4 * names.length);
  });

  it.each(SYSTEMS.map((system) => [system.name, system] as const))('make runs of %s differ', (_name, system) => {
    const run = (number: number): string => simulate({ system, loadMbps: 540, pacing: 'fq', duration: 0.1, warmup: 0.05, seed: 1, run: number }, costs).fingerprint;
    expect(run(0)).toBe(run(0));
    expect(new Set([run(0), run(1), run(2)]).size).toBe(3);
  });
});
