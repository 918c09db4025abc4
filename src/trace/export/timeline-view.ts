import type { RowView } from './merge.ts';
import type { OpenSlices } from './open-slices.ts';
import type { TimelineSink } from './timeline-sink.ts';

/** The interrupt that was delivered last, until its handler is seen to begin: by its ledger slice and by its kernel entry. 0: none. */
export interface Delivered {
  ledger: number;
  kernel: number;
}

/** What the views of the sources share. */
export interface TimelineContext {
  readonly sink: TimelineSink;
  readonly slices: OpenSlices;
  readonly delivered: Delivered;
  /** Length of a millisecond in the clock's unit. */
  readonly millisecond: number;
  /** Name of an annotation with the exact length of a slice; null where nanoseconds are exact. */
  readonly exact: string | null;
  /** Whether processors' busy time is counted from a ledger, so that it need not be from kernel entries. */
  readonly ledger: boolean;
  /** The number of a new group or track. */
  next(): number;
}

/** How a kind of trace is shown. */
export interface TimelineView extends RowView {
  /** All rows have come; the open slices have not been ended yet. */
  finish(): void;
}
