import { cost, type Cost } from '../hw/cost.ts';

/**
 * The load generator's numbers. What the paper says of its client is `iperf3`, an 87,380-byte socket buffer and 128 KiB blocks; machine,
 * NIC and kernel of the client are unknown, hence the estimates. Linux is cited by file; tcp_output.c and sch_fq.c were read in a 4.9 tree,
 * KudProject/kernel_msm-4.9 at 7f42cb46 and 420ae2e2, which has the kernel pacing of 4.13 on top.
 */
export const LOAD_COSTS: readonly Cost[] = [
  cost('load.block', 131072, 'bytes', [131072, 131072], 'source code', 'iperf 3.1.3 DEFAULT_TCP_BLKSIZE, and the paper: 128 KiB'),
  cost('load.sendWindow', 87380, 'bytes', [87380, 195480], 'arithmetic', 'bytes in flight: 87,380 asked by iperf -w holds 60 segments; Linux doubles SO_SNDBUF to 174,760 and starts a TSO packet while less is charged, so up to three 65,160-byte packets (135 segments) when the peer offers that much'),
  cost('load.socketBytes', 174760, 'bytes', [87380, 195480], 'source code', 'twice SO_SNDBUF (net/core/sock.c), packet overhead of about 2 % neglected'),
  cost('load.peerWindow', 65535, 'bytes', [65535, 65535], 'source code', 'window of a SYN-ACK is not scaled (RFC 7323); the first ACK brings the real one'),
  cost('load.tso', 65215, 'bytes', [65215, 65231], 'source code', 'tcp_tso_autosize (net/ipv4/tcp_output.c): gso_max_size 65,536 - 1 - MAX_TCP_HEADER; 45 segments either way'),
  cost('load.tsoQueue', 2, 'count', [2, 2], 'source code', 'tcp_small_queue_check (net/ipv4/tcp_output.c): twice the packet\'s charge, at most 256 KiB, between TCP and the wire; released by transmit completion, here when the last frame has left'),
  cost('load.pacedHeader', 0, 'bytes', [0, 66], 'source code', 'bytes a segment that pacing counts beside payload: kernel pacing (4.13) 0, fq qdisc 66 (qdisc_pkt_len_init adds every header), which would deliver 4.4 % less payload than asked'),
  cost('load.throttlePeriod', 1e8, 'ns', [1e8, 1e8], 'source code', 'iperf 3.1.3 src/iperf_api.c iperf_create_send_timers: 100,000 us'),
  cost('load.releaseJitter', 5000, 'ns', [0, 50000], 'estimate', 'uniform lateness of the client\'s timers; upper end: "tens of us" in net/sched/sch_fq.c, fq_dequeue'),
  cost('load.ackDelay', 25000, 'ns', [2000, 80000], 'estimate', 'from ACK at the client\'s NIC to TCP: interrupt coalescing (tg3 rx-usecs 20: LOW_RXCOL_TICKS_CLRTCKS in drivers/net/ethernet/broadcom/tg3.h; e1000e 50 at 20,000/s) and about 5 us of interrupt and softirq'),
  cost('load.ackJitter', 5000, 'ns', [0, 20000], 'estimate', 'uniform addition to load.ackDelay: scheduling of the softirq'),
  cost('load.startWindow', 1e7, 'ns', [0, 1e8], 'estimate', 'the client starts at a uniform time in one period of the server\'s 100 Hz clock, so that replications see every phase'),
];
