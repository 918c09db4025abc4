import { TRACE_FORMATS, type TraceKind } from '../../../src/trace/format.ts';
import { MemorySink, type MemoryTrace } from '../../../src/trace/memory-sink.ts';
import { SIMULATED_CLOCK, type TraceClock } from '../../../src/trace/metadata.ts';
import type { ExportFormat } from '../../../src/trace/export/exporter.ts';

export type Row = Readonly<Record<string, number | string>>;

/** A clock of real time in nanoseconds. */
export const HOST_CLOCK: TraceClock = { domain: 'host', unit: 'ns', picoseconds: { numerator: 1000, denominator: 1 }, origin: '0', originMeaning: 'power-on' };

/** A trace of rows; numbers that are left out are 0, names ''. */
export function memoryTrace(kind: TraceKind, rows: readonly Row[], clock: TraceClock = SIMULATED_CLOCK, batchRows = 7): MemoryTrace {
  const sink = new MemorySink(`${kind}.arrow`, kind, { clock, loop: 'closed', producer: { name: 'a test', version: '0' }, recorded: { command: 'none', scenario: null } }, batchRows);
  for (const values of rows) {
    const row = sink.row(Number(values['t']));
    for (const [index, { name, type }] of TRACE_FORMATS[kind].columns.entries()) {
      if (name === 't') continue;
      const value = values[name] ?? (type === 'dictionary' ? '' : 0);
      (sink.columns[index] ?? new Float64Array(0)).fill(typeof value === 'string' ? sink.code(name, value) : value, row, row + 1);
    }
  }
  return sink.complete();
}

export interface Exported {
  readonly bytes: Uint8Array;
  readonly warnings: readonly string[];
}

/** What a format makes of traces. */
export function exported(format: ExportFormat, ...traces: readonly MemoryTrace[]): Exported {
  const pieces: Uint8Array[] = [];
  const warnings: string[] = [];
  // A piece is valid until the call returns.
  format.write(traces.map((trace) => trace.open()), (bytes) => pieces.push(bytes.slice()), { file: `out${format.extension}`, command: 'a test', warn: (text) => warnings.push(text) });
  return { bytes: Uint8Array.from(Buffer.concat(pieces)), warnings };
}
