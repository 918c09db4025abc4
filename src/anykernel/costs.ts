import { type Cost, cost } from '../hw/cost.ts';

const RUNS = 'seL4/rumprun 0be59c6, NetBSD src-netbsd b8b951e9, iperf 3.1.3, ia32 GCC 12 -O2, counted in recordings/sel4-rumprun and sel4-rumprun-itr1500 (23 runs, 95,572 softint and iperf runs of known length between thread switches)';

function insn(op: string, group: string, value: number, range: readonly [number, number], kind: 'measured' | 'estimate', how: string): Cost {
  return cost(`insn.${op}.${group}`, value, 'instructions', range, kind, `${RUNS}; ${how}`);
}

/**
 * Instructions per call of NetBSD's driver, network stack and sockets and of iperf, by code group. Sums per thread run are exact to half a percent; the split of a run into calls
 * and of a call into groups comes from function counts and is good to about 10 %. Bytes summed and copied are priced per byte, not here.
 */
export const ANYKERNEL_COSTS: readonly Cost[] = [
  insn('wm.intr', 'driver', 20, [15, 30], 'measured', 'wm_intr_legacy up to the first ICR read, part of the 354 from switch-in to that read'),
  insn('wm.pass', 'driver', 150, [130, 165], 'measured', 'one pass that finds nothing (wm_rxeof, wm_txeof, up to the next ICR read): 272 in all'),
  insn('wm.pass', 'sched', 122, [79, 135], 'measured', 'locks of that pass'),
  insn('wm.intr-end', 'driver', 114, [100, 125], 'measured', 'last ICR read to the acknowledgement: 230 in all (rnd_add, if_start)'),
  insn('wm.intr-end', 'sched', 116, [105, 130], 'measured', 'locks of that part'),
  insn('wm.rx-frame', 'driver', 740, [740, 1462], 'measured', 'frame in one 2 KB buffer: RDT to RDT of the last descriptor, 1,212 in all; the recordings used two descriptors a frame (2,197 in all, the high end), which a real 82574L with 2 KB buffers does not'),
  insn('wm.rx-frame', 'stack', 244, [244, 420], 'measured', 'mbuf and cluster allocation, if_percpuq_enqueue'),
  insn('wm.rx-frame', 'sched', 228, [200, 316], 'measured', 'locks and curlwp of the same'),
  cost('insn.rump.virt-to-mach', 366, 'instructions', [300, 380], 'measured',
    `${RUNS}; rumpcomp_pci_virt_to_mach of platform/sel4/pci/rumpdma.c, 366 an entry, once a receive descriptor and once a packet sent (2.67 entries a frame at 2 descriptors and 0.67 ACKs): part of wm.rx-frame, tcp.ack and tcp.window-update; bare metal returns its argument (platform/hw/pci/rumpdma.c 82-86) and a native kernel has the address in the mbuf; the 2017 platform scans the same list (582c0b5)`),
  insn('wm.tx-done', 'driver', 78, [70, 90], 'measured', 'per finished transmission, 250 in all'),
  insn('wm.tx-done', 'stack', 106, [95, 120], 'measured', 'm_freem and pool caches'),
  insn('wm.tx-done', 'sched', 66, [58, 80], 'measured', 'locks'),

  insn('softint.percpuq', 'stack', 70, [40, 110], 'estimate', 'share of the 1,285 a softint run executes whatever the number of frames'),
  insn('softint.percpuq', 'sched', 100, [60, 150], 'estimate', 'as above'),
  insn('softint.ip', 'stack', 69, [40, 110], 'estimate', 'as above'),
  insn('softint.ip', 'sched', 100, [60, 150], 'estimate', 'as above'),
  insn('ether.frame', 'stack', 380, [340, 420], 'measured', 'per-CPU queue, ether_input, pktq_enqueue: 554 a frame in all'),
  insn('ether.frame', 'sched', 174, [135, 210], 'measured', 'locks'),
  insn('tcp.frame', 'stack', 1288, [1210, 1540], 'measured', 'ip_input, tcp_input, sbappend with the ACK delayed: 4,341 a frame less 1,912 of checksum, less 390 (310 to 470) for the second mbuf of the recordings'),
  insn('tcp.frame', 'sched', 750, [670, 890], 'measured', 'locks and curlwp of the same'),
  insn('tcp.ack', 'driver', 800, [720, 880], 'measured', 'tcp_output that sends, from tcp_input, to the tail write and back: 3,544 in all'),
  insn('tcp.ack', 'stack', 1927, [1760, 2090], 'measured', 'tcp_output, ip_output, ether_output, the 20-byte header checksums'),
  insn('tcp.ack', 'sched', 817, [735, 900], 'measured', 'locks'),
  insn('tcp.window-update', 'driver', 800, [720, 880], 'measured', 'the same after a read, on top of the decision: 3,085 in all'),
  insn('tcp.window-update', 'stack', 1560, [1420, 1700], 'measured', 'as above'),
  insn('tcp.window-update', 'sched', 725, [650, 800], 'measured', 'locks'),
  insn('tcp.output-nothing', 'stack', 300, [240, 380], 'estimate', 'tcp_output after a read that decides not to send: about 365 of an iteration of the iperf loop'),
  insn('tcp.output-nothing', 'sched', 65, [40, 100], 'estimate', 'as above'),
  insn('socket.wakeup', 'stack', 150, [100, 200], 'estimate', 'sorwakeup of a sleeping reader, first frame of a batch: 450 (350 to 550) in all'),
  insn('socket.wakeup', 'sched', 300, [250, 350], 'estimate', 'cv_broadcast to the run queue'),

  insn('select.wakes', 'stack', 450, [375, 525], 'estimate', 'the rescan of a select that slept: 900 (750 to 1,050) in all'),
  insn('select.wakes', 'sched', 430, [360, 500], 'estimate', 'as above'),
  insn('select.wakes', 'app', 20, [15, 30], 'estimate', 'as above'),
  insn('select.enter', 'stack', 1080, [950, 1210], 'measured', 'select up to the end of its first scan: about 1,780 of the 4,569 of an iteration of the iperf loop'),
  insn('select.enter', 'sched', 660, [580, 740], 'measured', 'locks, rump_schedule of the system call'),
  insn('select.enter', 'app', 23, [15, 35], 'measured', 'the stub'),
  insn('select.sleeps', 'stack', 290, [190, 390], 'estimate', 'selrecord and sleep up to the scheduler: 855 in all'),
  insn('select.sleeps', 'sched', 526, [420, 630], 'estimate', 'as above'),
  insn('select.sleeps', 'app', 39, [20, 60], 'estimate', 'as above'),
  insn('iperf.loop', 'app', 460, [400, 520], 'measured', 'iperf_run_server, iperf_recv, gettimeofday: about 830 in all'),
  insn('iperf.loop', 'sched', 370, [300, 440], 'measured', 'rump_schedule of gettimeofday'),
  insn('read.data', 'stack', 1110, [960, 1260], 'measured', 'a read that returns the data of one mbuf, without the bytes and without tcp_output'),
  insn('read.data', 'sched', 501, [420, 580], 'measured', 'locks, rump_schedule of the system call'),
  insn('read.mbuf', 'stack', 216, [180, 290], 'measured', 'each further mbuf of a read: uiomove, free of mbuf and cluster: 306 (250 to 415) in all'),
  insn('read.mbuf', 'sched', 90, [70, 125], 'measured', 'as above'),
  insn('read.nothing', 'stack', 330, [270, 390], 'estimate', 'a read that finds nothing (EAGAIN): 870 (720 to 1,020) in all'),
  insn('read.nothing', 'sched', 540, [450, 630], 'estimate', 'as above'),

  insn('clock.tick', 'stack', 230, [205, 255], 'measured', 'hardclock without a callout due: 1,087 in all, less the scheduler and idle entry that follow'),
  insn('clock.tick', 'sched', 702, [630, 790], 'measured', 'as above'),
  insn('clock.callout', 'stack', 700, [300, 700], 'measured', 'softclock thread with one of the protocol timers'),
  insn('clock.callout', 'sched', 347, [300, 520], 'measured', 'as above'),
];
