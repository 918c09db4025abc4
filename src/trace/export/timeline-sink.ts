/** What the numbers of an annotation are: a count, an address (shown in hexadecimal), or the code of a name. */
export const Annotation = { count: 0, address: 1, name: 2 } as const;
export type AnnotationKind = (typeof Annotation)[keyof typeof Annotation];

/** How an event takes part in a flow (an arrow from event to event): it passes through, or ends there. */
export const FlowStep = { through: 0, last: 1 } as const;
export type FlowStepCode = (typeof FlowStep)[keyof typeof FlowStep];

/**
 * A file format that shows events on tracks over time. Times are whole, in the unit of the common clock, in order but for those of counters. Groups and tracks are
 * numbered from 1 in one sequence, by the caller, and declared before they are used.
 */
export interface TimelineSink {
  /** A group of tracks. A processor's tracks are its threads. */
  group(id: number, name: string, meaning: string, processor: boolean): void;
  track(id: number, group: number, name: string): void;
  counter(id: number, group: number, name: string, unit: string): void;
  /** The code of a name of events, annotations or annotated names; from 1. */
  name(text: string): number;
  /** Says something of the next event. */
  annotate(kind: AnnotationKind, key: number, value: number): void;
  /** Begins a slice on a track, inside those that are open there. `flow` 0: none. */
  begin(track: number, t: number, name: number, flow: number): void;
  /** Ends the innermost open slice of a track. */
  end(track: number, t: number): void;
  instant(track: number, t: number, name: number, flow: number, step: FlowStepCode): void;
  count(track: number, t: number, value: number): void;
  finish(): void;
}
