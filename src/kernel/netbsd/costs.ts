import { type Cost, cost } from '../../hw/cost.ts';

const RUNS = 'recordings/sel4-rumprun (same NetBSD sources b8b951e9): entries of each lock function in the operation';
const CODE = 'src-netbsd b8b951e9';

/**
 * A native kernel's locks in an operation that Rumprun executes too: the recorded entries of its lock, level, per-CPU and reference functions, each by what the native function
 * executes (mutex_enter and mutex_exit 6, spin mutex pair 25, splraise 7, spllower 12, KERNEL_LOCK pair 60, rw pair 20, mutex_owned 8, percpu reference 25). Low: without DIAGNOSTIC.
 */
function locks(op: string, value: number, range: readonly [number, number], how: string): Cost {
  return cost(`insn.${op}.native`, value, 'instructions', range, 'estimate', `${RUNS} times native instructions each (${CODE} sys/arch/i386/i386/lock_stubs.S 61-301, spl.S 52-160, sys/kern/kern_mutex.c); ${how}`);
}

function code(op: string, value: number, range: readonly [number, number], how: string): Cost {
  return cost(`insn.netbsd.${op}`, value, 'instructions', range, 'estimate', `read off ${CODE} ${how}`);
}

const ACPICPU = 'acpicpu(4) is in GENERIC and becomes the idle function (NetBSD/src 001dc54a sys/arch/i386/conf/GENERIC; 05fb6a18 sys/dev/acpi/acpi_cpu_cstate.c, acpicpu_cstate_idle); the state is chosen by the last sleep, which hztoms() of a 3.58 MHz count makes 3,000 times too long, so it is always the deepest one';

/** Native NetBSD/i386 on one CPU, the GENERIC kernel of the unikernel's sources (options MULTIPROCESSOR and DIAGNOSTIC, no LOCKDEBUG). */
export const NETBSD_COSTS: readonly Cost[] = [
  cost('cpi.native', 1.2, 'cycles/instruction', [0.8, 2.0], 'estimate',
    'short hot functions as cpi.sched (0.9), and what they hold: on one CPU LOCK prefixes are patched to NOP (lock_stubs.S 365-370, sys/arch/x86/x86/patch.c), but XCHG of a spin mutex always locks (about 20 cycles) and CMPXCHG8B of spllower takes about 10, and membar_sync is MFENCE: about 400 cycles on the 1,281 instructions of a frame'),
  cost('checksum.assembler', 0.72, 'cycles/byte', [0.4, 1.1], 'estimate',
    `${CODE} sys/arch/i386/i386/cpu_in_cksum.S 210-249: one ADC a 4-byte word in a chain; ADC takes 2 cycles on Sandy Bridge (Agner Fog, as remembered), so 0.5 hot, against 0.68 of the portable C; DRAM-cold adds what it adds there (checksum.cold: 0.9 less 0.68)`),
  cost('ioapic.read', 600, 'ns', [300, 1200], 'estimate', 'uncached read of the I/O APIC window, as a read of the HPET next to it'),

  locks('wm.pass', 52, [36, 90], 'receive, transmit and core lock, two ownership checks; 122 in Rumprun'),
  locks('wm.intr-end', 58, [40, 100], 'rnd_add_uint32, if_start with its queue lock and splnet; 116 in Rumprun'),
  cost('insn.wm.msix-pass.driver', 170, 'instructions', [140, 200], 'estimate', `as wm.pass (wm_rxeof and wm_txeof that find nothing, 150), and the checks of two queues; ${CODE} sys/dev/pci/if_wm.c 7588-7646`),
  locks('wm.msix-pass', 45, [28, 80], 'transmit and receive lock, two ownership checks (if_wm.c 7588-7646); nothing in Rumprun'),
  locks('wm.rx-frame', 164, [120, 228], '0.72 of the 228 in Rumprun, the ratio of a received frame: 1,281 native instructions for 1,781'),
  locks('wm.tx-done', 48, [35, 66], '0.72 of the 66 in Rumprun'),
  locks('softint.percpuq', 40, [20, 80], 'splnet around the dequeue; 100 in Rumprun'),
  locks('softint.ip', 40, [20, 80], 'softnet_lock and the packet queue; 100 in Rumprun'),
  locks('ether.frame', 125, [95, 174], '0.72 of the 174 in Rumprun'),
  locks('tcp.frame', 540, [400, 750], '0.72 of the 750 in Rumprun; 136 of them are ownership checks'),
  locks('tcp.ack', 690, [520, 817], '525 native instructions for 622 in a sent ACK, so 0.84 of the 817 in Rumprun'),
  locks('tcp.window-update', 520, [390, 725], '560 for 780, so 0.72 of the 725 in Rumprun'),
  locks('tcp.output-nothing', 46, [25, 80], '0.72 of the 65 in Rumprun'),
  locks('socket.wakeup', 200, [120, 320], 'selnotify, sleepq_unsleep and three spin mutexes, sched_enqueue and resched_cpu in place of the 300 of a bmk wake-up'),
  locks('select.wakes', 150, [90, 220], 'locks of the rescan: 0.65 (a system call) of the 230 that are left of 430 without rump_schedule'),
  locks('select.enter', 290, [200, 380], '0.65 of the 452 that are left of 660 without rump_syscall, rump_schedule and rump_unschedule (208 a call)'),
  locks('select.sleeps', 330, [200, 500], 'sleepq_enqueue, sleepq_block, callout_schedule and callout_halt of its timeout in place of the 526 of a bmk block'),
  locks('iperf.loop', 110, [60, 180], 'locks and the TSC timecounter of gettimeofday; 370 in Rumprun, 208 of them rump_schedule'),
  locks('read.data', 190, [140, 260], '0.65 of the 293 left of 501'),
  locks('read.mbuf', 59, [45, 90], '0.65 of the 90 in Rumprun'),
  locks('read.nothing', 216, [150, 290], '0.65 of the 332 left of 540'),
  locks('clock.tick', 150, [80, 300], 'statclock with its lock, sched_tick, callout_hardclock (sys/kern/kern_clock.c 216-262, 361-464, sys/kern/kern_timeout.c callout_hardclock); the clock thread of Rumprun executes 702 instead'),
  locks('clock.callout', 150, [90, 250], 'callout_softclock with KERNEL_LOCK and softnet_lock around each handler (sys/kern/kern_timeout.c)'),

  cost('netbsd.interrupt.entry', 230, 'cycles', [150, 400], 'estimate', `IDT delivery, trap frame with four segment registers stored and four loaded (${CODE} sys/arch/i386/include/frameasm.h, INTRENTRY); the 350 (250 to 600) of an entry and return (docs/sources/costs.md, Nominal values) and about 12 cycles a segment load`),
  cost('netbsd.interrupt.exit', 220, 'cycles', [140, 380], 'estimate', `four segment loads, registers, iret (${CODE} frameasm.h, INTRFASTEXIT); as netbsd.interrupt.entry`),
  cost('netbsd.trap.entry', 220, 'cycles', [140, 380], 'estimate', `int $0x80 through a trap gate, not sysenter, and the same frame (${CODE} sys/arch/i386/i386/locore.S 1278-1300); no Sandy Bridge measurement found`),
  cost('netbsd.trap.exit', 220, 'cycles', [140, 380], 'estimate', `AST check, INTRFASTEXIT, iret to user mode (${CODE} locore.S 1301-1332)`),
  cost('acpi.pm-timer.in', 700, 'ns', [400, 1300], 'estimate', 'one IN from a register inside the chipset, as pic.in; no measurement on that board found'),
  cost('netbsd.idle.bus-master', 8400, 'ns', [0, 15600], 'estimate', `${ACPICPU}: before and after an ACPI C3 state it writes BM_RLD and ARB_DIS (acpicpu_md_flags sets both flags on Intel, NetBSD/src 01298e0d sys/arch/x86/acpi/acpi_cpu_md.c); AcpiWriteBitRegister is two IN and one OUT each (ACPICA hwxface.c, hwregs.c, as remembered), twelve accesses of 700 ns; 0 when the BIOS offers no state of type C3`),
  cost('netbsd.idle.exit', 104000, 'ns', [500, 104000], 'source code', `${ACPICPU}: the deepest state, C6 of Sandy Bridge; exit latency from Linux drivers/idle/intel_idle.c (snb_cstates), an upper bound; low: C1, when the BIOS offers no deeper one`),
  cost('netbsd.idle.refill', 8000, 'cycles', [0, 20000], 'estimate', 'level-1 and level-2 caches empty after C3 or deeper: 250 to 700 lines of driver, stack and process at 28 cycles from L3, partly overlapped (as cstate.refill); 0 after C1'),

  code('interrupt', 110, [80, 160], 'sys/arch/i386/i386/vector.S 263-336 and spl.S 245-326 (about 45), intr_biglock_wrapper with KERNEL_LOCK (sys/arch/x86/x86/intr.c 806-821, sys/kern/kern_lock.c, about 65): wm is not MPSAFE without NET_MPSAFE'),
  code('syscall', 90, [60, 140], 'sys/arch/i386/i386/locore.S 1278-1332, sys/arch/x86/x86/syscall.c 109-185 (credentials, copy of the arguments, sy_invoke), sys/sys/userret.h; the rump_schedule and rump_unschedule it replaces are in the counts of Rumprun'),
  code('softint', 110, [80, 180], 'spl.S 340-367 (Xsoftintr, 24), softint_dispatch and softint_execute around the handlers (sys/kern/kern_softint.c 544-618, 843-905)'),
  code('softint.handler', 45, [30, 70], 'kern_softint.c 566-602: splhigh, queue, flags, splx; the network handlers are MPSAFE'),
  code('softint.block', 350, [200, 600], 'mutex_vector_enter and turnstile_block, mi_switch back to the pinned lwp (spl.S softintr_ret); or turnstile_wakeup and the softint lwp made runnable'),
  code('switch', 330, [220, 550], 'mi_switch with binuptime, three spin mutexes, nextlwp, pmap_deactivate, cpu_switchto (locore.S 1094-1242, about 45), pmap_activate, splx (sys/kern/kern_synch.c 507-785)'),
  code('pmap', 90, [50, 160], 'pmap_load on the way back to user mode finds the same pmap lazily loaded: pmap_reactivate, no CR3 write (sys/arch/x86/x86/pmap.c, pmap_load, pmap_deactivate); the idle lwp runs on the borrowed page tables'),
  code('idle', 500, [60, 900], 'sys/kern/kern_idle.c 46-100 (idle_loop, uvm_pageidlezero with nothing to do: 60); acpicpu_cstate_idle with four AcpiWriteBitRegister of about 90 (NetBSD/src 05fb6a18 sys/dev/acpi/acpi_cpu_cstate.c), its port accesses apart'),
];
