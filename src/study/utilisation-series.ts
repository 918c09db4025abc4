import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import { secondsToTicks, type Tick } from '../events/time.ts';
import type { CostTable } from '../hw/cost.ts';
import type { Machine } from './machine.ts';
import { type RunResult, type Scenario, simulate } from './simulate.ts';

/** Before the window's boundary of the same tick, which may stop the core. */
const SAMPLE = Priority.boundary - 1;

/** A result with the utilisation (0..1) of each interval from the start of the run, warm-up included. */
export interface SampledResult extends RunResult {
  readonly utilisationSeries: readonly number[];
}

/**
 * Reads the idle account at regular times. It only looks: sampled or not, a run gives the same digits, and the number of its events does not count the samples.
 */
export class UtilisationSeries {
  readonly values: number[] = [];

  /** Samples `machine` every `interval` ticks up to `end`. To be made before the machine runs. */
  constructor(machine: Machine, interval: Tick, end: Tick) {
    const { core, simulator } = machine;
    if (!Number.isSafeInteger(interval) || interval < 1) throw new RangeError(`an interval of ${interval} ticks cannot be sampled`);
    let idle: Tick = 0;
    const sample = new Event('utilisation/sample', SAMPLE, (tick) => {
      core.settle(tick);
      this.values.push(1 - (core.ledger.idle - idle) / interval);
      idle = core.ledger.idle;
      simulator.dispatched--;
      if (tick + interval <= end) simulator.schedule(sample, tick + interval);
    });
    if (interval <= end) simulator.schedule(sample, interval);
  }
}

/** Runs a scenario and samples its utilisation. @param every seconds */
export function simulateSampled(scenario: Scenario, costs: CostTable, every: number): SampledResult {
  let series: UtilisationSeries | null = null;
  const result = simulate(scenario, costs, {
    attach: (machine, end) => {
      series = new UtilisationSeries(machine, secondsToTicks(every), end);
    },
  });
  return { ...result, utilisationSeries: (series as UtilisationSeries | null)?.values ?? [] };
}
