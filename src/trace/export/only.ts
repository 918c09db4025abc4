import type { TraceSource } from '../source.ts';

/** The one trace of a format that takes no more. */
export function only(sources: readonly TraceSource[]): TraceSource {
  const [source] = sources;
  if (source === undefined || sources.length > 1) throw new RangeError(`${sources.length} traces for a format that takes one`);
  return source;
}
