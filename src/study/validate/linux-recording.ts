import { ProbeEvent } from '../../hw/probe.ts';
import { IDLE_NAME } from '../../trace/format.ts';
import type { TraceSource } from '../../trace/source.ts';
import { UserError } from '../user-error.ts';
import { deviceAccesses, type DeviceAccess } from './device-accesses.ts';
import type { RecordingPlace } from './places.ts';
import type { Quantities } from './quantities.ts';
import { openRecorded } from './recorded-trace.ts';

/** APIC vector of ISA interrupt 0 in Linux, and its PIC input: PIT, or HPET in its place. Every other device interrupt in these recordings is the NIC's. */
const TIMER_VECTOR = 48;
const TIMER_INPUT = 0;

/** What a recording of Linux on the emulated 82574L says; counts are of the whole window. */
export interface LinuxRecording {
  readonly quantities: Quantities;
  /** Length of the window, virtual time. */
  readonly seconds: number;
}

/** Reads the window of device events. @throws UserError or TraceError naming file and line. */
export async function readLinuxRecording({ folder }: RecordingPlace): Promise<LinuxRecording> {
  const events = await openRecorded(folder, 'window');
  if (events === null) throw new UserError(folder, 'there is no trace of device events', 'give the folder of a recording');
  const seconds = secondsOf(events);
  const interrupts = delivered(events);
  const accesses = await openRecorded(folder, 'window');
  const busy = await openRecorded(folder, 'busy');
  const found = new Map([['NIC interrupts/s', interrupts.nic / seconds], ['timer interrupts/s', interrupts.timer / seconds], ['frames in', interrupts.frames]]);
  if (accesses !== null) for (const [what, number] of accessCounts(deviceAccesses(accesses))) found.set(what, number);
  if (busy !== null) found.set('busy share', busyShare(busy));
  for (const source of [events, accesses, busy]) source?.close();
  return { quantities: new Map([...found].filter(([, value]) => value > 0)), seconds };
}

function secondsOf({ metadata: { span, clock } }: TraceSource): number {
  return ((span?.last ?? 0) - (span?.first ?? 0)) * (clock.picoseconds.numerator / clock.picoseconds.denominator) * 1e-12;
}

/** Interrupts: those the core took where the trace has them (PIC), else the messages that reached the local APIC. */
function delivered(source: TraceSource): { nic: number; timer: number; frames: number } {
  const taken = { nic: 0, timer: 0 };
  const messages = { nic: 0, timer: 0 };
  let frames = 0;
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const [kind, device, value] = [batch.codes('kind'), batch.codes('device'), batch.integers('value')];
    const pic = source.names('device').indexOf('pic');
    for (let row = 0; row < batch.rows; row++) {
      if (kind[row] === ProbeEvent.dmaWrite) frames++;
      else if (kind[row] === ProbeEvent.irqDeliver) taken[value[row] === (device[row] === pic ? TIMER_INPUT : TIMER_VECTOR) ? 'timer' : 'nic']++;
      else if (kind[row] === ProbeEvent.msi) messages[value[row] === TIMER_VECTOR ? 'timer' : 'nic']++;
    }
  }
  return { ...(taken.nic + taken.timer > 0 ? taken : messages), frames };
}

function accessCounts(accesses: readonly DeviceAccess[]): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (what: string): void => {
    counts.set(what, (counts.get(what) ?? 0) + 1);
  };
  for (const { register, kind } of accesses) {
    const read = kind === 'mmio-read' || kind === 'in';
    if (kind === 'in' || kind === 'out') count(read ? 'port reads' : 'port writes');
    if (register.startsWith('nic.')) count(read ? 'NIC register reads' : 'NIC register writes');
    if (register === 'nic.icr' && read) count('ICR reads');
    else if (register === 'nic.rdt' && !read) count('RDT writes');
    else if (register === 'nic.tdt' && !read) count('TDT writes');
    else if (register === 'hpet') count(read ? 'HPET reads' : 'HPET writes');
    else if (register === 'lapic.eoi') count('local APIC EOIs');
    else if (register === 'pic.eoi') count('PIC EOIs');
  }
  return counts;
}

/** From a ledger of busy and idle time. */
function busyShare(source: TraceSource): number {
  let [idle, all] = [0, 0];
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const [duration, context] = [batch.integers('duration'), batch.codes('context')];
    const name = source.names('context').indexOf(IDLE_NAME);
    for (let row = 0; row < batch.rows; row++) {
      all += duration[row]!; // a column has the batch's rows
      if (context[row] === name) idle += duration[row]!;
    }
  }
  return all === 0 ? 0 : (all - idle) / all;
}
