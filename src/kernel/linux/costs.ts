import { type Cost, cost } from '../../hw/cost.ts';

const RUNS = 'Linux 6.1.192 amd64, mitigations off, recordings/linux-e1000e (icount: one instruction, 4 ns); docs/linux.md';

/** A count for Linux 4.9 on ia32, set from what 6.1 on amd64 executes. `how` names the recorded number. */
function insn(op: string, group: string, value: number, range: readonly [number, number], how: string): Cost {
  return cost(`insn.linux.${op}.${group}`, value, 'instructions', range, 'estimate', `for 4.9 ia32, from ${RUNS}; ${how}`);
}

/** Linux's own numbers. Cycles per instruction, entry from and return to user mode, misses and refills are those of the other systems. */
export const LINUX_COSTS: readonly Cost[] = [
  insn('irq', 'kernel', 330, [250, 480], 'vector to EOI 170, EOI to EITR write 65, return about 100; the part of do_IRQ, handle_edge_irq and irq_exit'),
  insn('rx-irq', 'driver', 40, [30, 60], 'e1000_intr_msix_rx, part of the 737 from EOI to the IMS write of an empty poll'),
  insn('rx-irq', 'stack', 60, [40, 90], 'napi_schedule, part of the same'),
  insn('tx-irq', 'driver', 90, [70, 115], 'EOI to IMS write 113 with nothing to reclaim'),
  insn('tx-done', 'driver', 150, [110, 200], 'one packet of two descriptors: 273 more (386 less 113)'),
  insn('tx-done', 'stack', 125, [80, 180], 'freeing of that packet, part of the same'),
  insn('softirq', 'kernel', 250, [180, 350], '__do_softirq and net_rx_action, part of the 737'),
  insn('poll', 'driver', 200, [150, 280], 'e1000e_poll, e1000_clean_rx_irq, e1000_set_itr without a frame, part of the 737'),
  insn('poll', 'stack', 130, [90, 200], 'napi_complete_done, part of the 737'),
  insn('rx-frame', 'driver', 330, [220, 480], 'descriptor, unmapping, skb and buffer allocation: 624 to 866 a frame in all between polls of different length without page allocation; byte-counted clearing of the new skb (init_on_alloc and memset) taken off, a sixth added for ia32'),
  insn('rx-frame', 'stack', 370, [250, 520], 'napi_gro_receive with merging, part of the same; one GRO list in 4.9, hashed ones in 6.1'),
  insn('super-segment', 'stack', 2600, [1800, 3750], 'ip_rcv to the receive queue: 3,700 in 6.1 from netif_receive_skb to the wake-up (4,250 less a trace event of 550), with control-group hooks and list handling that 4.9 has not'),
  insn('ack', 'stack', 2300, [1800, 3500], 'tcp_send_ack to the qdisc: 4,500 in all from wake-up to the end of transmission, less about 1,280 bytes cleared by init_on_alloc, each counted as an instruction'),
  insn('ack', 'driver', 700, [500, 900], 'e1000_xmit_frame, part of the same'),
  insn('wakeup', 'kernel', 900, [700, 1300], 'sock_def_readable to the end of try_to_wake_up: part of the 4,950 of a single frame that wakes the reader without an ACK'),
  insn('switch', 'kernel', 1000, [700, 1300], 'schedule and the switch: 1,100 between the end of idle and sched_switch (1,654 less a trace event)'),
  insn('idle-enter', 'kernel', 1400, [900, 2100], '930 in 6.1 (sched_switch to idle 670, then 260); 4.9 also stops the tick each time (since 4.17 only for long stays) and asks the menu governor'),
  insn('idle-leave', 'kernel', 200, [120, 350], 'cpuidle, tick_nohz_irq_enter: 145 to 188 before the vector\'s handler; 4.9 also updates the governor'),
  insn('idle-again', 'kernel', 600, [300, 900], '260 in 6.1 after an interrupt that wakes nobody; 4.9 goes through tick_nohz_irq_exit and the governor again'),
  insn('idle-exit', 'kernel', 900, [500, 1500], '185 in 6.1, which had left the tick running; 4.9 restarts the tick and accounts the idle jiffies'),
  insn('select.enter', 'stack', 1300, [900, 1700], 'a select that finds data: 1,150 (1,765 between two clock reads, less one of about 620)'),
  insn('select.sleeps', 'kernel', 900, [600, 1300], 'to schedule(): 2,650 in all from the last clock read to the switch, less the scan'),
  insn('select.wakes', 'stack', 2000, [1100, 4600], 'rescan, poll_freewait, copy out, return: at most 4,650 between switch and the first clock read of the process; no finer event in the recording'),
  insn('read.data', 'stack', 900, [700, 1250], 'recv of one segment 1,250 beside its bytes (3,377 between clock reads, less clock and the 1,448 of a byte-counted copy)'),
  insn('read.segment', 'stack', 250, [150, 400], 'each super-segment of a read: skb_copy_datagram_iter, __kfree_skb; share of the same'),
  insn('read.frame', 'stack', 140, [80, 250], 'each frame: one fragment to copy from and to put back; share of the same'),
  insn('read.nothing', 'stack', 450, [300, 700], 'EAGAIN; no event of its own in the recording'),
  insn('syscall', 'kernel', 90, [60, 150], 'do_fast_syscall_32 and the way out, the part that is not the entry and exit stubs; counted from the source'),
  insn('vdso', 'app', 110, [80, 750], 'gettimeofday by vDSO and TSC; high: as a system call on another clock source, 740 in the recording'),
  insn('tick', 'kernel', 2000, [1300, 2900], 'timer interrupt without a timer due: 326 and 1,600 in hrtimer_interrupt to its end; programming the HPET not counted'),

  cost('copy.cold', 0.6, 'cycles/byte', [0.42, 0.8], 'estimate', 'copyout of payload that DMA left in DRAM and no checksum has touched: 5 to 8 GB/s with the prefetcher on Sandy Bridge (docs/sources/costs.md, Memory system); memcpy from DRAM 0.73 on Cascade Lake (docs/sources/sel4-cycles.md, Host)'),
  cost('cstate.c1.exit', 2000, 'ns', [500, 2000], 'source code', 'intel_idle.c snb_cstates of Linux 4.9: C1-SNB 2 us, an upper bound by its purpose'),
  cost('cstate.c1e.exit', 10000, 'ns', [2000, 10000], 'source code', 'the same: C1E-SNB 10 us'),
  cost('cstate.c3.exit', 80000, 'ns', [20000, 80000], 'source code', 'the same: C3-SNB 80 us; low: what C3 of Nehalem has there'),
  cost('cstate.c6.exit', 104000, 'ns', [40000, 104000], 'source code', 'the same: C6-SNB 104 us'),
  cost('cstate.refill', 8000, 'cycles', [2000, 20000], 'estimate', 'level-1 and level-2 caches empty after C3 or deeper: 250 to 700 lines of driver, stack and process at 28 cycles from L3, partly overlapped; no measurement found'),
];
