import type { ExportFormat } from './exporter.ts';
import { align } from './alignment.ts';
import { PerfettoWriter } from './perfetto-writer.ts';
import { writeTimeline } from './timeline.ts';

/** Perfetto's protobuf trace, for ui.perfetto.dev and trace_processor. */
export const perfetto: ExportFormat = {
  name: 'perfetto',
  title: 'Perfetto protobuf trace',
  extension: '.pftrace',
  kinds: ['wire', 'hardware', 'kernel', 'ledger'],
  several: true,
  write(sources, out) {
    writeTimeline(sources, new PerfettoWriter(align(sources).clock, out));
  },
};
