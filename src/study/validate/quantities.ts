import type { Sel4Recording } from './sel4-recording.ts';

/** What a recording or a prediction says, by name of the quantity; null with a reason where it cannot be said. */
export type Quantities = ReadonlyMap<string, number>;

/** Interrupts as the recordings number them: the vector behind `irq_` depends on the controller. */
const VECTORS: Readonly<Record<string, 'nic' | 'timer'>> = { irq_3b: 'nic', irq_2b: 'nic', irq_36: 'nic', irq_30: 'timer', irq_20: 'timer' };
/** The rest of a kernel entry that another one interrupted; part of that entry. */
export const NESTED = 'nested_rest';
/** Kernel entries by operation, in the order of the report. */
export const KERNEL_OPERATIONS = [
  'irq_nic', 'irq_timer', 'tick', 'IRQHandlerAck', 'Signal', 'Wait', 'Recv', 'Call_slow', 'ReplyRecv', 'ReplyRecv_slow', 'SetTLSBase', 'IOPortControl_Issue', 'IOPort', 'CNode_Delete',
] as const;

/** The operation as the report calls it: `irq_nic` and `irq_timer` whatever the vector. */
export function operationName(op: string): string {
  const who = VECTORS[op];
  return who === undefined ? op : `irq_${who}`;
}

/** Names of quantities that need more than their name. */
export const quantity = {
  entries: (op: string): string => `kernel entries: ${op}`,
  instructions: (op: string): string => `kernel instructions: ${op}`,
} as const;

/** The recorded window's length in seconds of virtual time. */
export function windowSeconds({ setup }: Pick<Sel4Recording, 'setup'>): number {
  return (setup.window.to - setup.window.from) * setup.nsPerInstruction.value * 1e-9;
}

/** Everything that a recording says and a model could predict; counts are of the whole window. */
export function recordedQuantities(recording: Sel4Recording): Quantities {
  const { entries, accesses, setup } = recording;
  const found = new Map<string, number>();
  const seconds = windowSeconds(recording);
  const counts = new Map<string, { entries: number; instructions: number }>();
  let kernel = 0;
  let idle = 0;
  let rump = 0;
  let root = 0;
  for (const { op, instructions, user, from, left } of entries) {
    const name = operationName(op);
    const count = counts.get(name) ?? { entries: 0, instructions: 0 };
    count.entries++;
    count.instructions += instructions;
    counts.set(name, count);
    kernel += instructions;
    if (from === 'I') idle += user;
    else if (left.startsWith('root:')) root += user;
    else rump += user;
  }
  const number = (name: string): number => counts.get(name)?.entries ?? 0;
  found.set('NIC interrupts/s', number('irq_nic') / seconds);
  found.set('timer interrupts/s', number('irq_timer') / seconds);
  found.set('kernel ticks/s', number('tick') / seconds);
  if (accesses !== null) for (const [name, count] of accessQuantities(accesses, setup.controller.value, setup.timer.value)) found.set(name, count);
  let total = 0;
  for (const [name, count] of counts) if (name !== NESTED) total += count.entries;
  found.set('kernel entries', total);
  const known: readonly string[] = KERNEL_OPERATIONS;
  const listed = [...known.filter((name) => counts.has(name)), ...[...counts.keys()].filter((name) => !known.includes(name)).toSorted()];
  for (const name of listed) found.set(quantity.entries(name), number(name));
  found.set('kernel instructions', kernel);
  for (const name of listed) found.set(quantity.instructions(name), counts.get(name)?.instructions ?? 0);
  found.set('user instructions: rump', rump);
  found.set('user instructions: root', root);
  const span = setup.window.to - setup.window.from;
  found.set('busy share', (span - idle) / span);
  for (const [name, count] of frameQuantities(recording)) found.set(name, count);
  return found;
}

function accessQuantities(accesses: NonNullable<Sel4Recording['accesses']>, controller: string, timer: string): Map<string, number> {
  let [icr, tail, nic, hpetReads, hpetWrites, ioapic, lapic, pic, ins, outs, rdt] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (const { register, kind } of accesses) {
    const read = kind === 'mmio-read';
    if (kind === 'in') ins++;
    if (kind === 'out') outs++;
    if (register.startsWith('nic.')) nic++;
    if (register === 'nic.icr' && read) icr++;
    else if (register === 'nic.rdt' && !read) rdt++;
    else if (register === 'nic.tdt' && !read) tail++;
    else if (register === 'hpet' && read) hpetReads++;
    else if (register === 'hpet') hpetWrites++;
    else if (register === 'ioapic') ioapic++;
    else if (register === 'lapic.eoi') lapic++;
    else if (register === 'pic.eoi') pic++;
  }
  const found = new Map([['ICR reads', icr], ['RDT writes', rdt], ['TDT writes', tail], ['NIC register accesses', nic]]);
  if (timer === 'hpet') found.set('HPET reads', hpetReads).set('HPET writes', hpetWrites);
  if (ins + outs > 0 || controller === 'pic' || timer === 'pit') found.set('port reads', ins).set('port writes', outs);
  if (controller === 'pic') found.set('PIC EOIs', pic);
  else found.set('I/O APIC writes', ioapic);
  return found.set('local APIC EOIs', lapic);
}

/** Frames that crossed the wire inside the window, if the capture can be placed in it. */
function frameQuantities(recording: Sel4Recording): Map<string, number> {
  const { setup, wire } = recording;
  const found = new Map<string, number>();
  if (wire === null || setup.wireOffset === null) return found;
  const ns = setup.nsPerInstruction.value;
  const shift = Number(wire.origin - setup.wireOffset);
  const [from, to] = [setup.window.from * ns, setup.window.to * ns];
  let [data, other, out] = [0, 0, 0];
  for (const { t, inbound, payload } of wire.frames) {
    const at = t + shift;
    if (at < from || at >= to) continue;
    if (!inbound) out++;
    else if (payload > 0) data++;
    else other++;
  }
  return found.set('frames in', data + other).set('data frames in', data).set('frames out', out);
}

/** Where the traces and the recording's own summary disagree, a line each. */
export function disagreements({ entries, accesses, summary, setup }: Sel4Recording): string[] {
  if (summary === null) return ['there is no summary.json'];
  const lines: string[] = [];
  const compare = (what: string, ours: number, theirs: number | undefined): void => {
    if (theirs !== undefined && ours !== theirs) lines.push(`${what}: ${ours} in the traces, ${theirs} in summary.json`);
  };
  const byOp = new Map<string, { n: number; insns: number }>();
  const user = { idle: 0, rump: 0, root: 0 };
  let kernel = 0;
  for (const entry of entries) {
    const sum = byOp.get(entry.op) ?? { n: 0, insns: 0 };
    sum.n++;
    sum.insns += entry.instructions;
    byOp.set(entry.op, sum);
    kernel += entry.instructions;
    user[entry.from === 'I' ? 'idle' : entry.left.startsWith('root:') ? 'root' : 'rump'] += entry.user;
  }
  for (const [op, { n, insns }] of Object.entries(summary.kernel_by_op ?? {})) {
    compare(`${op} entries`, byOp.get(op)?.n ?? 0, n);
    compare(`${op} instructions`, byOp.get(op)?.insns ?? 0, insns);
  }
  compare('kernel instructions', kernel, summary.kernel);
  compare('idle instructions', user.idle, summary.user_idle);
  compare('user instructions of rump', user.rump, summary.user_busy_rump);
  compare('user instructions of root', user.root, summary.user_busy_root);
  compare('instructions in all', setup.window.to - setup.window.from, summary.total_insns);
  if (accesses !== null && summary.device_accesses !== undefined) {
    for (const wanted of ['mmio-read', 'mmio-write', 'in', 'out'] as const) {
      const theirs = Object.entries(summary.device_accesses).reduce((sum, [key, count]) => sum + (key.startsWith(`${wanted} `) ? count : 0), 0);
      compare(`device accesses '${wanted}'`, accesses.filter(({ kind }) => kind === wanted).length, theirs);
    }
  }
  return lines;
}
