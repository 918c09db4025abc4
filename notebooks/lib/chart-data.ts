import type { TopLevelSpec } from 'vega-lite';

/** A chart with its data taken out: charts of one shape differ in their data alone. */
export interface SplitSpec {
  /** The specification with data by name. */
  readonly spec: object;
  /** Equal for charts of one shape. */
  readonly shape: string;
  readonly datasets: Readonly<Record<string, readonly unknown[]>>;
}

/** Takes the data out of a chart, so that other data can be put into its drawing. */
export function splitData(spec: TopLevelSpec): SplitSpec {
  const datasets: Record<string, readonly unknown[]> = {};
  const without = strip(spec, datasets) as object;
  return { spec: without, shape: JSON.stringify(without), datasets };
}

function strip(value: unknown, datasets: Record<string, readonly unknown[]>): unknown {
  if (Array.isArray(value)) return value.map((part) => strip(part, datasets));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]: [string, unknown]) => {
    if (key !== 'data' || part === null || typeof part !== 'object' || !('values' in part) || !Array.isArray(part.values)) return [key, strip(part, datasets)];
    const name = `d${Object.keys(datasets).length}`;
    datasets[name] = part.values;
    return [key, { name }];
  }));
}
