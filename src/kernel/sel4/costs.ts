import { type Cost, cost } from '../../hw/cost.ts';

const PATHS = 'seL4 16.0.0 (6e7c3b733), ia32, RELEASE -O2, threads with the FPU disabled; instructions of the kernel range counted by a QEMU 7.2 TCG plugin (docs/sources/sel4-paths.csv)';

/** A measured path. The range reaches to the same entry in the recorded Rumprun build (no whole-program optimisation), where there is one. */
function path(name: string, instructions: number, high: number, row: string): Cost {
  return cost(`insn.sel4.${name}`, instructions, 'instructions', [instructions, high], 'measured', `${PATHS}; row '${row}'; high: the recorded Rumprun kernel (daa0dfb14) where it has the entry`);
}

/** The kernel's paths and stubs. Counts are of a 2026 kernel; that the 2017 kernel's are close is an assumption. */
export const SEL4_COSTS: readonly Cost[] = [
  cost('sel4.syscall.entry', 75, 'cycles', [55, 110], 'estimate', 'half of sysenter, save, restore, sysexit: 133 cycles for a null syscall on Haswell ia32 (sel4bench-results PC99_32_haswell3), 110 to 220 on Sandy Bridge'),
  cost('sel4.syscall.exit', 75, 'cycles', [55, 110], 'estimate', 'as sel4.syscall.entry; the GDT-based reload of FS and GS is on this side'),
  cost('sel4.interrupt.entry', 200, 'cycles', [140, 350], 'estimate', 'IDT delivery and register save; no Sandy Bridge measurement found; irq_noswitch 1,164 cycles in all on Haswell ia32 (sel4bench-results)'),
  cost('sel4.interrupt.exit', 150, 'cycles', [110, 250], 'estimate', 'register restore and iret or sysexit'),
  cost('insn.sel4.stub', 60, 'instructions', [40, 99], 'estimate', 'entry and exit code inside the counted kernel range, paid for in the stub costs instead; SetTLSBase, the shortest call, executes 99 in all'),

  path('signal.no-waiter', 418, 418, 'Signal, no waiter (idle->active)'),
  path('signal.active', 410, 418, 'Signal, already active'),
  path('signal.no-switch', 661, 754, 'Signal -> equal-prio waiter (no switch); stands for a waiter of lower priority too, which was not measured'),
  path('signal.switch-same', 595, 601, 'Signal -> higher-prio waiter (switch, same AS)'),
  path('signal.switch-other', 598, 604, 'Signal -> higher-prio waiter (switch, other AS)'),
  path('wait.pending', 280, 295, 'Wait, pending'),
  path('wait.switch-same', 484, 515, 'Wait blocking -> switch to other thread (same AS)'),
  path('wait.switch-other', 487, 512, 'Wait blocking -> switch (other AS)'),
  path('ioport.out8', 475, 547, 'X86 IOPort_Out8'),
  path('tick', 124, 137, 'timer tick, timeslice left'),
  path('tick.slice-over', 336, 342, 'timer tick, timeslice expired, no peer'),

  path('irq.ioapic.no-waiter', 233, 233, 'IRQ, no waiter (ntfn set active), return to same thread'),
  path('irq.ioapic.no-switch', 525, 526, 'IRQ, waiter lower prio: made ready, no switch'),
  path('irq.ioapic.switch-same', 421, 461, 'IRQ -> ntfn -> waiter preempts running lower-prio thread (same AS)'),
  path('irq.ioapic.switch-other', 424, 464, 'IRQ -> ntfn -> waiter preempts running thread (other AS)'),
  path('irq.pic.no-waiter', 228, 233, 'PIC: IRQ, no waiter (ntfn set active), return to same thread'),
  path('irq.pic.no-switch', 520, 521, 'PIC: IRQ, waiter lower prio: made ready, no switch (521 with the FPU, less 1)'),
  path('irq.pic.switch-same', 416, 471, 'PIC: IRQ -> ntfn -> waiter preempts running lower-prio thread (same AS) (422 with the FPU, less 6)'),
  path('irq.pic.switch-other', 419, 474, 'PIC: IRQ -> ntfn -> waiter preempts running thread (other AS) (425 with the FPU, less 6)'),
  path('irq.msi.no-waiter', 188, 188, 'MSI, no waiter'),
  path('irq.msi.no-switch', 480, 481, 'MSI: IOAPIC row less the 45 instructions between the other MSI and IOAPIC rows'),
  path('irq.msi.switch-same', 376, 419, 'MSI -> ntfn -> waiter preempts running lower-prio thread (same AS)'),
  path('irq.msi.switch-other', 379, 422, 'MSI, other AS: same-AS row and the 3 instructions of a CR3 write'),
  path('ack.ioapic', 517, 542, 'IRQHandler_Ack'),
  path('ack.pic', 487, 516, 'PIC: IRQHandler_Ack'),
  path('ack.msi', 472, 500, 'IRQHandler_Ack (MSI handler)'),
];
