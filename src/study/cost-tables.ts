import { ANYKERNEL_COSTS } from '../anykernel/costs.ts';
import { CostTable } from '../hw/cost.ts';
import { MACHINE_COSTS } from '../hw/costs.ts';
import { LINK_COSTS } from '../hw/link.ts';
import { LINUX_COSTS } from '../kernel/linux/costs.ts';
import { NETBSD_COSTS } from '../kernel/netbsd/costs.ts';
import { SEL4_COSTS } from '../kernel/sel4/costs.ts';
import { RPC_COSTS } from '../kernel/sel4/rpc-costs.ts';
import { LOAD_COSTS } from '../load/load-costs.ts';
import { RUMP_2023_COSTS } from '../rump/costs-2023.ts';
import { RUMP_COSTS } from '../rump/costs.ts';

/** Every number of the model, with range, kind and source. */
export function defaultCosts(): CostTable {
  return new CostTable([...MACHINE_COSTS, ...LINK_COSTS, ...SEL4_COSTS, ...RPC_COSTS, ...LINUX_COSTS, ...NETBSD_COSTS, ...RUMP_COSTS, ...RUMP_2023_COSTS, ...ANYKERNEL_COSTS, ...LOAD_COSTS]);
}
