/** How a number was come by. `fitted` names what it was fitted to in its source. */
export type CostKind = 'measured' | 'datasheet' | 'source code' | 'arithmetic' | 'estimate' | 'fitted';

export const COST_KINDS: readonly CostKind[] = ['measured', 'datasheet', 'source code', 'arithmetic', 'estimate', 'fitted'];

export type CostUnit = 'ns' | 'cycles' | 'instructions' | 'cycles/instruction' | 'cycles/byte' | 'instructions/byte' | 'MHz' | 'lines' | 'bytes' | 'count';

/** One number of the model, with its uncertainty and its origin. `low <= value <= high`, all in `unit`. */
export interface Cost {
  readonly id: string;
  readonly value: number;
  readonly unit: CostUnit;
  readonly low: number;
  readonly high: number;
  readonly kind: CostKind;
  readonly source: string;
}

/** Thrown for an unknown cost, a unit that does not fit, or a value that makes no sense. */
export class CostError extends Error {
  override readonly name = 'CostError';
}

/** The row of a cost; keeps the tables of numbers readable: id, value, unit, [low, high], kind, source. */
export function cost(id: string, value: number, unit: CostUnit, range: readonly [number, number], kind: CostKind, source: string): Cost {
  return { id, value, unit, low: range[0], high: range[1], kind, source };
}

const NANOSECONDS: Readonly<Record<string, number>> = { ps: 1e-3, ns: 1, us: 1e3, ms: 1e6, s: 1e9 };

/**
 * All numbers of a machine and its software. Immutable: `with` gives a changed copy, so a run's table can be hashed and kept.
 */
export class CostTable {
  private readonly byId: ReadonlyMap<string, Cost>;

  /** @throws CostError on a duplicate id, a missing source, or a value outside its own range. */
  constructor(rows: Iterable<Cost>) {
    const byId = new Map<string, Cost>();
    for (const row of rows) {
      if (byId.has(row.id)) throw new CostError(`cost ${row.id} is defined twice`);
      if (row.source.trim() === '') throw new CostError(`cost ${row.id} has no source`);
      if (!(row.low <= row.value && row.value <= row.high)) throw new CostError(`cost ${row.id}: ${row.value} is outside ${row.low}..${row.high} ${row.unit}`);
      byId.set(row.id, row);
    }
    this.byId = byId;
  }

  rows(): Cost[] {
    return [...this.byId.values()];
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  /** @throws CostError when there is no such cost. */
  row(id: string): Cost {
    const row = this.byId.get(id);
    if (row === undefined) throw new CostError(`there is no cost named ${id}`);
    return row;
  }

  value(id: string): number {
    return this.row(id).value;
  }

  /**
   * A copy in which `id` has another value. `text` is a number in the cost's own unit, or a number with a unit: a time unit (ps, ns, us, ms)
   * for costs in ns, `cycles` or a bare number otherwise. A value outside the published range is allowed: the range widens and the kind says estimate.
   * @throws CostError when the unit does not fit or the value is negative.
   */
  with(id: string, text: string | number): CostTable {
    const row = this.row(id);
    const value = parse(row, String(text));
    const changed: Cost = value === row.value ? row : {
      ...row,
      value,
      low: Math.min(row.low, value),
      high: Math.max(row.high, value),
      kind: 'estimate',
      source: `set by the user; the table has ${row.value} ${row.unit} (${row.low}..${row.high}, ${row.kind}): ${row.source}`,
    };
    return new CostTable([...this.byId.values()].map((other) => (other.id === id ? changed : other)));
  }
}

function parse(row: Cost, text: string): number {
  const match = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z/]*)\s*$/.exec(text);
  if (match === null) throw new CostError(`cost ${row.id}: '${text}' is not a number in ${row.unit}`);
  const number = Number(match[1]);
  const unit = match[2] ?? '';
  let value = number;
  if (unit !== '' && unit !== row.unit) {
    const scale = row.unit === 'ns' ? NANOSECONDS[unit] : undefined;
    if (scale === undefined) throw new CostError(`cost ${row.id} is in ${row.unit}; '${text}' has the unit '${unit}'${row.unit === 'ns' ? ' (use ps, ns, us or ms)' : ''}`);
    value = number * scale;
  }
  if (!(value >= 0) || !Number.isFinite(value)) throw new CostError(`cost ${row.id}: ${text} is negative or not finite`);
  return value;
}
