import { type Cost, cost } from '../hw/cost.ts';

const RUNS = 'seL4/rumprun 0be59c6 on seL4 daa0dfb14, counted in recordings/sel4-rumprun and sel4-rumprun-itr1500';

function insn(name: string, value: number, range: readonly [number, number], how: string): Cost {
  return cost(`insn.${name}.sched`, value, 'instructions', range, 'measured', `${RUNS}; ${how}`);
}

/** A thread run of what the rump kernel does once a second, without the switch or idle entry that ends it. */
function housekeeping(name: string, value: number): Cost {
  return cost(`insn.housekeeping.${name}.sched`, value, 'instructions', [Math.floor(value * 0.9), Math.ceil(value * 1.1)], 'measured', `${RUNS}; run lengths in ioapic-hpet/idle, once a second; 2 seconds only`);
}

/** The 2023 platform layer and the root task's time server (util_libs c8f9ea7c: local_time_manager.c, ltimer). Runs are cut at device accesses, too. */
export const RUMP_2023_COSTS: readonly Cost[] = [
  insn('sel4.2023.irq-thread.end', 98.5, [98, 99], 'pci thread, Signal to Wait'),
  insn('sel4.2023.irq-thread.end-busy', 90.5, [90, 91], 'pci thread without Signal: 125 less 34'),
  insn('sel4.2023.idle-enter', 129, [129, 170], 'schedule() finding nothing up to the timer RPC: 185 less the way in, 56'),
  insn('sel4.2023.idle-wait', 47, [47, 47], 'return of the timer RPC to the release of the semaphore'),
  insn('sel4.2023.idle-sleep', 5, [5, 12], 'from there to Wait'),
  insn('softint.again.turn', 33, [30, 36], 'a turn of the iperf loop while a softint waits to run, its thread being woken by every call: 2 and 3 frames (3 and 5 turns) take 120 and 186 more in sat140, where softint comes after iperf'),
  insn('softint.again.last', 21, [15, 25], 'the rest of those 120 and 186, when iperf goes to sleep'),
  insn('root.rpc.begin', 79, [79, 79], 'Call to the first read of the clock'),
  insn('root.rpc.end', 140, [140, 140], 'reading the clock to ReplyRecv, no timeout set'),
  insn('root.rpc.set', 185, [175, 200], 'reading the clock to the comparator write'),
  insn('root.rpc.set-end', 54, [50, 58], 'comparator write to ReplyRecv'),
  insn('root.irq.begin', 400, [400, 400], 'interrupt to IRQHandlerAck'),
  insn('root.irq.read', 297, [297, 297], 'IRQHandlerAck to the first read of the clock'),
  insn('root.irq.due', 79, [79, 79], 'clock to Signal'),
  insn('root.irq.end', 64, [64, 64], 'Signal to Recv'),
  insn('root.irq.set', 164, [160, 170], 'nothing due: clock to the comparator write'),
  insn('root.irq.set-end', 48, [40, 55], 'comparator write to Recv'),
  insn('root.pit.rpc.begin', 200, [110, 300], 'PIT: Call to RDTSC, part of pit_ltimer_get_time'),
  insn('root.pit.rpc.end', 849, [800, 900], 'PIT: RDTSC to ReplyRecv, no timeout set; the divisions take 1,020 to 1,100 in all'),
  insn('root.pit.rpc.set', 2050, [1900, 2200], 'PIT: RDTSC to the first port capability: clock read twice'),
  insn('root.pit.issue', 28, [28, 28], 'PIT: capability to port write'),
  insn('root.pit.delete', 15, [15, 15], 'PIT: port write to deletion'),
  insn('root.pit.next', 340, [339, 340], 'PIT: deletion to the next capability'),
  insn('root.pit.set-end', 167, [161, 170], 'PIT: last deletion to ReplyRecv or Recv'),
  insn('root.pit.irq.begin', 343, [343, 343], 'PIT: interrupt to IRQHandlerAck'),
  insn('root.pit.irq.read', 1100, [900, 1300], 'PIT: IRQHandlerAck to RDTSC of the time that decides'),
  insn('root.pit.irq.due', 930, [800, 1100], 'PIT: RDTSC to Signal: 2,030 from the acknowledgement'),
  insn('root.pit.irq.set', 214, [200, 230], 'PIT: nothing due: RDTSC to the first port capability, 1,314 from the acknowledgement'),
  insn('root.pit.irq.again', 2288, [2200, 2400], 'PIT: nothing due: the timer set by its driver to the first port capability for setting it again'),
  housekeeping('18.0', 2645),
  housekeeping('18.1', 1206),
  housekeeping('19.0', 1099),
  housekeeping('19.1', 4472),
  housekeeping('19.2', 1026),
  housekeeping('19.3', 831),
  housekeeping('19.4', 867),
  housekeeping('19.5', 871),
  housekeeping('70.0', 3133),
  housekeeping('70.1', 867),
  housekeeping('timeout.0', 694),
  housekeeping('timeout.1', 722),
  housekeeping('timeout.2', 931),
  housekeeping('timeout.3', 836),
  housekeeping('timeout.woken', 209),
];
