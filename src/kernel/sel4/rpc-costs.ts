import { type Cost, cost } from '../../hw/cost.ts';

const PATHS = 'seL4 16.0.0 (6e7c3b733), ia32, RELEASE -O2, threads with the FPU disabled; instructions of the kernel range counted by a QEMU 7.2 TCG plugin (docs/sources/sel4-paths.csv)';
const RECORDED = 'the recorded Rumprun kernel daa0dfb14, ia32, -O2 without whole-program optimisation, FPU state switched (recordings sel4-rumprun)';

function path(name: string, instructions: number, high: number, row: string): Cost {
  return cost(`insn.sel4.${name}`, instructions, 'instructions', [instructions, high], 'measured', `${PATHS}; row '${row}'; high: ${RECORDED}`);
}

function recorded(name: string, instructions: number, low: number, how: string): Cost {
  return cost(`insn.sel4.${name}`, instructions, 'instructions', [low, instructions], 'measured', `${RECORDED}; ${how}`);
}

/** Paths of seL4 that only the 2023 platform takes. */
export const RPC_COSTS: readonly Cost[] = [
  path('call.slow', 901, 1021, 'Call len4 (other AS)'),
  path('reply-recv', 249, 291, 'ReplyRecv fastpath len1 (other AS)'),
  path('reply-recv.ready', 950, 1243, 'ReplyRecv slowpath len8'),
  recorded('reply-recv.pending', 1173, 900, 'a reply that finds the bound notification active; low: less the share that the other paths lose'),
  recorded('recv.pending', 314, 280, 'Recv that finds the bound notification active; low: Wait, pending'),
  path('recv.switch-same', 508, 543, 'Recv blocking -> switch'),
  path('recv.switch-other', 508, 552, 'Recv blocking -> switch'),
  path('set-tls-base', 99, 120, 'SetTLSBase (self)'),
  recorded('ioport.issue', 918, 750, 'X86IOPortControl_Issue; low: less a fifth, as the other paths differ'),
  recorded('cnode.delete', 1048, 850, 'CNode_Delete of a port capability; low: less a fifth'),
  path('irq.ioapic.bound.active', 233, 238, 'IRQ, no waiter (ntfn set active), return to same thread'),
  path('irq.ioapic.bound.same', 430, 507, 'IRQ -> bound ntfn -> Recv(ep) returns, from kernel idle'),
  path('irq.ioapic.bound.other', 433, 510, 'IRQ -> bound ntfn -> Recv(ep) returns, and the 3 instructions of a CR3 write'),
  path('irq.pic.bound.active', 228, 235, 'PIC: IRQ, no waiter (ntfn set active), return to same thread'),
  path('irq.pic.bound.same', 425, 504, 'PIC: IRQ -> bound ntfn -> Recv(ep) returns, from kernel idle (426 with the FPU, less 1)'),
  path('irq.pic.bound.other', 428, 507, 'PIC: the same, and the 3 instructions of a CR3 write'),
];
