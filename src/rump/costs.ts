import { type Cost, cost } from '../hw/cost.ts';

const RUNS = 'seL4/rumprun 0be59c6 on seL4 daa0dfb14, counted in recordings/sel4-rumprun and sel4-rumprun-itr1500';

function insn(op: string, group: string, value: number, range: readonly [number, number], kind: 'measured' | 'estimate' | 'source code', how: string): Cost {
  return cost(`insn.${op}.${group}`, value, 'instructions', range, kind, how);
}

/** Rumprun: the bmk scheduler, the rump kernel's interrupt, softint and clock glue, and the platform layers' own code. */
export const RUMP_COSTS: readonly Cost[] = [
  insn('sched.look', 'sched', 26, [20, 60], 'measured', `${RUNS}; schedule() to the head of the run queue: of the 56 from Recv's return to the thread that had gone idle`),
  insn('sched.expire', 'sched', 80, [80, 84], 'measured', `${RUNS}; extra when a timeout has expired`),
  insn('sched.switch', 'sched', 145, [141, 150], 'measured', `${RUNS}; 201 from Recv's return to another thread, less 56; without the SetTLSBase call of 2023`),
  insn('idle.exit', 'sched', 30, [24, 36], 'measured', `${RUNS}; Recv's return to schedule()`),
  insn('idle.enter', 'sched', 148, [130, 170], 'measured', `${RUNS}; schedule() finding nothing, cpu_block up to Recv: 185 + 52, less the way in and the 33 of the timer RPC stub of 2023`),
  insn('isr.begin', 'sched', 334, [300, 354], 'measured', `${RUNS}; doisr and rumpkern_sched up to wm_intr_legacy`),
  insn('isr.end', 'sched', 699, [660, 720], 'measured', `${RUNS}; acknowledgement to schedule() with nothing to wake: 854 less idle entry`),
  insn('softint.wake', 'sched', 129, [115, 145], 'measured', `${RUNS}; rump_softint_run waking a softint thread: 999 less 699 and the switch`),
  insn('softint.run', 'sched', 325, [260, 400], 'estimate', `${RUNS}; the rest of the 1,285 a softint run executes whatever its frames, less dispatches, wake-up and switch`),

  insn('sel4.irq-thread.begin', 'sched', 34, [34, 34], 'measured', `${RUNS}; pci thread, Wait's return to Signal`),
  insn('sel4.irq-thread.end', 'sched', 99, [91, 99], 'measured', `${RUNS}; pci thread, isr() and semaphore up to Wait`),
  insn('sel4.timer-thread', 'sched', 80, [40, 200], 'estimate', 'timing thread of seL4/rumprun 582c0b5 around its three calls; the recorded platform of 2023 has no such thread'),
  insn('sel4.pit-program', 'sched', 250, [120, 500], 'estimate', 'ns to counts (64-bit division) and three call stubs of about 50 instructions; seL4/rumprun 582c0b5 platform/sel4, util_libs pit.c'),
  insn('sel4.hpet-program', 'sched', 300, [150, 600], 'estimate', 'conversion to counts in floating point, comparison, without the register accesses; util_libs hpet.c'),
  insn('bmk.isr', 'sched', 85, [60, 125], 'estimate', 'locore.S stub and isr(): as the recorded pci thread between Wait and Wait (125) without its semaphore'),
  insn('bmk.clock-isr', 'sched', 8, [6, 15], 'source code', 'seL4/rumprun 582c0b5 platform/hw/arch/i386/locore.S, cpu_isr_clock'),
  insn('bmk.timer-program', 'sched', 120, [60, 250], 'estimate', 'time to PIT counts; platform/hw/arch/x86/clock.c cpu_block'),
  cost('bmk.interrupt', 250, 'cycles', [150, 450], 'estimate', 'IDT delivery and iret without a privilege change: less than the 350 (250 to 600) of an entry from user mode (docs/sources/costs.md, Nominal values)'),
  cost('idle.loop', 34, 'cycles', [30, 45], 'estimate', 'one turn of the rdtsc idle loop: 28 cycles for rdtsc on Sandy Bridge (Agner Fog, as remembered) and about 20 instructions (seL4/rumprun-sel4-demoapps a8e554b roottask arch.c, count_idle)'),
];
