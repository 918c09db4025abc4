import type { PacingName } from '../load/pacing/pacing.ts';
import type { RunResult } from './simulate.ts';
import { type Summary, summarise } from './statistics.ts';

/** The replications of one system at one load under one pacing model, by run number. */
export interface Point {
  readonly system: string;
  readonly loadMbps: number;
  readonly pacing: PacingName;
  readonly runs: readonly RunResult[];
}

/** Results of a grid of runs, grouped into points. Systems, loads and pacings are listed as they first appear. */
export class PointSet {
  readonly points: readonly Point[];
  readonly systems: readonly string[];
  /** Ascending. */
  readonly loads: readonly number[];
  readonly pacings: readonly PacingName[];
  private readonly byKey: ReadonlyMap<string, Point>;

  /** @throws RangeError when two results are of the same run. */
  constructor(results: readonly RunResult[]) {
    const groups = new Map<string, RunResult[]>();
    for (const result of results) {
      const name = key(result.system, result.loadMbps, result.pacing);
      const group = groups.get(name) ?? [];
      if (group.some(({ seed, run }) => seed === result.seed && run === result.run)) throw new RangeError(`${name}: run ${result.run} is there twice`);
      group.push(result);
      groups.set(name, group);
    }
    const points: Point[] = [];
    for (const group of groups.values()) {
      const [first] = group;
      if (first === undefined) continue;
      points.push({ system: first.system, loadMbps: first.loadMbps, pacing: first.pacing, runs: group.toSorted((a, b) => a.seed - b.seed || a.run - b.run) });
    }
    this.points = points;
    this.byKey = new Map(points.map((point) => [key(point.system, point.loadMbps, point.pacing), point]));
    this.systems = [...new Set(points.map(({ system }) => system))];
    this.loads = [...new Set(points.map(({ loadMbps }) => loadMbps))].toSorted((a, b) => a - b);
    this.pacings = [...new Set(points.map(({ pacing }) => pacing))];
  }

  at(system: string, loadMbps: number, pacing: PacingName): Point | null {
    return this.byKey.get(key(system, loadMbps, pacing)) ?? null;
  }
}

function key(system: string, loadMbps: number, pacing: PacingName): string {
  return `${system} at ${loadMbps} Mb/s, ${pacing}`;
}

/** A number of each run, summarised over the replications. */
export function over(point: Point, value: (run: RunResult) => number): Summary {
  return summarise(point.runs.map(value));
}

/**
 * A number that compares the same replication of two systems, summarised. Replications with the same seed and number draw the same streams, so
 * what they share cancels.
 * @throws RangeError when the points have no replication in common.
 */
export function paired(a: Point, b: Point, value: (a: RunResult, b: RunResult) => number): Summary {
  const values: number[] = [];
  for (const run of a.runs) {
    const partner = b.runs.find((other) => other.seed === run.seed && other.run === run.run);
    if (partner !== undefined) values.push(value(run, partner));
  }
  if (values.length === 0) throw new RangeError(`${a.system} and ${b.system} have no run in common at ${a.loadMbps} Mb/s`);
  return summarise(values);
}
