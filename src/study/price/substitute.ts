import type { CostTable } from '../../hw/cost.ts';
import type { ControllerKind } from '../../hw/interrupt-route.ts';
import { UserError } from '../user-error.ts';
import { SEL4_ACCESSES, spendAll, TIMER_ACCESSES, type TimerKind } from './controllers.ts';
import { accountOf } from './hardware-bill.ts';
import { isPitOperation } from './kernel-bill.ts';
import type { RecordedRun } from './read-recorded.ts';

/** What is to be otherwise. */
export interface Substitution {
  readonly controller?: ControllerKind | undefined;
  readonly timer?: TimerKind | undefined;
}

const CONTROLLER_COSTS = ['pic.in', 'pic.out', 'pic.inta', 'ioapic.write', 'lapic.eoi'] as const;
const CONTROLLER_DEVICES = ['pic', 'ioapic', 'lapic'] as const;
/** seL4's IOPort_Out8: what a port write by a user thread costs the kernel. */
const PORT_CALL = 'insn.sel4.ioport.out8';

/**
 * The recorded run with another interrupt controller or timer in its place, everything else as it was recorded: as many interrupts, as many timer programmings.
 * @throws UserError when the trace does not show what would have to be replaced.
 */
export function substitute(run: RecordedRun, { controller, timer }: Substitution, costs: CostTable): RecordedRun {
  let changed = run;
  if (controller !== undefined && controller !== run.controller) changed = withController(changed, controller, costs);
  if (timer !== undefined && timer !== run.timer) changed = withTimer(changed, timer, costs);
  return changed;
}

function withController(run: RecordedRun, to: ControllerKind, costs: CostTable): RecordedRun {
  const { controller: from, nicOperation, acknowledgeOperation, nicInterrupts } = run;
  if (from === null) throw new UserError(`--controller ${to}`, 'the trace shows no interrupt that could come another way', 'give the kernel trace of the run, or a hardware trace with device interrupts');
  const bill = run.bill.copy();
  const note = `${nicInterrupts} interrupts of the NIC by ${to} instead of ${from}, as seL4 drives it; another controller would also have merged them differently, which an open-loop price cannot tell`;
  if (nicOperation === null) {
    // A hardware trace: all accesses to the controllers go, those of the NIC's interrupts come back as the other controller's.
    for (const device of CONTROLLER_DEVICES) bill.drop(accountOf(device));
    const account = accountOf(to === 'msi' ? 'lapic' : to);
    bill.enter(account, nicInterrupts);
    spendAll(bill, account, SEL4_ACCESSES[to].deliver, nicInterrupts);
    spendAll(bill, account, SEL4_ACCESSES[to].acknowledge, nicInterrupts);
    return { ...run, bill, controller: to, notes: [...run.notes, note, 'the timer\'s and other devices\' interrupts are left out of the substituted controller'] };
  }
  for (const cost of CONTROLLER_COSTS) bill.spend(nicOperation, cost, -bill.amount(nicOperation, cost));
  spendAll(bill, nicOperation, SEL4_ACCESSES[to].deliver, nicInterrupts);
  bill.execute(nicOperation, 'kernel', nicInterrupts * difference(costs, 'irq', 'switch-other', from, to));
  acknowledgeWith(bill, acknowledgeOperation ?? 'IRQHandlerAck', nicInterrupts, from, to, costs);
  return { ...run, bill, controller: to, notes: [...run.notes, note] };
}

/** Operation of the model's kernel, which runs the paper's platform: that acknowledges messages to the kernel, too; the recorded platform of 2023 does not. */
const PAPER_ACKNOWLEDGE = 'irq-ack';

function isAcknowledged(controller: ControllerKind, account: string): boolean {
  return controller !== 'msi' || account === PAPER_ACKNOWLEDGE;
}

/** The calls that acknowledge the NIC's interrupts go, and those for the other controller come; other interrupts' stay. */
function acknowledgeWith(bill: RecordedRun['bill'], account: string, interrupts: number, from: ControllerKind, to: ControllerKind, costs: CostTable): void {
  const recorded = bill.count(account);
  if (recorded > 0 && isAcknowledged(from, account)) bill.keep(account, 1 - Math.min(interrupts, recorded) / recorded);
  if (!isAcknowledged(to, account)) return;
  call(bill, account, `insn.sel4.ack.${to}`, interrupts, costs);
  spendAll(bill, account, SEL4_ACCESSES[to].acknowledge, interrupts);
}

/** Pays for `times` system calls whose counted instructions include the stubs, which have costs of their own. */
function call(bill: RecordedRun['bill'], account: string, instructions: string, times: number, costs: CostTable): void {
  bill.enter(account, times);
  bill.execute(account, 'kernel', (costs.value(instructions) - costs.value('insn.sel4.stub')) * times);
  bill.spend(account, 'sel4.syscall.entry', times);
  bill.spend(account, 'sel4.syscall.exit', times);
}

function difference(costs: CostTable, group: string, variant: string, from: ControllerKind, to: ControllerKind): number {
  return costs.value(`insn.sel4.${group}.${to}.${variant}`) - costs.value(`insn.sel4.${group}.${from}.${variant}`);
}

function withTimer(run: RecordedRun, to: TimerKind, costs: CostTable): RecordedRun {
  const { timer: from, programmings } = run;
  if (programmings === 0) throw new UserError(`--timer ${to}`, 'the trace shows no programming of the timer', 'give the hardware trace of the run beside its kernel trace');
  const bill = run.bill.copy();
  const kernel = run.nicOperation !== null;
  for (const account of bill.names) if (isPitOperation(account)) bill.drop(account);
  if (from !== null) bill.drop(accountOf(from));
  bill.enter(accountOf(to), programmings);
  spendAll(bill, accountOf(to), TIMER_ACCESSES[to], programmings);
  if (to === 'pit' && kernel) {
    call(bill, 'IOPort', PORT_CALL, TIMER_ACCESSES.pit['pit.out'] * programmings, costs);
  }
  return { ...run, bill, timer: to, notes: [...run.notes, `${programmings} programmings of the ${to.toUpperCase()} instead of the ${from?.toUpperCase() ?? 'other timer'}, as the paper's platform makes them; reads of the replaced timer's counter are left out`] };
}
