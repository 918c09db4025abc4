import { TRACE_FORMATS } from '../../../src/trace/format.ts';
import type { ImportFormat, ImportOptions } from '../../../src/trace/import/importer.ts';
import { MemorySink } from '../../../src/trace/memory-sink.ts';
import type { TraceMetadata } from '../../../src/trace/metadata.ts';

export interface Imported {
  readonly metadata: TraceMetadata;
  /** Each row's values by column; those of dictionary columns as names. */
  readonly rows: readonly Readonly<Record<string, number | string>>[];
  readonly warnings: readonly string[];
}

/** Imports a file in memory, `chunk` bytes at a time. */
export function imported(format: ImportFormat, bytes: Uint8Array, options: Partial<Pick<ImportOptions, 'strict' | 'kind' | 'local'>> = {}, chunk = 65_536): Imported {
  const warnings: string[] = [];
  let sink: MemorySink | null = null;
  const importer = format.create({
    file: 'test.file', strict: false, command: 'a test', ...options,
    warn: (text) => warnings.push(text),
    open: (kind, origin) => {
      if (sink !== null) throw new Error('opened twice');
      sink = new MemorySink('test.arrow', kind, origin, 512);
      return sink;
    },
  });
  for (let at = 0; at < bytes.length; at += chunk) importer.push(bytes.subarray(at, at + chunk));
  const summary = importer.end();
  if (sink === null) throw new Error('never opened');
  const trace = (sink as MemorySink).complete(summary);
  const source = trace.open();
  const rows: Record<string, number | string>[] = [];
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const { rows: count, codes, integers } = batch;
    const columns = TRACE_FORMATS[trace.metadata.kind].columns.map(({ name, type }) => {
      const names = source.names(name);
      return [name, type === 'dictionary' ? Array.from(codes(name), (code) => names[code] ?? '?') : Array.from(integers(name))] as const;
    });
    for (let row = 0; row < count; row++) rows.push(Object.fromEntries(columns.map(([name, values]) => [name, values[row] ?? NaN])));
  }
  return { metadata: trace.metadata, rows, warnings };
}
