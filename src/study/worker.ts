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

/** Systems that this worker has run. */
const known = new Set<string>();
/** Simulated seconds of a rehearsal: the client begins in the first hundredth. */
const REHEARSAL = 0.011;

/**
 * Two runs of a moment before the first of a system. V8 ties what it compiles while there is one machine to the functions of that machine, and must compile it again, which takes 0.4 s, when the next one
 * comes: so two come before anything is worth compiling.
 */
function rehearse(scenario: Scenario, costs: CostTable): void {
  const { name } = scenario.system;
  if (known.has(name)) return;
  known.add(name);
  for (let run = 0; run < 2; run++) simulate({ ...scenario, duration: Math.min(scenario.duration, REHEARSAL), warmup: 0, run }, costs);
}

/** Runs in a worker thread of `sweep.ts`. */
export default function run({ scenario, table, values, sampleEvery }: WorkerTask): RunResult {
  const shared = tables[table];
  if (shared === undefined) throw new RangeError(`the worker has no cost table ${table}`);
  const costs = values === undefined ? shared : withValues(shared, values);
  rehearse(scenario, costs);
  return sampleEvery === undefined ? simulate(scenario, costs) : simulateSampled(scenario, costs, sampleEvery);
}
