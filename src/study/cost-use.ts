import { type Cost, CostTable } from '../hw/cost.ts';
import { type Scenario, simulate } from './simulate.ts';

/** Notes which of its rows are looked at. */
class WatchedCosts extends CostTable {
  readonly read: Set<string> = new Set();

  override row(id: string): Cost {
    this.read.add(id);
    return super.row(id);
  }
}

/** Long enough for the machine to be put together and for the client to start. */
const START = { duration: 0.002, warmup: 0.001 };

/**
 * The costs that a scenario's machine and load read. Prices are taken from the table while a machine is put together and nowhere else, so a cost
 * that is not among them cannot change the result.
 */
export function costsRead(scenario: Scenario, costs: CostTable): ReadonlySet<string> {
  const watched = new WatchedCosts(costs.rows());
  simulate({ ...scenario, ...START }, watched);
  return watched.read;
}
