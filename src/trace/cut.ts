import { RowCopier } from './copier.ts';
import { DIRECTION_IN } from './format.ts';
import type { TraceOrigin } from './metadata.ts';
import type { TraceSink, TraceSummary } from './sink.ts';
import type { TraceSource } from './source.ts';

/** The part of a trace that is wanted: rows from `fromRow` up to and without `toRow`, with times from `from` up to and without `to`, in the clock's unit. */
export interface CutRange {
  readonly from: number;
  readonly to: number;
  readonly fromRow: number;
  readonly toRow: number;
}

/** What a part of a trace says of itself: the same clock and origin, and that it is no whole run any more. `note`: how it was made. */
export function originOfPart({ metadata: { clock, loop, producer, recorded, flows } }: TraceSource, note: string): TraceOrigin {
  const notes = recorded.notes === undefined ? note : `${recorded.notes}; ${note}`;
  return { clock, loop, producer, recorded: { ...recorded, scenario: null, notes }, flows };
}

/** Copies a part of a trace into a sink. Yields the rows read so far after each batch. */
export function* cutTrace(source: TraceSource, sink: TraceSink, { from, to, fromRow, toRow }: CutRange): Generator<number, TraceSummary> {
  const copier = new RowCopier(source, sink);
  const wire = source.metadata.kind === 'wire';
  const frames = { in: 0, out: 0 };
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const { rows, firstRow, t } = batch;
    const direction = wire ? batch.integers('direction').slice() : null;
    copier.load(batch);
    let row = 0;
    for (; row < rows && firstRow + row < toRow && t[row]! < to; row++) { // times in order
      if (firstRow + row < fromRow || t[row]! < from) continue;
      copier.copy(row);
      if (direction !== null) frames[direction[row] === DIRECTION_IN ? 'in' : 'out']++;
    }
    yield firstRow + rows;
    if (row < rows) break;
  }
  return wire ? { frames } : {};
}
