import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { pathsOf } from '../../src/study/paths.ts';
import { type Scenario, simulate } from '../../src/study/simulate.ts';
import { LATER_SYSTEMS, SYSTEMS, type System } from '../../src/study/system.ts';

const ALL: readonly System[] = [...SYSTEMS, ...LATER_SYSTEMS];

describe('the paths of a system', () => {
  test('are kept for the same settings and the same costs only', () => {
    const costs = defaultCosts();
    const [system] = SYSTEMS;
    if (system === undefined) throw new Error('no systems');
    const table = pathsOf(system, costs);
    expect(pathsOf(structuredClone(system), costs)).toBe(table);
    expect(pathsOf({ ...system, socket: { ...system.socket, segmentBytes: 1460 } }, costs)).not.toBe(table);
    expect(pathsOf(system, costs.with('cpi.stack', 2))).not.toBe(table);
    expect(pathsOf(system, defaultCosts())).not.toBe(table);
  });

  test('are dropped when there are many', () => {
    const costs = defaultCosts();
    const system = (itr: number): System => ({ ...ALL[0]!, nic: { ...ALL[0]!.nic, itr } }); // there are systems
    const table = pathsOf(system(0), costs);
    for (let itr = 1; itr < 16; itr++) pathsOf(system(itr), costs);
    expect(pathsOf(system(0), costs)).toBe(table);
    pathsOf(system(16), costs);
    expect(pathsOf(system(0), costs)).not.toBe(table);
  });

  test('machines that share them do what each would do with its own, whatever ran between', () => {
    const costs = defaultCosts();
    const scenario = fc.record({
      system: fc.constantFrom(...ALL), loadMbps: fc.integer({ min: 10, max: 950 }), pacing: fc.constantFrom('fq', 'even', 'onoff'),
      duration: fc.constant(0.03), warmup: fc.constantFrom(0, 0.01), seed: fc.integer({ min: 1, max: 99 }), run: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(scenario, (drawn: Scenario) => {
        const { system } = drawn;
        const kind: Scenario = { ...drawn, system: { ...system, socket: { ...system.socket, ...(drawn.seed % 3 === 0 ? { segmentBytes: 1460 } : {}) } } };
        expect(simulate(kind, costs)).toEqual(simulate(kind, defaultCosts()));
        const dear = costs.with('cpi.stack', 3);
        expect(simulate(kind, dear)).toEqual(simulate(kind, defaultCosts().with('cpi.stack', 3)));
      }),
      { numRuns: 60 },
    );
  });
});
