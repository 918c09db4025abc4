import { OPERATIONS, type Operation } from '../../src/kernel/sel4/operation.ts';
import type { PacingName } from '../../src/load/pacing/pacing.ts';
import type { RunResult } from '../../src/study/simulate.ts';

export interface Sketch {
  readonly system?: string;
  readonly loadMbps?: number;
  readonly pacing?: PacingName;
  readonly run?: number;
  readonly utilisation?: number;
  readonly utilisationMeasured?: number;
  readonly throughputMbps?: number;
  /** Shares of elapsed time by operation; none: a system without a kernel below it. */
  readonly kernel?: Partial<Record<Operation, number>> | null;
  readonly counters?: Readonly<Record<string, number>>;
}

/** A result with the given numbers, as if a run had found them. */
export function result(sketch: Sketch = {}): RunResult {
  const { system = 'sel4-pic', loadMbps = 900, pacing = 'fq', run = 0, utilisation = 0.25, kernel = { ioport: 0.01, 'irq-deliver': 0.006, 'irq-ack': 0.004 }, counters = {} } = sketch;
  const breakdown = Object.fromEntries(OPERATIONS.map((operation) => [operation, kernel?.[operation] ?? 0]));
  const share = Object.values(breakdown).reduce((sum, part) => sum + part, 0);
  return {
    system, loadMbps, pacing, run, utilisation, counters,
    seed: 1, duration: 20, warmup: 10,
    utilisationMeasured: sketch.utilisationMeasured ?? utilisation,
    kernelShare: share, kernelShareFull: share, kernelBreakdown: kernel === null ? {} : breakdown,
    kernelLog: kernel === null ? null : { entries: 100, logged: 100, fullAfter: null, share: share / 2, breakdown: Object.fromEntries(Object.entries(breakdown).map(([name, part]) => [name, part / 2])) },
    loop: 'closed', warnings: [], breakdown: {}, throughputMbps: sketch.throughputMbps ?? loadMbps,
    latencyUs: { mean: 300, p50: 290, p99: 500 }, ticks: { busy: '1', idle: '3', elapsed: '4' }, events: 1, fingerprint: `${system}/${loadMbps}/${pacing}/${run}`,
  };
}

/** The same result with some numbers changed. */
export function altered(run: RunResult, change: Partial<RunResult>): RunResult {
  return { ...run, ...change };
}

const SYSTEMS: Readonly<Record<string, { factor: number; kernel: Sketch['kernel'] }>> = {
  'sel4-pic': { factor: 1.1, kernel: { ioport: 0.012, 'irq-deliver': 0.006, 'irq-ack': 0.005, send: 0.001, recv: 0.002, tick: 0.0001 } },
  'sel4-ioapic': { factor: 1.02, kernel: { 'irq-deliver': 0.0007, 'irq-ack': 0.0006, send: 0.0005, recv: 0.0009, tick: 0.0001 } },
  'sel4-msi': { factor: 1.01, kernel: { 'irq-deliver': 0.0005, 'irq-ack': 0.0004, send: 0.0005, recv: 0.0009, tick: 0.0001 } },
  bmk: { factor: 1, kernel: null },
};

/** Results of the four Rumprun systems in which everything that needs no other system holds. */
export function figureResults(loads: readonly number[] = [180, 540, 900], pacings: readonly PacingName[] = ['fq', 'onoff', 'even'], reps = 3, sd = 0.0001): RunResult[] {
  const results: RunResult[] = [];
  for (const pacing of pacings) {
    for (const [system, { factor, kernel }] of Object.entries(SYSTEMS)) {
      for (const loadMbps of loads) {
        for (let run = 0; run < reps; run++) {
          const utilisation = (system === 'sel4-msi' && loadMbps === 180 ? 0.999 : factor) * (0.02 + loadMbps / 4000) + sd * (run - 1);
          results.push(result({ system, loadMbps, pacing, run, kernel, utilisation, counters: { 'timer.programmed': 1000, 'kernel.ioport': system === 'sel4-pic' ? 3000 : 0 } }));
        }
      }
    }
  }
  return results;
}
