import type { ControllerKind } from '../../hw/interrupt-route.ts';
import type { TraceSource } from '../../trace/source.ts';
import { UserError } from '../user-error.ts';
import { Bill } from './bill.ts';
import type { TimerKind } from './controllers.ts';

/** What an access to a device's registers is priced at. `null`: no cost is known, so it is told and not priced. */
const PRICES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nic: { 'mmio-read': 'nic.mmio.read', 'mmio-write': 'nic.mmio.write' },
  pic: { 'port-read': 'pic.in', 'port-write': 'pic.out', 'irq-deliver': 'pic.inta' },
  pit: { 'port-read': 'pit.in', 'port-write': 'pit.out' },
  hpet: { 'mmio-read': 'hpet.read', 'mmio-write': 'hpet.write' },
  ioapic: { 'mmio-write': 'ioapic.write' },
  // Only stores to the local APIC have a cost; its EOI is one.
  lapic: { 'mmio-write': 'lapic.eoi' },
  pmtimer: { 'port-read': 'acpi.pm-timer.in' },
  // Port 0x80 is a delay of one ISA access, as the 8259's are.
  ioport80: { 'port-write': 'pic.out' },
};

const ACCESSES = new Set(['port-read', 'port-write', 'mmio-read', 'mmio-write']);
/** Registers that tell programmings where the trace has no event for them: the HPET's comparator is written once each, the PIT's counter twice, a byte at a time. */
const COMPARATOR = 0x108;
const PIT_COUNTER = 0x40;

export interface HardwareBill {
  readonly bill: Bill;
  readonly seconds: number;
  readonly controller: ControllerKind | null;
  readonly timer: TimerKind | null;
  readonly nicInterrupts: number;
  readonly programmings: number;
  readonly notes: readonly string[];
}

/** Device whose interrupts are the NIC's, by how the controllers report it: the input or vector that was delivered most. */
interface Delivered {
  readonly device: string;
  count: number;
}

/** Reads a hardware trace into a bill: an account a device. `only`: the devices to take, where a kernel trace of the same run has the others. */
export function hardwareBill(trace: TraceSource, only: ReadonlySet<string> | null = null): HardwareBill {
  const { kind: traceKind, clock } = trace.metadata;
  if (traceKind !== 'hardware') throw new UserError('replay', `this is a ${traceKind} trace`, 'give a kernel or a hardware trace');
  const counts = new Map<number, number>();
  const delivered = new Map<string, Delivered>();
  let comparatorWrites = 0;
  let counterWrites = 0;
  const programmed = { hpet: 0, pit: 0 };
  let messages = 0;
  let ioapicWrites = 0;
  let first = -1;
  let last = 0;
  for (let batch = trace.next(); batch !== null; batch = trace.next()) {
    const [kind, device] = [batch.codes('kind'), batch.codes('device')];
    const [address, value] = [batch.integers('address'), batch.integers('value')];
    const [kinds, devices] = [trace.names('kind'), trace.names('device')];
    for (let row = 0; row < batch.rows; row++) {
      const what = kind[row]!; // all columns have the batch's rows, here and below
      const where = device[row]!;
      const key = what * WIDTH + where;
      counts.set(key, (counts.get(key) ?? 0) + 1);
      const name = kinds[what];
      const unit = devices[where] ?? '';
      if (name === 'irq-deliver') {
        const source = `${unit} ${value[row]!}`;
        const found = delivered.get(source);
        if (found === undefined) delivered.set(source, { device: unit, count: 1 });
        else found.count++;
      } else if (name === 'msi' && unit === 'nic') {
        messages++;
      } else if (name === 'mmio-write' && unit === 'ioapic') {
        ioapicWrites++;
      } else if (name === 'timer-program' && (unit === 'hpet' || unit === 'pit')) {
        programmed[unit]++;
      } else if (name === 'mmio-write' && unit === 'hpet' && address[row] === COMPARATOR) {
        comparatorWrites++;
      } else if (name === 'port-write' && unit === 'pit' && address[row] === PIT_COUNTER) {
        counterWrites++;
      }
      if (first < 0) first = batch.t[row]!;
      last = batch.t[row]!;
    }
  }
  const bill = new Bill();
  const notes: string[] = [];
  const [kinds, devices] = [trace.names('kind'), trace.names('device')];
  const unpriced = new Map<string, number>();
  for (const [key, count] of counts) {
    const what = kinds[Math.floor(key / WIDTH)] ?? '';
    const device = devices[key % WIDTH] ?? '';
    if (only !== null && !only.has(device)) continue;
    const price = PRICES[device]?.[what];
    if (price !== undefined) {
      bill.enter(accountOf(device), ACCESSES.has(what) ? count : 0);
      bill.spend(accountOf(device), price, count);
    } else if (ACCESSES.has(what)) {
      unpriced.set(`${device} ${what}`, count);
    }
  }
  if (unpriced.size > 0) {
    const list = [...unpriced].toSorted(([, a], [, b]) => b - a);
    notes.push(`no cost is known for ${list.slice(0, 6).map(([name, count]) => `${name} (${count})`).join(', ')}${list.length > 6 ? ` and ${list.length - 6} others` : ''}: not priced`);
  }
  const most = [...delivered.values()].toSorted((a, b) => b.count - a.count)[0];
  const { numerator, denominator } = clock.picoseconds;
  return {
    bill,
    seconds: first < 0 ? 0 : ((last - first) * numerator) / denominator / 1e12,
    controller: controllerOf(most, messages, ioapicWrites),
    timer: comparatorWrites > 0 ? 'hpet' : counterWrites > 0 ? 'pit' : null,
    nicInterrupts: messages > 0 ? messages : (most?.count ?? 0),
    programmings: comparatorWrites > 0 ? programmed.hpet || comparatorWrites : programmed.pit || Math.floor(counterWrites / 2),
    notes,
  };
}

/** More devices than a trace's dictionary holds. */
const WIDTH = 32_768;

function controllerOf(most: Delivered | undefined, messages: number, ioapicWrites: number): ControllerKind | null {
  if (most === undefined) return null;
  if (most.device === 'pic') return 'pic';
  return messages > 0 || ioapicWrites === 0 ? 'msi' : 'ioapic';
}

/** The account of a device's registers. */
export function accountOf(device: string): string {
  return `device: ${device}`;
}
