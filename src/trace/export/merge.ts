import type { TraceBatch, TraceSource } from '../source.ts';

/** What is done with the rows of one source. */
export interface RowView {
  /** Looks up the columns of a batch before its rows come. */
  load(batch: TraceBatch): void;
  /** A row of the batch, at `t` on the common axis. */
  row(row: number, t: number): void;
}

/** One source, stopped before a row. */
class Cursor {
  /** Time of that row on the common axis; Infinity at the end of the trace. */
  t = Infinity;
  private readonly source: TraceSource;
  private readonly offset: number;
  private readonly view: RowView;
  private times: Float64Array = new Float64Array(0);
  private row = 0;

  constructor(source: TraceSource, offset: number, view: RowView) {
    this.source = source;
    this.offset = offset;
    this.view = view;
    this.fetch();
  }

  /** Hands over rows while they are before `limit`, or at it if `inclusive`. */
  run(limit: number, inclusive: boolean): void {
    const { view, offset } = this;
    // Times are whole, so that a limit that is included is one before the next; at the end of the trace the time is infinite.
    const bound = inclusive && limit < Infinity ? limit + 1 : limit;
    while (this.t < bound) {
      view.row(this.row, this.t);
      if (++this.row < this.times.length) this.t = this.times[this.row]! + offset;
      else this.fetch();
    }
  }

  private fetch(): void {
    this.t = Infinity;
    for (let batch = this.source.next(); batch !== null; batch = this.source.next()) {
      if (batch.rows === 0) continue;
      this.times = batch.t;
      this.row = 0;
      this.t = batch.t[0]! + this.offset; // it has rows
      this.view.load(batch);
      return;
    }
  }
}

/** Hands the rows of several sources to their views, all in time order; of equal times those of the earlier source come first. */
export function merge(sources: readonly TraceSource[], offsets: readonly number[], views: readonly RowView[]): void {
  const cursors = sources.map((source, index) => new Cursor(source, offsets[index] ?? 0, views[index]!)); // a view each
  for (;;) {
    let first = 0;
    for (let i = 1; i < cursors.length; i++) if (cursors[i]!.t < cursors[first]!.t) first = i;
    const cursor = cursors[first];
    if (cursor === undefined || cursor.t === Infinity) return;
    let limit = Infinity;
    let inclusive = true;
    for (let i = 0; i < cursors.length; i++) {
      const { t } = cursors[i]!;
      if (i === first || t > limit || (t === limit && !inclusive)) continue;
      limit = t;
      inclusive = i > first;
    }
    cursor.run(limit, inclusive);
  }
}
