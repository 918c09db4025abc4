import { CostError, type Cost, type CostTable } from '../hw/cost.ts';
import { nearest } from './nearest.ts';
import { parameter, PARAMETERS } from './parameter.ts';
import type { System } from './system.ts';
import { UserError } from './user-error.ts';

/** A system and the numbers of its model: what overrides change. */
export interface Composition {
  readonly system: System;
  readonly costs: CostTable;
}

/** What `--set` starts a cost with. */
export const COST_PREFIX = 'cost.';

/** A cost may be set to this many times the ends of its published range; further out it is taken for a mistake of unit. */
const LARGEST_FACTOR = 1000;

/** What a cost must be at least for the model to run: a window or a buffer holds a segment, some are divided by, and code that takes no time never lets a timer expire. */
const LEAST: Readonly<Record<string, number>> = {
  'load.sendWindow': 1448, 'load.peerWindow': 1448, 'load.socketBytes': 1448, 'load.tso': 1448, 'load.tsoQueue': 2, 'load.block': 1, 'load.throttlePeriod': 1000,
  'link.switch.buffer': 1538, 'idle.loop': 1, 'cpu.frequency': 1, 'cpi.kernel': 0.01, 'cpi.driver': 0.01, 'cpi.stack': 0.01, 'cpi.sched': 0.01, 'cpi.app': 0.01,
};

/** Splits `key=value`. @throws UserError at `place` when there is no value. */
export function splitAssignment(text: string, place: string): readonly [key: string, value: string] {
  const at = text.indexOf('=');
  const key = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  if (at < 0 || key === '' || value === '') throw new UserError(place, `'${text}' is not of the form KEY=VALUE`, 'for example nic.throttle=20000/s');
  return [key, value];
}

/**
 * A copy of the composition with one setting changed.
 * @param place where the setting stands, for messages; they add key and value
 * @throws UserError for an unknown key, a value out of range or a unit that does not fit, with the nearest valid spelling.
 */
export function override({ system, costs }: Composition, key: string, value: string, place: string): Composition {
  const found = parameter(key);
  if (found !== undefined) return { system: found.apply(system, value, place), costs };
  if (key.startsWith(COST_PREFIX)) return { system, costs: overrideCost(costs, key.slice(COST_PREFIX.length), value, place) };
  throw unknownKey(key, costs, place);
}

/**
 * The same for a list of `key=value` texts, in their order. `option` is how the list is given, for messages.
 * @throws UserError as above, and when the parts do not go together in the end.
 */
export function overrideAll(composition: Composition, assignments: readonly string[], option: string): Composition {
  const changed = assignments.reduce((so, text) => {
    const place = `${option} ${text}`;
    const [key, value] = splitAssignment(text, place);
    return override(so, key, value, place);
  }, composition);
  checkParts(changed.system);
  return changed;
}

/** @throws UserError for a mix of parts that no driver of the model has. */
function checkParts({ name, kernel, controller }: System): void {
  const place = `system ${name}`;
  if (controller === 'msix' && (kernel === 'sel4' || kernel === 'bare-metal')) throw new UserError(place, `the controller msix with the kernel ${kernel}`, 'Rumprun takes pic, ioapic or msi');
  if (controller !== 'msix' && kernel === 'linux') throw new UserError(place, `the controller ${controller} with the kernel linux`, 'its driver is modelled with one vector for each queue: controller=msix');
}

/** A copy of the table with costs changed as `cost.ID=VALUE` texts say. @throws UserError for anything that is not a cost. */
export function overrideCosts(costs: CostTable, texts: readonly string[], place: string): CostTable {
  return texts.reduce((table, text) => {
    const [key, value] = splitAssignment(text, place);
    const id = key.startsWith(COST_PREFIX) ? key.slice(COST_PREFIX.length) : key;
    if (id === key && !table.has(id)) throw new UserError(`${place} ${text}`, `'${key}' is not a cost`, 'a recorded run has no settings any more: give cost.ID=VALUE (`rumpsim costs` lists them)');
    return overrideCost(table, id, value, `${place} ${text}`);
  }, costs);
}

/** A copy of the table with one cost changed; the value is a number in the cost's unit, or with a unit that fits. @throws UserError at `place`. */
export function overrideCost(costs: CostTable, id: string, value: string, place: string): CostTable {
  if (!costs.has(id)) throw new UserError(place, `unknown cost '${id}'`, `did you mean '${nearest(id, ids(costs)) ?? ''}'? (\`rumpsim costs\` lists them all)`);
  const row = costs.row(id);
  let changed: CostTable;
  try {
    changed = costs.with(id, value);
  } catch (error) {
    if (!(error instanceof CostError)) throw error;
    throw new UserError(place, error.message, `for example ${row.value}${row.unit === 'ns' ? 'ns' : ''}`);
  }
  const problem = implausible(row, changed.value(id)) || shorterThanStub(row, changed);
  if (problem !== '') throw new UserError(place, `${value} ${problem}`, `the published range is ${row.low}..${row.high} ${row.unit}`);
  return changed;
}

/** Why a value cannot be simulated or must be a mistake; empty when it can. */
function implausible(row: Cost, value: number): string {
  const counted = row.unit === 'bytes' || row.unit === 'count' || row.unit === 'lines';
  if (counted && !Number.isInteger(value)) return `is not a whole number of ${row.unit}`;
  if (value > row.high * LARGEST_FACTOR) return `is more than ${LARGEST_FACTOR} times the highest ${row.unit} published for ${row.id}`;
  const least = LEAST[row.id];
  if (least !== undefined && value < least) return `is less than the model can run with, ${least} ${row.unit}`;
  return '';
}

/** Why a kernel path cannot be priced: its count includes the entry and exit stubs, which are taken out of it. */
function shorterThanStub({ id }: Cost, costs: CostTable): string {
  if (!id.startsWith('insn.sel4.') || id.endsWith('.sched')) return '';
  const stub = costs.value('insn.sel4.stub');
  const shortest = costs.rows().find((row) => row.id.startsWith('insn.sel4.') && !row.id.endsWith('.sched') && row.value < stub);
  return shortest === undefined ? '' : `leaves nothing of ${shortest.id} (${shortest.value}) without its stubs (insn.sel4.stub, ${stub})`;
}

function ids(costs: CostTable): string[] {
  return costs.rows().map(({ id }) => id);
}

/** A cost is recognised without its prefix too. */
function unknownKey(key: string, costs: CostTable, place: string): UserError {
  const known = ids(costs);
  const best = nearest(key, [...PARAMETERS.map((candidate) => candidate.key), ...known, ...known.map((id) => `${COST_PREFIX}${id}`)]) ?? '';
  return new UserError(place, `unknown parameter '${key}'`, `did you mean '${known.includes(best) ? COST_PREFIX : ''}${best}'? (\`rumpsim run --help\` lists them all)`);
}
