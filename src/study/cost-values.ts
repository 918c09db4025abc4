import { type Cost, cost, CostTable } from '../hw/cost.ts';

/** Values by cost, each in the cost's own unit. */
export type CostValues = Readonly<Record<string, number>>;

/** A copy of the table with other values. Kind and source stay, so it is meant for values drawn from the published ranges; one outside widens its range. */
export function withValues(costs: CostTable, values: CostValues): CostTable {
  for (const id of Object.keys(values)) costs.row(id); // An id that is not there is a mistake.
  return new CostTable(costs.rows().map((row) => {
    const value = values[row.id];
    return value === undefined ? row : cost(row.id, value, row.unit, [Math.min(row.low, value), Math.max(row.high, value)], row.kind, row.source);
  }));
}

/** The nearest value that a cost can have: bytes, lines and counts are whole. */
export function feasible({ unit }: Cost, value: number): number {
  return unit === 'bytes' || unit === 'count' || unit === 'lines' ? Math.round(value) : value;
}
