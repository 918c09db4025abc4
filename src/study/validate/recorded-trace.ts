import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TraceKind } from '../../trace/format.ts';
import { DEVICE_ACCESS } from '../../trace/import/device-access.ts';
import { importToMemory } from '../../trace/import/import-file.ts';
import type { ImportFormat } from '../../trace/import/importer.ts';
import { KERNEL_ENTRIES } from '../../trace/import/kernel-entries.ts';
import { PCAP } from '../../trace/import/pcap.ts';
import { QEMU_LOG } from '../../trace/import/qemu-log.ts';
import { TraceReader } from '../../trace/reader.ts';
import type { TraceSource } from '../../trace/source.ts';
import { TraceError } from '../../trace/trace-error.ts';

/** The traces of a recording: what they are called as they were recorded, and how they are read. */
export const RECORDED = {
  kernel: { file: 'kernel-entries.csv', format: KERNEL_ENTRIES, kind: 'kernel' },
  hardware: { file: 'device-access.csv', format: DEVICE_ACCESS, kind: 'hardware' },
  wire: { file: 'wire.pcap', format: PCAP, kind: 'wire' },
  window: { file: 'window.trace', format: QEMU_LOG, kind: 'hardware' },
  busy: { file: 'window.trace', format: QEMU_LOG, kind: 'ledger' },
} as const satisfies Readonly<Record<string, { readonly file: string; readonly format: ImportFormat; readonly kind: TraceKind }>>;

export type RecordedName = keyof typeof RECORDED;

const ARROW = '.arrow';

/** The file in which a trace of a recording lies: as it was recorded, packed or not, or converted to a trace; null where there is none. */
export function recordedFile(folder: string, name: RecordedName, names: readonly string[] = readdirSync(folder)): string | null {
  const { file, kind } = RECORDED[name];
  for (const candidate of [`${file}.zst`, `${file}.gz`, file]) if (names.includes(candidate)) return join(folder, candidate);
  for (const candidate of names.filter((each) => each.endsWith(ARROW)).toSorted()) {
    const path = join(folder, candidate);
    if (existsSync(path) && kindOf(path) === kind) return path;
  }
  return null;
}

/** Names that a trace of a recording has when it was converted: such a file must be readable. */
const CONVERTED = /^(?:kernel|hardware|wire|ledger)\.arrow$/;

/** Kind of a trace in an emulator's time; null for others: what a simulator wrote is no recording, and an Arrow file may be something else. @throws TraceError. */
function kindOf(path: string): TraceKind | null {
  let reader: TraceReader;
  try {
    reader = new TraceReader(path, { tolerate: true });
  } catch (error) {
    if (error instanceof TraceError && !CONVERTED.test(basename(path))) return null;
    throw error;
  }
  const { kind, clock } = reader.metadata;
  reader.close();
  return clock.domain === 'simulated' ? null : kind;
}

/** Opens a trace of a recording from its start; null where there is none. @throws TraceError naming file, place and remedy. */
export async function openRecorded(folder: string, name: RecordedName): Promise<TraceSource | null> {
  const file = recordedFile(folder, name);
  if (file === null) return null;
  if (file.endsWith(ARROW)) return new TraceReader(file);
  const { format, kind } = RECORDED[name];
  // What an importer warns of, a missing handshake for instance, says nothing about the comparison.
  const trace = await importToMemory({ file, format, kind, strict: true, command: 'rumpsim validate', warn: () => {} });
  return trace.open();
}
