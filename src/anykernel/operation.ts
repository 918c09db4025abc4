import { type CodeGroup, execute, type PathTable, type Step } from '../hw/path.ts';

const GROUPS: readonly CodeGroup[] = ['kernel', 'driver', 'stack', 'app'];

/**
 * Steps of an operation whose instructions were counted by code group: one step for each cost `insn.<name>.<group>` of the table, and the glue of the place it runs in.
 * @throws Error when the table counts nothing for it.
 */
export function counted(paths: PathTable, name: string, times = 1): Step[] {
  const steps = [...GROUPS, paths.glue].filter((group) => paths.costs.has(`insn.${name}.${group}`)).map((group) => execute(group, `insn.${name}.${group}`, times));
  if (steps.length === 0) throw new Error(`no instruction count for operation ${name}`);
  return steps;
}

/** Steps that take a count out of an operation whose rows hold it, where the composition does not execute it. */
export function less(paths: PathTable, group: CodeGroup, cost: string): Step[] {
  return paths.omits(cost) ? [execute(group, cost, -1)] : [];
}

/** Defines the path of a counted operation, followed by its priced accesses. */
export function operation(paths: PathTable, name: string, ...accesses: Step[]): number {
  return paths.known(name) ?? paths.define(name, ...counted(paths, name), ...accesses);
}
