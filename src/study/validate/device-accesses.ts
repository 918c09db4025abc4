import { ProbeEvent } from '../../hw/probe.ts';
import type { TraceSource } from '../../trace/source.ts';

export type AccessKind = 'mmio-read' | 'mmio-write' | 'in' | 'out';

/** Registers and ports by what they are. */
export type Register = 'nic.icr' | 'nic.rdt' | 'nic.tdt' | 'nic.itr' | 'nic.other' | 'hpet' | 'lapic.eoi' | 'ioapic' | 'pic' | 'pic.eoi' | 'pit' | 'other';

/** One access of the guest to a device. */
export interface DeviceAccess {
  /** Time of the trace's clock, from its own zero: instructions since power-on, the accessing one included. */
  readonly t: number;
  readonly kind: AccessKind;
  readonly register: Register;
  /** Zero where the recorder did not see it. */
  readonly value: number;
}

const KINDS: Readonly<Record<number, AccessKind>> = { [ProbeEvent.mmioRead]: 'mmio-read', [ProbeEvent.mmioWrite]: 'mmio-write', [ProbeEvent.portRead]: 'in', [ProbeEvent.portWrite]: 'out' };
const NIC_REGISTERS: Readonly<Record<number, Register>> = { 0xc0: 'nic.icr', 0xc4: 'nic.itr', 0x2818: 'nic.rdt', 0x3818: 'nic.tdt' };
const LAPIC_EOI = 0xb0;

/** The accesses in a hardware trace; what it says of devices beside them is left out. @throws TraceError. */
export function deviceAccesses(source: TraceSource): DeviceAccess[] {
  const accesses: DeviceAccess[] = [];
  const origin = Number(source.metadata.clock.origin);
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const [codes, deviceCodes, addresses, values] = [batch.codes('kind'), batch.codes('device'), batch.integers('address'), batch.integers('value')];
    const devices = source.names('device');
    for (let row = 0; row < batch.rows; row++) {
      const kind = KINDS[codes[row]!]; // a column has the batch's rows, here and below
      if (kind === undefined) continue;
      const value = values[row]!;
      accesses.push({ t: origin + batch.t[row]!, kind, value, register: register(devices[deviceCodes[row]!] ?? '', kind, addresses[row]!, value) });
    }
  }
  return accesses;
}

function register(device: string, kind: AccessKind, address: number, value: number): Register {
  switch (device) {
    case 'nic': return NIC_REGISTERS[address] ?? 'nic.other';
    // OCW2 (bits 4 and 3 clear) with its EOI bit, to a command port.
    case 'pic': return kind === 'out' && (address === 0x20 || address === 0xa0) && (value & 0x38) === 0x20 ? 'pic.eoi' : 'pic';
    case 'lapic': return address === LAPIC_EOI ? 'lapic.eoi' : 'other';
    case 'hpet': case 'ioapic': case 'pit': return device;
    default: return 'other';
  }
}
