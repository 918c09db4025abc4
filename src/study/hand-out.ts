/** What decides who does a job, and when. */
export interface Work {
  /** Jobs of one group run the same code. */
  readonly group: string;
  /** How long it takes, in any unit; an estimate. */
  readonly cost: number;
}

interface Item extends Work {
  readonly index: number;
}

/**
 * Hands jobs to workers so that each sees few groups: V8 compiles in each worker for itself, and makes the faster code of what has seen one group only. All jobs stand in a line, group after
 * group, which is cut into one part of the same cost for each worker. Who has done its part helps where most is left, from the end.
 */
export class HandOut {
  private readonly parts: Item[][];
  private readonly left: number[];

  constructor(jobs: readonly Work[], workers: number) {
    // Within a group the longest first: the short ones that are left at the end of a part are for those who help.
    const groups = Map.groupBy(jobs.map(({ group, cost }, index): Item => ({ index, group, cost: cost > 0 ? cost : 0 })), ({ group }) => group);
    const line = [...groups.values()].flatMap((group) => group.toSorted((a, b) => b.cost - a.cost));
    const total = line.reduce((sum, { cost }) => sum + cost, 0);
    this.parts = Array.from({ length: workers }, () => []);
    this.left = this.parts.map(() => 0);
    let before = 0;
    for (const item of line) {
      const middle = total > 0 ? (before + item.cost / 2) / total : 0;
      const part = Math.min(workers - 1, Math.floor(middle * workers));
      this.parts[part]?.push(item);
      this.account(part, item.cost);
      before += item.cost;
    }
    // Taken from the end by who it belongs to.
    for (const part of this.parts) part.reverse();
  }

  /** The number of the job that a worker does next; null when nothing is left. */
  next(worker: number): number | null {
    const own = this.parts[worker]?.pop();
    if (own !== undefined) return this.taken(worker, own);
    const fullest = this.left.indexOf(Math.max(...this.left));
    const other = this.parts[fullest]?.shift();
    return other === undefined ? null : this.taken(fullest, other);
  }

  private taken(part: number, { index, cost }: Item): number {
    this.account(part, -cost);
    return index;
  }

  private account(part: number, cost: number): void {
    this.left[part] = (this.left[part] ?? 0) + cost;
  }
}
