import { describe, expect, test } from 'vitest';
import { defaultCosts } from '../../src/study/cost-tables.ts';
import { type RunResult, simulate } from '../../src/study/simulate.ts';
import { findSystem, knownSystems } from '../../src/study/study.ts';

const costs = defaultCosts();

function run(name: string, loadMbps = 100): RunResult {
  return simulate({ system: findSystem(knownSystems(null), name, ''), loadMbps, pacing: 'even', duration: 0.5, warmup: 0.1, seed: 1, run: 0 }, costs);
}

describe.each(['pic', 'ioapic', 'msi'])('the platform of 2023 with %s on the paper\'s machine', (controller) => {
  const later = run(`sel4-2023-${controller}`);
  const earlier = run(`sel4-${controller}`);
  const count = (result: RunResult, name: string): number => result.counters[name] ?? 0;

  test('carries the same load', () => {
    expect(later.throughputMbps / earlier.throughputMbps).toBeCloseTo(1, 2);
    expect(count(later, 'interrupts.nic') / count(earlier, 'interrupts.nic')).toBeCloseTo(1, 1);
  });

  test('sets the thread pointer by a call at every switch of bmk threads', () => {
    expect(Math.abs(count(later, 'kernel.other') - count(later, 'bmk.switches'))).toBeLessThanOrEqual(1);
    expect(count(earlier, 'kernel.other')).toBe(0);
  });

  test('asks for a timeout at every idle entry, and sets the timer for few of them', () => {
    expect(count(earlier, 'timer.programmed')).toBeGreaterThan(0.9 * count(earlier, 'bmk.idle-entries'));
    expect(count(later, 'timer.programmed')).toBeLessThan(0.3 * count(later, 'bmk.idle-entries'));
  });

  test('acknowledges the NIC\'s interrupt unless it is a message', () => {
    const nic = count(later, 'kernel.irq-ack') - count(later, 'interrupts.timer');
    expect(Math.abs(nic - (controller === 'msi' ? 0 : count(later, 'interrupts.nic')))).toBeLessThanOrEqual(1);
  });
});
