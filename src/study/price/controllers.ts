import type { ControllerKind } from '../../hw/interrupt-route.ts';
import type { Bill } from './bill.ts';

/** What an interrupt costs at a controller's registers: how often each cost is paid when it is delivered (masked, ended), and when it is acknowledged (unmasked). */
interface RegisterAccesses {
  readonly deliver: Readonly<Record<string, number>>;
  readonly acknowledge: Readonly<Record<string, number>>;
}

/**
 * As seL4 drives each controller (src/hw/interrupt-route.ts; seL4 arch/x86 pic.c, ioapic.c, apic.c): the NIC behind the slave PIC takes a read-modify-write of the mask and an EOI for
 * each chip, and the vector's INTA cycle; the I/O APIC a register select and a window write to mask, the same to unmask; a message only the local APIC's EOI.
 */
export const SEL4_ACCESSES: Readonly<Record<ControllerKind, RegisterAccesses>> = {
  pic: { deliver: { 'pic.inta': 1, 'pic.in': 1, 'pic.out': 3 }, acknowledge: { 'pic.in': 1, 'pic.out': 1 } },
  ioapic: { deliver: { 'ioapic.write': 2, 'lapic.eoi': 1 }, acknowledge: { 'ioapic.write': 2 } },
  msi: { deliver: { 'lapic.eoi': 1 }, acknowledge: {} },
};

/** Register accesses of one timer programming (src/rump/one-shot-timer.ts): the PIT's command and two counter bytes; the HPET's counter read twice in three parts, its comparator written in two halves. */
export const TIMER_ACCESSES = {
  pit: { 'pit.out': 3 },
  hpet: { 'hpet.read': 6, 'hpet.write': 2 },
} as const;

export type TimerKind = keyof typeof TIMER_ACCESSES;

/** Pays for a set of accesses `times` times. */
export function spendAll(bill: Bill, account: string, accesses: Readonly<Record<string, number>>, times: number): void {
  for (const [cost, each] of Object.entries(accesses)) bill.spend(account, cost, each * times);
}
