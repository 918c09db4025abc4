import { TRACE_KINDS, type TraceKind } from '../format.ts';
import type { TraceSource } from '../source.ts';
import { align, nameOf, unitsPerMillisecond } from './alignment.ts';
import { HardwareView } from './hardware-view.ts';
import { KernelView } from './kernel-view.ts';
import { LedgerView } from './ledger-view.ts';
import { merge } from './merge.ts';
import { OpenSlices } from './open-slices.ts';
import type { TimelineSink } from './timeline-sink.ts';
import type { TimelineContext, TimelineView } from './timeline-view.ts';
import { WireView } from './wire-view.ts';

/** Shows traces of one run on one axis, in time order, in memory that does not depend on their length. @throws TraceError when their clocks differ. */
export function writeTimeline(traces: readonly TraceSource[], sink: TimelineSink): void {
  const order = (kind: TraceKind): number => TRACE_KINDS.indexOf(kind);
  // Of one instant, the wire comes before the hardware, that before the kernel's entry, and that before what it spends.
  const { sources, clock, offsets } = align(traces.toSorted((a, b) => order(a.metadata.kind) - order(b.metadata.kind)));
  const slices = new OpenSlices(sink);
  let last = 0;
  const context: TimelineContext = {
    sink,
    slices,
    delivered: { ledger: 0, kernel: 0 },
    millisecond: unitsPerMillisecond(clock),
    exact: clock.unit === 'ns' ? null : clock.unit,
    ledger: sources.some(({ metadata }) => metadata.kind === 'ledger'),
    next: () => ++last,
  };
  const views = sources.map((source) => {
    const { kind, producer } = source.metadata;
    const alike = sources.filter(({ metadata }) => metadata.kind === kind).length > 1;
    const name = source.file.split(/[/\\]/).at(-1) ?? '';
    const meaning = `${kind} trace ${name}, ${producer.name} ${producer.version}; ${nameOf(clock)}, 0 is ${clock.origin} after ${clock.originMeaning}`;
    return viewOf(source, context, alike ? ` (${name})` : '', meaning);
  });
  let end = 0;
  merge(sources, offsets, views.map((view) => ({
    load: (batch) => view.load(batch),
    row: (row, t) => {
      end = t;
      view.row(row, t);
    },
  })));
  for (const view of views) view.finish();
  slices.finish(end);
  sink.finish();
}

/** `suffix`: tells traces of one kind apart. */
function viewOf(source: TraceSource, context: TimelineContext, suffix: string, meaning: string): TimelineView {
  switch (source.metadata.kind) {
    case 'wire':
      return new WireView(context, source, suffix, meaning);
    case 'hardware':
      return new HardwareView(context, source, suffix, meaning);
    case 'kernel':
      return new KernelView(context, source, suffix, meaning);
    case 'ledger':
      return new LedgerView(context, source, suffix, meaning);
  }
}
