import { createHash } from 'node:crypto';
import { UserError } from '../user-error.ts';
import { deviceAccesses, type DeviceAccess } from './device-accesses.ts';
import { kernelEntries, type KernelEntry } from './kernel-entries.ts';
import type { RecordingPlace } from './places.ts';
import { openRecorded, type RecordedName } from './recorded-trace.ts';
import { readSummary, setupOf, type Setup, type Summary } from './setup.ts';
import { wireCapture, type WireCapture } from './wire.ts';
import type { TraceSource } from '../../trace/source.ts';

/** A recording of seL4 and Rumprun in instruction time, read. */
export interface Sel4Recording {
  readonly name: string;
  readonly folder: string;
  readonly setup: Setup;
  readonly summary: Summary | null;
  readonly entries: readonly KernelEntry[];
  /** Null where the recording has none. */
  readonly accesses: readonly DeviceAccess[] | null;
  readonly wire: WireCapture | null;
  /** Of its kernel entries, so that it is known again under another name or as another kind of file. */
  readonly hash: string;
}

/** Reads a recording of the seL4 shape. @throws UserError or TraceError naming the file and the place. */
export async function readSel4Recording({ folder, name }: RecordingPlace): Promise<Sel4Recording> {
  const summary = readSummary(folder);
  const kernel = await rows(folder, 'kernel', (source) => ({ entries: kernelEntries(source), clock: source.metadata.clock }));
  if (kernel === null) throw new UserError(folder, 'there is no trace of kernel entries', 'give the folder of a recording');
  const accesses = await rows(folder, 'hardware', deviceAccesses);
  const wire = await rows(folder, 'wire', wireCapture);
  const { entries, clock } = kernel;
  const setup = setupOf({ folder, summary, entries, accesses: accesses ?? [], nsPerInstruction: clock.picoseconds.numerator / clock.picoseconds.denominator / 1000, wireFromStart: wire?.fromStart ?? false });
  return { name, folder, setup, summary, entries, accesses, wire, hash: contentHash(entries) };
}

async function rows<T>(folder: string, name: RecordedName, read: (source: TraceSource) => T): Promise<T | null> {
  const source = await openRecorded(folder, name);
  if (source === null) return null;
  try {
    return read(source);
  } finally {
    source.close();
  }
}

/** First 16 digits of the SHA-256 of the times, user and kernel instructions, as 64-bit floating-point numbers. */
function contentHash(entries: readonly KernelEntry[]): string {
  const numbers = new Float64Array(3 * entries.length);
  entries.forEach(({ t, user, instructions }, row) => numbers.set([t, user, instructions], 3 * row));
  return createHash('sha256').update(new Uint8Array(numbers.buffer)).digest('hex').slice(0, 16);
}
