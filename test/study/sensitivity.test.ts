import { beforeAll, describe, expect, it } from 'vitest';
import { cost, CostTable } from '../../src/hw/cost.ts';
import { claimTornado, tornado } from '../../src/chart/tornado.ts';
import { render } from '../../src/chart/render.ts';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { costsRead } from '../../src/study/cost-use.ts';
import { withValues } from '../../src/study/cost-values.ts';
import { sensitivity, loadsFor, type Sensitivity } from '../../src/study/sensitivity.ts';
import { simulate, type Scenario } from '../../src/study/simulate.ts';
import { SYSTEMS, type System } from '../../src/study/system.ts';

function system(name: string): System {
  const found = SYSTEMS.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no system ${name}`);
  return found;
}

/** The table with ranges for these costs alone, so that a study is small. */
function onlyRanges(ids: readonly string[]): CostTable {
  return new CostTable(defaultCosts().rows().map((row) => (ids.includes(row.id) ? row : cost(row.id, row.value, row.unit, [row.value, row.value], row.kind, row.source))));
}

describe('costs read', () => {
  const scenario: Scenario = { system: system('sel4-msi'), loadMbps: 900, pacing: 'fq', duration: 1, warmup: 0, seed: 1, run: 0 };

  it('are those that can change a result', () => {
    const costs = defaultCosts();
    const read = costsRead(scenario, costs);
    expect(read.has('cpi.stack')).toBe(true);
    expect(read.has('checksum.assembler')).toBe(false);
    const short = { ...scenario, duration: 0.05, warmup: 0.02 };
    const base = simulate(short, costs);
    const unread = costs.rows().filter(({ id }) => !read.has(id));
    expect(unread.length).toBeGreaterThan(20);
    expect(simulate(short, withValues(costs, Object.fromEntries(unread.map(({ id, high }) => [id, high]))))).toEqual(base);
  });

  it('are complete: a run reads nothing that its start has not', () => {
    for (const each of SYSTEMS) {
      const late = new Set<string>();
      class Watched extends CostTable {
        override row(id: string) {
          late.add(id);
          return super.row(id);
        }
      }
      const costs = new Watched(defaultCosts().rows());
      const start = costsRead({ ...scenario, system: each }, costs);
      late.clear();
      simulate({ ...scenario, system: each, duration: 0.3, warmup: 0.1 }, costs);
      expect([...late].filter((id) => !start.has(id))).toEqual([]);
    }
  });
});

describe('swings', () => {
  const ids = ['cpi.app', 'hpet.read', 'pit.out', 'checksum.assembler'];
  let study: Sensitivity;

  beforeAll(async () => {
    const systems = ['sel4-pic', 'sel4-ioapic', 'sel4-msi', 'bmk'].map(system);
    study = await sensitivity({ systems, loads: loadsFor(900), pacing: 'fq', costs: onlyRanges(ids), duration: 0.3, warmup: 0.1, seed: 1 }, 900, { jobs: 2 }, { long: { duration: 0.4, warmup: 0.2 } });
  }, 120_000);

  it('are the slope times the range where a price enters linearly', () => {
    const swing = study.swings.find(({ cost: { id }, quantity }) => id === 'cpi.app' && quantity.id === 'u(sel4-msi)');
    const costs = defaultCosts();
    const row = costs.row('cpi.app');
    const run = simulate({ system: system('sel4-msi'), loadMbps: 900, pacing: 'fq', duration: 0.3, warmup: 0.1, seed: 1, run: 0 }, costs);
    // Time spent on instructions of the application, per unit of cpi: instructions executed by path, from the ledger's accounts.
    const app = Object.entries(run.breakdown).filter(([account]) => account.includes('iperf.loop')).reduce((sum, [, share]) => sum + share, 0);
    const part = (460 * row.value) / (460 * row.value + 370 * costs.value('cpi.sched'));
    const slope = (app * part) / row.value;
    expect(swing?.swing ?? 0).toBeGreaterThan(0);
    // select's stubs are the application's, too, a tenth more; reads per second move a little with the price.
    expect((swing?.swing ?? 0) / (slope * (row.high - row.low))).toBeGreaterThan(0.8);
    expect((swing?.swing ?? 0) / (slope * (row.high - row.low))).toBeLessThan(1.5);
  });

  it('are sorted, and only of systems that read the cost', () => {
    for (const { quantity } of study.baseLines) {
      const own = study.swings.filter((swing) => swing.quantity.id === quantity.id).map(({ swing }) => swing);
      expect(own).toEqual(own.toSorted((a, b) => b - a));
    }
    expect(study.swings.some(({ cost: { id }, quantity }) => id === 'pit.out' && quantity.id === 'u(sel4-msi)')).toBe(false);
    expect(study.swings.some(({ cost: { id }, quantity }) => id === 'hpet.read' && quantity.id === 'u(sel4-msi)')).toBe(true);
  });

  it('count what is fixed and what nobody reads', () => {
    expect(study.counts).toMatchObject({ all: defaultCosts().rows().length, fixed: defaultCosts().rows().length - ids.length, unused: 1 });
    expect(study.complete).toBe(true);
  });

  it('find the value at which F5.1 turns: what its verdict says on both sides of it', async () => {
    const flip = study.flips.find(({ claim, cost: { id } }) => claim === 'F5.1' && id === 'pit.out');
    expect(flip).toMatchObject({ inside: true, holds: true, end: 'low' });
    const lead = (value: number): number => {
      const { kernelBreakdown } = simulate({ system: system('sel4-pic'), loadMbps: 900, pacing: 'fq', duration: 0.3, warmup: 0.1, seed: 1, run: 0 }, withValues(defaultCosts(), { 'pit.out': value }));
      const { ioport = 0, ...others } = kernelBreakdown;
      return ioport - Math.max(...Object.values(others));
    };
    const { value = 0, tolerance = 0 } = flip ?? {};
    expect(tolerance ?? 0).toBeLessThan(60);
    // The load that decides may be another one; at this one the lead turns nearby.
    expect(lead(value + 150)).toBeGreaterThan(0);
    expect(lead(value - 150)).toBeLessThan(0);
  });

  it('are drawn without a guess of the chart library', async () => {
    expect((await render(tornado(study))).warnings).toEqual([]);
    expect((await render(claimTornado(study))).warnings).toEqual([]);
  });
});
