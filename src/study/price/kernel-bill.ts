import type { ControllerKind } from '../../hw/interrupt-route.ts';
import type { CodeGroup } from '../../hw/path.ts';
import { Mode } from '../../trace/format.ts';
import type { TraceSource } from '../../trace/source.ts';
import { Bill } from './bill.ts';
import type { TimerKind } from './controllers.ts';
import { UserError } from '../user-error.ts';

/** Accounts of the code outside the kernel. */
export const USER_ACCOUNT = 'user code';

/**
 * Code groups of Rumprun's instructions under TCP receive load, measured, as shares of the 26,794 a frame takes in traces/sel4-rumprun-0be59c6/ioapic-hpet/p040 (docs/instruction-counts.md, "By code
 * group"). The scheduler's share is 0.31 in saturation and 0.40 at low load, which moves the price of user code by 2 %.
 */
const USER_GROUPS: readonly { readonly group: CodeGroup; readonly share: number }[] = [
  { group: 'sched', share: 10_827 / 26_794 },
  { group: 'stack', share: 13_037 / 26_794 },
  { group: 'driver', share: 2516 / 26_794 },
  { group: 'app', share: 414 / 26_794 },
];

/** seL4's own operations on interrupts, timers and ports, by the names that recordings and the simulator give them. */
const IS_INTERRUPT = /^irq/;
const IS_TICK = /^tick$/;
const IS_ACKNOWLEDGE = /^(?:IRQHandlerAck|irq-ack)$/;
const IS_PIT = /^(?:IOPort|IOPortControl_Issue|CNode_Delete|ioport)$/;
/** Port invocations of one PIT programming. */
const PORTS_A_PROGRAMMING = 3;

export interface KernelBill {
  readonly bill: Bill;
  readonly seconds: number;
  readonly controller: ControllerKind | null;
  readonly timer: TimerKind | null;
  /** Name of the operation that is the NIC's interrupt: the most frequent device interrupt. */
  readonly nicOperation: string | null;
  readonly acknowledgeOperation: string | null;
  readonly programmings: number;
  readonly notes: readonly string[];
}

interface Operation {
  count: number;
  instructions: number;
  mmio: number;
  portIn: number;
  portOut: number;
  cr3: number;
}

/** Reads a kernel trace into a bill: an account an operation, and the user code between entries where the trace counts its instructions. */
export function kernelBill(trace: TraceSource): KernelBill {
  const { kind, clock } = trace.metadata;
  if (kind !== 'kernel') throw new UserError('replay', `this is a ${kind} trace`, 'give a kernel or a hardware trace');
  const counted = clock.unit === 'instructions';
  const operations = new Map<number, Operation>();
  const users = new Map<number, number>();
  let idle = 0;
  let last = 0;
  let first = -1;
  for (let batch = trace.next(); batch !== null; batch = trace.next()) {
    const column = (name: string): Float64Array => batch.integers(name);
    const [operation, fromMode, from] = [batch.codes('operation'), batch.codes('from_mode'), batch.codes('from')];
    const [user, duration, instructions] = [column('user'), column('duration'), column('instructions')];
    const [mmio, portIn, portOut, cr3] = [column('mmio'), column('port_in'), column('port_out'), column('cr3')];
    for (let row = 0; row < batch.rows; row++) {
      const code = operation[row]!; // all columns have the batch's rows, here and below
      let entry = operations.get(code);
      if (entry === undefined) operations.set(code, (entry = { count: 0, instructions: 0, mmio: 0, portIn: 0, portOut: 0, cr3: 0 }));
      entry.count++;
      entry.instructions += instructions[row]!;
      entry.mmio += mmio[row]!;
      entry.portIn += portIn[row]!;
      entry.portOut += portOut[row]!;
      entry.cr3 += cr3[row]!;
      if (fromMode[row] === Mode.idle) idle += user[row]!;
      else users.set(from[row]!, (users.get(from[row]!) ?? 0) + user[row]!);
      if (first < 0) first = batch.t[row]! - user[row]!;
      last = batch.t[row]! + duration[row]!;
    }
  }
  const bill = new Bill();
  const names = trace.names('operation');
  for (const [code, entry] of operations) addOperation(bill, names[code] ?? `operation ${code}`, entry);
  const notes: string[] = [];
  if (counted) addUser(bill, users, trace.names('from'));
  else notes.push('the trace gives the time of user code, not its instructions: only the kernel is priced');
  const { numerator, denominator } = clock.picoseconds;
  const seconds = (Math.max(0, last - Math.max(0, first)) * numerator) / denominator / 1e12;
  if (counted && idle > 0) notes.push(`idle in the recording: ${((100 * idle) / (last - first)).toFixed(2)} % of its instruction time`);
  return { bill, seconds, ...wiring(bill, names, operations), notes };
}

function addOperation(bill: Bill, name: string, { count, instructions, mmio, portIn, portOut, cr3 }: Operation): void {
  bill.enter(name, count);
  bill.execute(name, 'kernel', instructions);
  bill.spend(name, 'cr3.write', cr3);
  const pit = IS_PIT.test(name);
  bill.spend(name, pit ? 'pit.in' : 'pic.in', portIn);
  bill.spend(name, pit ? 'pit.out' : 'pic.out', portOut);
  if (IS_INTERRUPT.test(name) || IS_TICK.test(name)) {
    // One register access ends the interrupt at the local APIC, unless the 8259 does; what is left are the I/O APIC's.
    const ends = Math.min(mmio, count);
    bill.spend(name, 'lapic.eoi', ends);
    bill.spend(name, 'ioapic.write', mmio - ends);
    if (portIn + portOut > 0) bill.spend(name, 'pic.inta', count);
    bill.spend(name, 'sel4.interrupt.entry', count);
    bill.spend(name, 'sel4.interrupt.exit', count);
  } else {
    bill.spend(name, 'ioapic.write', mmio);
    bill.spend(name, 'sel4.syscall.entry', count);
    bill.spend(name, 'sel4.syscall.exit', count);
  }
  // The counted range holds the stubs' instructions, which the stub costs pay for.
  bill.spend(name, 'insn.sel4.stub', -count);
}

function addUser(bill: Bill, users: ReadonlyMap<number, number>, names: readonly string[]): void {
  for (const [code, instructions] of users) {
    const image = (names[code] ?? '').split(':')[0] ?? '';
    const account = `${USER_ACCOUNT}: ${image === '' ? 'unknown' : image}`;
    bill.enter(account, 0);
    if (image === 'root') bill.execute(account, 'app', instructions);
    else for (const { group, share } of USER_GROUPS) bill.execute(account, group, instructions * share);
  }
}

function wiring(bill: Bill, names: readonly string[], operations: ReadonlyMap<number, Operation>): Pick<KernelBill, 'controller' | 'timer' | 'nicOperation' | 'acknowledgeOperation' | 'programmings'> {
  let nic: string | null = null;
  let most: Operation | null = null;
  for (const [code, operation] of operations) {
    const name = names[code] ?? '';
    if (!IS_INTERRUPT.test(name) || (most !== null && operation.count <= most.count)) continue;
    nic = name;
    most = operation;
  }
  let controller: ControllerKind | null = null;
  if (most !== null) {
    if (most.portIn + most.portOut > 0) controller = 'pic';
    else controller = most.mmio > 1.5 * most.count ? 'ioapic' : 'msi';
  }
  const acknowledge = bill.names.find((name) => IS_ACKNOWLEDGE.test(name)) ?? null;
  const ports = bill.names.filter((name) => name === 'IOPort' || name === 'ioport').reduce((sum, name) => sum + bill.count(name), 0);
  return { controller, timer: ports > 0 ? 'pit' : 'hpet', nicOperation: nic, acknowledgeOperation: acknowledge, programmings: ports / PORTS_A_PROGRAMMING };
}

/** Whether an operation is a port access on behalf of the PIT. */
export function isPitOperation(name: string): boolean {
  return IS_PIT.test(name);
}
