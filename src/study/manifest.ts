import type { CostTable } from '../hw/cost.ts';

/**
 * Where a result comes from; everything needed to get it again. All but `invocation` is decided by what was computed, so two runs of the same thing agree in
 * it; `invocation` says how this run was called and may differ (another output folder, another number of workers), so comparisons of bytes leave it out.
 */
export interface Manifest {
  readonly program: 'rumpsim';
  readonly version: string;
  /** The scenario with every setting written out: for `run`, a scenario file that gives the same result. */
  readonly scenario: unknown;
  /** Hash over the rows of the cost table, changed ones included. */
  readonly costsHash: string;
  /** Hash of each trace that was read, by the name it was given with. */
  readonly traceHashes: Readonly<Record<string, string>>;
  /** Null where nothing was simulated. */
  readonly seeds: Seeds | null;
  readonly invocation: Invocation;
}

/** The seed and the run numbers that were used with it. */
export interface Seeds {
  readonly seed: number;
  readonly runs: readonly number[];
}

export interface Invocation {
  readonly command: readonly string[];
  readonly node: string;
}

/** A hash with its name in front, like `sha256:...`. Given in from outside, so that this runs without Node. */
export type Hash = (data: string | Uint8Array) => string;

export interface Provenance {
  readonly version: string;
  readonly scenario: unknown;
  readonly costs: CostTable;
  readonly seeds: Seeds | null;
  readonly traceHashes?: Readonly<Record<string, string>> | undefined;
  readonly invocation: Invocation;
}

export function createManifest({ version, scenario, costs, seeds, traceHashes, invocation }: Provenance, hash: Hash): Manifest {
  return { program: 'rumpsim', version, scenario, costsHash: hash(costsText(costs)), traceHashes: traceHashes ?? {}, seeds, invocation };
}

/** The rows of a table as one text that depends on them alone, not on their order: a JSON array a line, sorted by id. */
export function costsText(costs: CostTable): string {
  return costs
    .rows()
    .toSorted((a, b) => (a.id < b.id ? -1 : Number(a.id > b.id)))
    .map(({ id, value, unit, low, high, kind, source }) => `${JSON.stringify([id, value, unit, low, high, kind, source])}\n`)
    .join('');
}
