import { Tinypool } from 'tinypool';
import { type Cost, CostTable } from '../hw/cost.ts';
import { type CostValues, withValues } from './cost-values.ts';
import { type RunResult, type Scenario, simulate } from './simulate.ts';
import { simulateSampled } from './utilisation-series.ts';

/** What a worker is started with: the cost tables of the sweep, as rows, since a class does not survive the crossing. */
export type WorkerTables = readonly (readonly Cost[])[];

/** One run for a worker: a scenario under the table with that number. */
export interface WorkerTask {
  readonly scenario: Scenario;
  readonly table: number;
  readonly values?: CostValues | undefined;
  readonly sampleEvery?: number | undefined;
}

const tables = (Tinypool.workerData as WorkerTables).map((rows) => new CostTable(rows));

/** Runs in a worker thread of `sweep.ts`. */
export default function run({ scenario, table, values, sampleEvery }: WorkerTask): RunResult {
  const shared = tables[table];
  if (shared === undefined) throw new RangeError(`the worker has no cost table ${table}`);
  const costs = values === undefined ? shared : withValues(shared, values);
  return sampleEvery === undefined ? simulate(scenario, costs) : simulateSampled(scenario, costs, sampleEvery);
}
