import type { TraceSource } from '../../trace/source.ts';
import { UserError } from '../user-error.ts';
import { hardwareBill } from './hardware-bill.ts';
import { kernelBill } from './kernel-bill.ts';
import type { Recorded } from './priced-trace.ts';

/** Devices that user code reads and writes itself on seL4; the kernel trace of the same run has the accesses to the others. */
const USER_DEVICES: ReadonlySet<string> = new Set(['nic', 'hpet']);

/** Part of their length by which two traces of one run may differ: the first and last rows of the two are not the same events. */
const LENGTH_TOLERANCE = 0.02;

export interface RecordedRun extends Recorded {
  /** Accounts that stand for the interrupts' delivery and acknowledgement. */
  readonly nicOperation: string | null;
  readonly acknowledgeOperation: string | null;
}

/**
 * Reads a kernel trace, a hardware trace, or one of each of the same run: then the kernel trace gives the kernel's accesses and the hardware trace those of user code.
 * @throws UserError for two of a kind or none.
 */
export function readRecorded(traces: readonly TraceSource[]): RecordedRun {
  const kernels = traces.filter(({ metadata }) => metadata.kind === 'kernel');
  const hardware = traces.filter(({ metadata }) => metadata.kind === 'hardware');
  const other = traces.find(({ metadata }) => metadata.kind !== 'kernel' && metadata.kind !== 'hardware');
  if (other !== undefined) throw new UserError('replay', `a ${other.metadata.kind} trace has nothing to price`, other.metadata.kind === 'wire' ? 'drive a system with it: rumpsim run SYSTEM --replay FILE' : 'give a kernel or a hardware trace');
  if (kernels.length > 1 || hardware.length > 1) throw new UserError('replay', 'two traces of one kind', 'give a kernel trace, a hardware trace, or one of each of the same run');
  const [kernelTrace] = kernels;
  const [hardwareTrace] = hardware;
  if (kernelTrace === undefined) {
    if (hardwareTrace === undefined) throw new UserError('replay', 'no trace', 'give a kernel or a hardware trace');
    const { bill, seconds, controller, timer, nicInterrupts, programmings, notes } = hardwareBill(hardwareTrace);
    return { bill, seconds, controller, timer, nicInterrupts, programmings, nicOperation: null, acknowledgeOperation: null, notes: ['only register accesses are priced: a hardware trace has no instructions', ...notes] };
  }
  const kernel = kernelBill(kernelTrace);
  const nicInterrupts = kernel.nicOperation === null ? 0 : kernel.bill.count(kernel.nicOperation);
  if (hardwareTrace === undefined) {
    return { ...kernel, nicInterrupts, notes: [...kernel.notes, 'register accesses of user code (NIC, HPET) are not in a kernel trace: give the hardware trace of the same run beside it'] };
  }
  const [kernelClock, hardwareClock] = [kernelTrace.metadata.clock, hardwareTrace.metadata.clock];
  if (kernelClock.domain !== hardwareClock.domain) throw new UserError('replay', `the kernel trace is in ${kernelClock.domain} time, the hardware trace in ${hardwareClock.domain} time`, 'give two of the same run');
  const devices = hardwareBill(hardwareTrace, USER_DEVICES);
  const apart = Math.abs(devices.seconds - kernel.seconds) > LENGTH_TOLERANCE * Math.max(devices.seconds, kernel.seconds)
    ? [`the kernel trace is ${kernel.seconds.toFixed(3)} s long, the hardware trace ${devices.seconds.toFixed(3)} s: unless they are of the same stretch of one run the sum means nothing`] : [];
  const bill = kernel.bill.copy();
  bill.include(devices.bill);
  return { ...kernel, bill, nicInterrupts, programmings: Math.max(kernel.programmings, devices.programmings), notes: [...kernel.notes, ...devices.notes.filter((note) => !note.startsWith('no cost')), ...apart] };
}
