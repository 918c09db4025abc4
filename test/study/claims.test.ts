import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeClaims } from '../../src/study/claims.ts';
import { type Claim, type ClaimDefinition, compare, every, some } from '../../src/study/claims/claim.ts';
import { evaluate } from '../../src/study/claims/evaluate.ts';
import { over, PointSet } from '../../src/study/points.ts';
import type { RunResult } from '../../src/study/simulate.ts';
import { inconsistencies } from './inconsistencies.ts';
import { altered, figureResults, result } from './results.ts';

const LOADS = [180, 540, 900];
const PACINGS = ['fq', 'onoff', 'even'] as const;

function judge(results: readonly RunResult[]): Map<string, Claim> {
  return new Map(judgeClaims(new PointSet(results), { loads: LOADS, pacings: PACINGS }).map((claim) => [claim.id, claim]));
}

function change(results: readonly RunResult[], system: string, changed: (run: RunResult) => Partial<RunResult>): RunResult[] {
  return results.map((run) => (run.system === system ? altered(run, changed(run)) : run));
}

describe('the paper\'s claims', () => {
  test('are all there, in order', () => {
    expect([...judge(figureResults()).keys()]).toEqual(['F4.1', 'F4.2', 'F4.3', 'F4.4', 'F4.5', 'F4.6', 'F4.7', 'F4.8', 'F4.9', 'F5.1', 'F5.2', 'F5.3', 'F5.4', 'F5.5']);
  });

  test('hold where the results are as the paper says, and are open where a system is missing', () => {
    const claims = judge(figureResults());
    const verdicts = Object.fromEntries([...claims].map(([id, { holds }]) => [id, holds]));
    expect(verdicts).toEqual({ 'F4.1': null, 'F4.2': null, 'F4.3': null, 'F4.4': true, 'F4.5': null, 'F4.6': true, 'F4.7': true, 'F4.8': true, 'F4.9': true, 'F5.1': true, 'F5.2': true, 'F5.3': true, 'F5.4': true, 'F5.5': true });
    expect(claims.get('F4.1')?.needs).toEqual(['netbsd']);
    expect(claims.get('F4.2')?.needs).toEqual(['linux', 'netbsd']);
    expect(claims.get('F4.3')?.needs).toEqual(['netbsd', 'linux', 'linux-fixed-throttle']);
  });

  test.each<[string, string, (run: RunResult) => Partial<RunResult>]>([
    ['F4.1', 'sel4-pic', () => ({ utilisation: 0.01 })],
    ['F4.4', 'sel4-ioapic', (run) => ({ utilisation: run.utilisation * 1.2 })],
    ['F4.4', 'sel4-msi', (run) => ({ utilisation: run.utilisation * 0.6 })],
    ['F4.6', 'sel4-pic', (run) => ({ utilisation: run.utilisation * 1.2 })],
    ['F4.7', 'sel4-msi', (run) => ({ utilisation: run.utilisation + 0.001 })],
    ['F4.8', 'bmk', (run) => ({ throughputMbps: run.loadMbps * 0.98 })],
    ['F4.9', 'bmk', (run) => ({ utilisation: run.loadMbps === 540 ? 0.001 : run.utilisation })],
    ['F5.1', 'sel4-pic', (run) => ({ kernelBreakdown: { ...run.kernelBreakdown, ioport: 0.005 } })],
    ['F5.2', 'sel4-pic', (run) => ({ kernelBreakdown: { ...run.kernelBreakdown, 'irq-ack': 0.001 } })],
    ['F5.3', 'sel4-msi', () => ({ kernelShare: 0.0031 })],
    ['F5.4', 'sel4-ioapic', (run) => ({ kernelBreakdown: { ...run.kernelBreakdown, ioport: 1e-9 } })],
    ['F5.5', 'sel4-msi', (run) => ({ counters: { ...run.counters, 'kernel.ioport': 1 } })],
  ])('%s fails when %s is otherwise', (id, system, changed) => {
    expect(judge(change(figureResults(), system, changed)).get(id)?.holds).toBe(false);
  });

  test('one load at which it fails is enough, and that load is named', () => {
    const results = change(figureResults(), 'sel4-msi', (run) => (run.loadMbps === 540 ? { kernelShare: 0.004 } : {}));
    expect(judge(results).get('F5.3')).toMatchObject({ holds: false, loadMbps: 540, value: 0.004, bound: 0.003, relation: '<' });
  });

  test('the headline is fq; another load model has its own verdict', () => {
    const results = figureResults().map((run) => (run.system === 'sel4-msi' && run.pacing === 'onoff' ? altered(run, { kernelShare: 0.004 }) : run));
    const claim = judge(results).get('F5.3');
    expect(claim?.holds).toBe(true);
    expect(claim?.verdicts.filter(({ reading }) => reading === 'true').map(({ pacing, holds }) => [pacing, holds])).toEqual([['fq', true], ['onoff', false], ['even', true]]);
  });

  test('the instruments\' reading has a verdict of its own', () => {
    const results = change(figureResults(), 'sel4-ioapic', (run) => ({ kernelShare: 0.0035, kernelLog: run.kernelLog === null ? null : { ...run.kernelLog, share: 0.0012 } }));
    const claim = judge(results).get('F5.3');
    expect(claim?.holds).toBe(false);
    expect(claim?.verdicts.filter(({ pacing }) => pacing === 'fq').map(({ reading, holds }) => [reading, holds])).toEqual([['true', false], ['instrument', true]]);
  });

  test('a load or a load model without results leaves claims open, not held', () => {
    const partial = figureResults().filter(({ system, loadMbps, pacing }) => !(system === 'sel4-msi' && loadMbps === 540) && pacing !== 'even');
    const claim = judge(partial).get('F5.3');
    expect(claim).toMatchObject({ holds: null, needs: ['sel4-msi at 540 Mb/s, fq'] });
    expect(judge(partial).get('F5.1')?.verdicts.map(({ holds }) => holds)).toEqual([true, true, true, true, null, null]);
  });

  test('a part that fails settles a claim of which another part is open', () => {
    const claim = judge(change(figureResults(), 'bmk', () => ({ utilisation: 0.9 }))).get('F4.1');
    expect(claim?.holds).toBe(false);
  });

  test('comparisons of two systems are paired by replication: what runs share does not widen the interval', () => {
    const shared = [0, 0.01, 0.05];
    const results = figureResults().map((run) => altered(run, { utilisation: run.utilisation + (shared[run.run] ?? 0) }));
    const [low, high] = judge(results).get('F4.1')?.interval ?? [0, 1];
    expect(high - low).toBeLessThan(1e-9);
  });

  test('numbers that are not finite are an error, not a verdict', () => {
    expect(() => judge(change(figureResults(), 'bmk', () => ({ utilisation: Number.NaN })))).toThrow(RangeError);
  });

  test('six systems close the open ones: F4.2 and F4.5 follow from utilisations, F4.3 from deviations', () => {
    const like = (name: string, factor: number, noise: number): RunResult[] => figureResults()
      .filter(({ system }) => system === 'bmk')
      .map((run) => altered(run, { system: name, utilisation: run.utilisation * factor, utilisationMeasured: run.utilisation * factor + noise * (run.run - 1) }));
    const six = [...figureResults(), ...like('netbsd', 1.4, 0.002), ...like('linux', 0.7, 0.02), ...like('linux-fixed-throttle', 0.7, 0)];
    const claims = judge(six);
    expect(['F4.1', 'F4.2', 'F4.3', 'F4.5'].map((id) => claims.get(id)?.holds)).toEqual([true, true, true, true]);
  });
});

describe('verdicts', () => {
  const definition = (needed: (loads: number) => number, bound: number): ClaimDefinition => ({
    id: 'X', source: 'test', kind: 'predicted', unit: 'share', text: 'u < bound',
    parts: () => [{ text: 'u', systems: ['bmk'], at: 'each load', needed, checks: ({ point }) => [compare('u(bmk)', over(point('bmk'), (run) => run.utilisation), '<', bound)] }],
  });
  const scope = { systems: ['bmk'], loads: LOADS, pacings: ['fq'] as const };

  test('number, bound, margin and verdict agree in every check, and the verdict is that of enough loads', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(fc.property(fc.tuple(share, share, share), share, fc.constantFrom(every, some, () => 2), (shares, bound, needed) => {
      const results = shares.map((utilisation, index) => result({ system: 'bmk', loadMbps: LOADS[index] ?? 0, utilisation }));
      const [claim] = evaluate([definition(needed, bound)], new PointSet(results), scope);
      const held = shares.filter((utilisation) => utilisation < bound).length;
      expect(claim?.holds).toBe(held >= needed(LOADS.length));
      expect(claim === undefined ? [] : inconsistencies(claim)).toEqual([]);
    }));
  });

  test('at some load: the load nearest to holding decides', () => {
    const results = [0.5, 0.3, 0.4].map((utilisation, index) => result({ system: 'bmk', loadMbps: LOADS[index] ?? 0, utilisation }));
    expect(evaluate([definition(some, 0.2)], new PointSet(results), scope)[0]).toMatchObject({ holds: false, value: 0.3, loadMbps: 540 });
  });

  test('the same run twice is refused', () => {
    expect(() => new PointSet([result(), result()])).toThrow(RangeError);
  });
});
