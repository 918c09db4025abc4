import { RowCopier } from '../../src/trace/copier.ts';
import type { TraceMetadata, TraceOrigin } from '../../src/trace/metadata.ts';
import { TraceReader } from '../../src/trace/reader.ts';
import { TraceWriter } from '../../src/trace/writer.ts';

/** Writes the trace `from` again as `to`, its batches compressed, with `change` applied to what its recorder says of it. */
export function pack(from: string, to: string, change: (origin: TraceOrigin) => TraceOrigin): TraceMetadata {
  const reader = new TraceReader(from);
  const { kind, clock, loop, producer, recorded, flows, frames } = reader.metadata;
  const writer = new TraceWriter(to, kind, change({ clock, loop, producer, recorded, flows }), undefined, true);
  try {
    const copier = new RowCopier(reader, writer);
    for (let batch = reader.next(); batch !== null; batch = reader.next()) {
      copier.load(batch);
      for (let row = 0; row < batch.rows; row++) copier.copy(row);
    }
    const metadata = writer.complete({ frames, flows });
    writer.publish();
    return metadata;
  } finally {
    writer.abort();
    reader.close();
  }
}
