import { VIRT_TO_MACH } from '../anykernel/wm.ts';
import type { CostTable } from '../hw/cost.ts';
import { PathTable } from '../hw/path.ts';
import type { System } from './system.ts';

/** Systems whose paths are kept for a table of costs: more than one that goes through runs takes turns with. */
const KEPT = 16;

/** Tables of paths by system, as long as their costs are in use. A system is compared by what it says: in a worker it is a copy each time. */
const kept = new WeakMap<CostTable, Map<string, PathTable>>();

/**
 * The table that the paths of a system are defined in. Paths follow from the system and the costs alone, so machines of the same have the same table, and only the first one has its paths priced: a short run
 * would spend more on that than on its events.
 */
export function pathsOf(system: System, costs: CostTable): PathTable {
  let tables = kept.get(costs);
  if (tables === undefined) kept.set(costs, (tables = new Map()));
  const key = JSON.stringify(system);
  let paths = tables.get(key);
  if (paths === undefined) {
    // A study that varies a setting never comes back to most of its systems.
    if (tables.size === KEPT) tables.clear();
    paths = new PathTable(costs, system.kernel === 'netbsd' ? 'native' : 'sched', system.kernel === 'sel4' ? [] : [VIRT_TO_MACH]);
    tables.set(key, paths);
  }
  return paths;
}
