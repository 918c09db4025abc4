import type { DeviceAccess } from './device-accesses.ts';
import type { KernelEntry } from './kernel-entries.ts';
import { operationName } from './quantities.ts';

/** A run of the rump thread between two places where bmk threads can change; what interrupts took of it is not counted. */
export interface RumpRun {
  /** switch: a thread switch (SetTLSBase) returned; wake: the block returned; rpc: the timer RPC returned. */
  readonly start: 'switch' | 'wake' | 'rpc';
  /** switch: SetTLSBase; rpc: the timer RPC of an idle entry; block: the block behind it. */
  readonly end: 'switch' | 'rpc' | 'block';
  readonly instructions: number;
  /** Positions in the run, in instructions. */
  readonly icr: readonly number[];
  readonly transmits: readonly number[];
  /** Receive descriptors given back. */
  readonly descriptors: number;
  /** Position of the acknowledgement of the interrupt, null where there was none. */
  readonly acknowledged: number | null;
}

/** Something the pci thread or the root task did, with the instructions of that thread since its last one. */
export interface Step {
  readonly thread: 'pci' | 'root';
  readonly from: string;
  readonly to: string;
  readonly instructions: number;
  /** A timer's comparator was written on the way. */
  readonly programmed: boolean;
}

export interface Segments {
  run(run: RumpRun): void;
  step(step: Step): void;
}

type Thread = 'idle' | 'root' | 'pci' | 'rump';

/** Cuts a recording into runs and steps. The first run of each thread is left out: the window began inside it. */
export function segment(entries: readonly KernelEntry[], accesses: readonly DeviceAccess[], out: Segments): void {
  const user = accesses.filter(({ register }) => register.startsWith('nic.') || register === 'hpet');
  let next = 0;
  let run = newRun(null);
  const last = { pci: '', root: '' };
  const since = { pci: 0, root: 0 };
  let programmed = false;
  let thread: Thread = 'rump';
  const step = (who: 'pci' | 'root', to: string): void => {
    if (last[who] !== '') out.step({ thread: who, from: last[who], to, instructions: since[who], programmed: who === 'root' && programmed });
    last[who] = to;
    since[who] = 0;
    if (who === 'root') programmed = false;
  };
  const finish = (end: RumpRun['end'], begin: RumpRun['start']): void => {
    const { start, ...rest } = run;
    if (start !== null) out.run({ ...rest, start, end });
    run = newRun(begin);
  };
  for (const entry of entries) {
    thread = entry.from === 'N' ? thread : owner(entry.left, entry.from === 'I', thread);
    const begin = entry.t - entry.user;
    for (; next < user.length && user[next]!.t <= entry.t; next++) { // next < length
      const { register, kind, t } = user[next]!;
      if (register === 'hpet') programmed ||= kind === 'mmio-write';
      else if (thread === 'rump' && t > begin) note(run, register, kind, run.instructions + t - begin);
    }
    if (thread === 'rump') run.instructions += entry.user;
    else if (thread !== 'idle') since[thread] += entry.user;
    const op = operationName(entry.op);
    if (op === 'irq_timer' && owner(entry.next, entry.to === 'I', thread) === 'root' && thread !== 'root') step('root', op);
    else if (op === 'irq_nic' && owner(entry.next, entry.to === 'I', thread) === 'pci' && thread !== 'pci') step('pci', op);
    else if (op !== 'tick' && op !== 'irq_timer' && op !== 'irq_nic') {
      if (thread === 'root') step('root', rootEvent(op, entry));
      else if (thread === 'pci') step('pci', op === 'Wait' && entry.left === 'rump:rump_irq_handle' ? 'contended' : op);
      else if (thread === 'rump') rumpEvent(op, entry);
    }
    thread = entry.to === 'N' ? thread : owner(entry.next, entry.to === 'I', thread);
  }

  function rumpEvent(op: string, entry: KernelEntry): void {
    if (op === 'SetTLSBase') finish('switch', 'switch');
    else if (op === 'Call_slow') {
      finish('rpc', 'rpc');
      step('root', op);
    } else if (op === 'Wait') finish('block', 'wake');
    else if (op === 'IRQHandlerAck') run.acknowledged = run.instructions;
    else if (op === 'Signal' && owner(entry.next, false, 'rump') === 'pci') step('pci', 'resumed');
  }
}

interface OpenRun {
  start: RumpRun['start'] | null;
  instructions: number;
  icr: number[];
  transmits: number[];
  descriptors: number;
  acknowledged: number | null;
}

function newRun(start: RumpRun['start'] | null): OpenRun {
  return { start, instructions: 0, icr: [], transmits: [], descriptors: 0, acknowledged: null };
}

function note(run: OpenRun, register: DeviceAccess['register'], kind: DeviceAccess['kind'], position: number): void {
  if (register === 'nic.icr' && kind === 'mmio-read') run.icr.push(position);
  else if (register === 'nic.tdt' && kind === 'mmio-write') run.transmits.push(position);
  else if (register === 'nic.rdt' && kind === 'mmio-write') run.descriptors++;
}

/** A root task that answers and finds its timer's notification at once goes on as after an interrupt. */
function rootEvent(op: string, { next, to }: KernelEntry): string {
  const goesOn = to === 'U' && next.startsWith('root:');
  return goesOn && (op === 'ReplyRecv_slow' || op === 'Recv') ? 'irq_timer' : op;
}

function owner(name: string, idle: boolean, before: Thread): Thread {
  if (idle) return 'idle';
  if (name === 'root:count_idle') return 'idle';
  if (name.startsWith('root:')) return 'root';
  if (name === 'rump:rump_irq_handle' || name === 'rump:wait_for_pci_interrupt') return 'pci';
  // A tick may stop the pci thread inside a function that the rump thread runs, too.
  return name === 'rump:isr' ? 'pci' : name === '' || name === ':' ? before : 'rump';
}
