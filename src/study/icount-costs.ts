import { CostError, type CostTable } from '../hw/cost.ts';
import { defaultCosts } from './cost-tables.ts';
import { withValues } from './cost-values.ts';

/** A full segment of the recorded peer, which sends no timestamps. */
export const RECORDED_SEGMENT = 1460;
/** The checksum of a full segment and its header, part of what TCP input executes for a frame, and the bytes that the model sums for it. */
const CHECKSUM = 1912;
const CHECKSUM_BYTES = RECORDED_SEGMENT + 32;

/**
 * The cost model "qemu-icount": an instruction takes `nsPerInstruction`, whatever it does, and nothing else takes time: device accesses are instructions that the pieces count, DMA and messages
 * arrive at once. `pieces`: instructions by name (icount-pieces.ts). Rows of the table that a piece is the sum of keep their published split, the remainder goes to one of them.
 */
export function icountCosts(nsPerInstruction: number, pieces: ReadonlyMap<string, number>): CostTable {
  const defaults = defaultCosts();
  const values = new Map<string, number>([['cpu.frequency', 1000 / nsPerInstruction], ['tsc.frequency', 1000], ['insn.sel4.stub', 0]]);
  for (const row of defaults.rows()) {
    if (row.unit === 'cycles/instruction') values.set(row.id, 1);
    else if ((row.unit === 'ns' || row.unit === 'cycles') && row.id !== 'idle.loop') values.set(row.id, 0);
  }
  const piece = (id: string): number => {
    const value = pieces.get(id);
    if (value === undefined) throw new CostError(`piece ${id} is missing`);
    return value;
  };
  const insn = (op: string, value: number): void => {
    values.set(`insn.${op}`, value);
  };
  const published = (op: string): number => defaults.value(`insn.${op}`);
  const look = published('sched.look.sched');

  insn('sel4.irq-thread.begin.sched', piece('pci.wake.begin'));
  insn('sel4.2023.irq-thread.end.sched', piece('pci.wake.end'));
  insn('sel4.2023.irq-thread.end-busy.sched', piece('pci.wake.busy') - piece('pci.wake.begin'));

  const enter = piece('idle.spuriousWake') - piece('idle.exitSame');
  const change = piece('idle.exitSwitch') - piece('idle.exitSame');
  insn('idle.exit.sched', piece('idle.exitSame') - look);
  insn('sched.switch.sched', change);
  insn('sched.expire.sched', piece('clock.expired'));
  insn('sel4.2023.idle-enter.sched', enter);
  insn('sel4.2023.idle-wait.sched', piece('idle.enterToRecv') - published('sel4.2023.idle-sleep.sched'));

  insn('isr.begin.sched', piece('isr.toFirstIcr') - published('wm.intr.driver'));
  insn('wm.pass.sched', piece('isr.emptyLoopToSecondIcr') - published('wm.pass.driver'));
  insn('wm.intr-end.sched', piece('isr.lastIcrToAck') - published('wm.intr-end.driver'));
  const end = piece('isr.tailNoWork.toIdle') - look - enter;
  insn('isr.end.sched', end);
  const wake = piece('isr.tailRx.switch') - end - look - change;
  insn('softint.wake.sched', wake);
  insn('wm.rx-frame.driver', piece('wm.rx.frame.recorded2desc') - published('wm.rx-frame.stack') - published('wm.rx-frame.sched'));
  insn('wm.tx-done.driver', piece('wm.tx.completion') - published('wm.tx-done.stack') - published('wm.tx-done.sched'));

  const dispatches = ['softint.percpuq', 'softint.ip', 'socket.wakeup'].reduce((sum, op) => sum + published(`${op}.stack`) + published(`${op}.sched`), 0);
  const run = piece('softint.runFixed') - dispatches - look - change;
  insn('softint.run.sched', run);
  insn('ether.frame.stack', piece('softint.etherPerFrame') - published('ether.frame.sched'));
  insn('tcp.frame.stack', piece('softint.ipTcpPerFrame') - CHECKSUM - published('tcp.frame.sched'));
  values.set('checksum.cold', CHECKSUM / CHECKSUM_BYTES);
  insn('tcp.ack.driver', piece('softint.ackSend') - published('tcp.ack.stack') - published('tcp.ack.sched'));

  const read = published('read.data.stack') + published('read.data.sched') + published('tcp.output-nothing.stack') + published('tcp.output-nothing.sched');
  const select = ['stack', 'sched', 'app'].reduce((sum, group) => sum + published(`select.enter.${group}`), 0);
  insn('iperf.loop.app', piece('iperf.iteration') - read - select - published('iperf.loop.sched'));
  const sleeps = ['stack', 'sched', 'app'].reduce((sum, group) => sum + published(`select.sleeps.${group}`), 0);
  const nothing = published('read.nothing.stack') + published('read.nothing.sched');
  insn('select.wakes.sched', piece('iperf.runFixed') - sleeps - nothing - look - enter - published('select.wakes.stack') - published('select.wakes.app'));
  insn('read.mbuf.stack', piece('iperf.read.perMbuf') - published('read.mbuf.sched'));
  values.set('copy.read', piece('iperf.read.perByte'));
  insn('tcp.window-update.driver', piece('iperf.windowUpdateSend') - published('tcp.window-update.stack') - published('tcp.window-update.sched'));

  insn('clock.tick.sched', piece('clock.tick') - published('clock.tick.stack') - look - enter);
  insn('clock.callout.stack', Math.max(0, piece('clock.softclock') - run - look - enter - published('clock.callout.sched')));

  const begin = published('root.rpc.begin.sched');
  insn('root.rpc.end.sched', piece('root.rpc') - begin);
  insn('root.rpc.set.sched', piece('root.rpc.program') - begin - published('root.rpc.set-end.sched'));
  insn('root.irq.begin.sched', piece('root.irq.toAck'));
  insn('root.irq.due.sched', piece('root.irq.toSignal') - published('root.irq.read.sched'));
  insn('root.irq.end.sched', piece('root.irq.toRecv'));
  insn('root.irq.set.sched', piece('root.irq.notDue') - published('root.irq.read.sched') - published('root.irq.set-end.sched'));
  const pit = published('root.pit.rpc.begin.sched');
  insn('root.pit.rpc.end.sched', piece('root.pit.rpc') - pit);
  insn('root.pit.rpc.set.sched', piece('root.pit.rpc.program') - pit);
  insn('root.pit.issue.sched', piece('root.pit.issueToOut'));
  insn('root.pit.delete.sched', piece('root.pit.outToDelete'));
  insn('root.pit.next.sched', piece('root.pit.deleteToIssue'));
  insn('root.pit.set-end.sched', piece('root.pit.program.end'));
  insn('root.pit.irq.begin.sched', piece('root.pit.irq.toAck'));
  insn('root.pit.irq.due.sched', piece('root.pit.irq.toSignal') - published('root.pit.irq.read.sched'));
  insn('root.pit.irq.set.sched', Math.max(0, piece('root.pit.irq.notDue') - published('root.pit.irq.read.sched')));

  for (const [name, id] of KERNEL) insn(`sel4.${name}`, piece(`kernel.${id}`));
  for (const controller of ['ioapic', 'pic', 'msi'] as const) {
    insn(`sel4.irq.${controller}.switch-other`, piece(`kernel.irq_nic.${controller}.switch`));
    insn(`sel4.irq.${controller}.switch-same`, piece(`kernel.irq_nic.${controller}.switch`) - CR3);
    insn(`sel4.irq.${controller}.no-switch`, piece(`kernel.irq_nic.${controller}.ready`));
  }
  return withValues(defaults, Object.fromEntries(values));
}

/** Instructions of a switch of address spaces. */
const CR3 = 3;

/** Kernel paths and the pieces that say how long they are. */
const KERNEL: readonly (readonly [path: string, piece: string])[] = [
  ['signal.no-waiter', 'Signal.idle'], ['signal.active', 'Signal.idle'], ['signal.no-switch', 'Signal.ready'], ['signal.switch-same', 'Signal.switch'], ['signal.switch-other', 'Signal.switch'],
  ['wait.pending', 'Wait.pending'], ['wait.switch-same', 'Wait.switchSame'], ['wait.switch-other', 'Wait.switchOther'],
  ['ioport.out8', 'IOPort'], ['ioport.issue', 'IOPortControl_Issue'], ['cnode.delete', 'CNode_Delete'], ['tick', 'tick'], ['tick.slice-over', 'tick.sliceOver'],
  ['irq.ioapic.bound.same', 'irq_timer.hpet.switch'], ['irq.ioapic.bound.other', 'irq_timer.hpet.switch'], ['irq.ioapic.bound.active', 'irq_timer.hpet.active'],
  ['irq.pic.bound.same', 'irq_timer.pit.switch'], ['irq.pic.bound.other', 'irq_timer.pit.switch'], ['irq.pic.bound.active', 'irq_timer.pit.active'],
  ['ack.ioapic', 'IRQHandlerAck.ioapic'], ['ack.pic', 'IRQHandlerAck.pic'],
  ['call.slow', 'Call_slow'], ['reply-recv', 'ReplyRecv'], ['reply-recv.ready', 'ReplyRecv_slow.ready'], ['reply-recv.pending', 'ReplyRecv_slow.pending'],
  ['recv.pending', 'Recv.pending'], ['recv.switch-same', 'Recv.idle'], ['recv.switch-other', 'Recv.switch'], ['set-tls-base', 'SetTLSBase'],
];
