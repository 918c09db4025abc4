import { type Cost, cost } from './cost.ts';

/**
 * The machine of the paper (section 5.1): a 3.4 GHz Sandy Bridge i7-2600 with one core enabled, hyper-threading off, ia32 code, an 82574L. No measurement of device access
 * on that board is published; each row says what it rests on.
 */
export const MACHINE_COSTS: readonly Cost[] = [
  cost('cpu.frequency', 3400, 'MHz', [3400, 3800], 'datasheet', 'i7-2600, Elphinstone et al. APSys 2017 section 5.1: 3.4 GHz base; high end: turbo with one core'),
  cost('tsc.frequency', 3400, 'MHz', [3392, 3411], 'datasheet', 'i7-2600: the invariant TSC runs at the base frequency, 34 times the 100 MHz bus clock; range: clock crystals and spread spectrum, a quarter of a per cent'),

  cost('cpi.kernel', 1.5, 'cycles/instruction', [0.63, 2.64], 'estimate',
    'seL4 body: 1.0 on hot Haswell (sel4bench-results 2026 PC99_32_haswell3: yield 466 cycles less null_syscall 133, over 331 instructions), x1.15 for Sandy Bridge, x1.29 for an evicted L1D; range: Cascade Lake replay of the real kernel, hot 0.63, L2 evicted 2.64'),
  cost('cpi.driver', 1.2, 'cycles/instruction', [0.8, 2.2], 'estimate', 'no published figure for wm(4); between IPC 1 of warm server code and the cold-kernel CPI of 2 and more seen by perf on hackbench (Linux tools/perf/builtin-stat.c sample: 0.50 instructions per cycle); MMIO and DMA-cold lines are priced apart'),
  cost('cpi.stack', 1.1, 'cycles/instruction', [0.7, 2.0], 'estimate', 'no published figure for the NetBSD stack; range from batch-warm code at IPC above 1 to the hackbench sample in Linux tools/perf/builtin-stat.c (0.50 instructions per cycle); checksum, copy and DMA-cold lines are priced apart'),
  cost('cpi.sched', 0.9, 'cycles/instruction', [0.6, 1.6], 'estimate', 'short hot functions (rump_schedule, curlwp, uncontended locks); no published figure; range as for the stack, shifted to its warm end'),
  cost('cpi.app', 1.0, 'cycles/instruction', [0.7, 1.8], 'estimate', 'iperf and libc; server applications run at IPC 0.5 to 1 (Ferdman et al., ASPLOS 2012, as remembered), small loops above that'),

  cost('checksum.cold', 0.9, 'cycles/byte', [0.6, 1.2], 'estimate', 'portable C in_cksum over payload that DMA left in DRAM (no DDIO on client parts); a 16-bit-word sum measured on Cascade Lake: 0.68 in L1 or L2, 1.19 from DRAM (docs/sources/sel4-cycles.md, Host)'),
  cost('copy.read', 0.2, 'cycles/byte', [0.084, 0.73], 'estimate', 'copyout of payload that the checksum has touched, from L2 or L3; memcpy measured on Cascade Lake: 0.084 in L1, 0.73 from DRAM (docs/sources/sel4-cycles.md, Host)'),
  cost('miss.descriptor', 15, 'ns', [10, 60], 'estimate', 'a receive descriptor line is DMA-cold once for four 16-byte descriptors at best: 57 ns of DRAM latency (i7-2600, L3 plus 49 ns) over four; high: written back one at a time'),
  cost('miss.frame', 130, 'ns', [65, 250], 'estimate', 'header and first payload lines before the prefetcher streams: 2.25 exposed DRAM misses of 57 ns a frame; no measurement found'),
  cost('stage.refill', 1500, 'cycles', [500, 4000], 'estimate', 'cold instruction and data lines when another bmk thread runs (32 KiB L1I shared by driver, stack and application): 100 to 400 lines from L2 or L3; same in every Rumprun system'),

  cost('cr3.write', 180, 'cycles', [110, 300], 'estimate', 'no Sandy Bridge measurement found; 186 on Skylake (SkyBridge, EuroSys 2019, as remembered), 226 in the 2025 dissertation, Fig 2.4'),
  cost('tlb.refill', 800, 'cycles', [300, 3000], 'estimate', '40 to 100 pages touched after a CR3 write, 7 cycles from the second-level TLB is not possible after a flush, 20 to 30 cycles a page walk; ia32 has no PCID'),
  cost('tlb.refill.idle', 90, 'cycles', [40, 300], 'estimate', 'the idle loop touches three or four pages'),

  cost('nic.mmio.read', 1000, 'ns', [700, 2000], 'estimate', 'ICR read on an e1000 of 2005: 2,100 cycles at 2.4 GHz (herjulf/mmio_test README); more than 2 us on a Xeon E3-1240v3 behind PCIe (Intel community thread 1242424)'),
  cost('nic.mmio.write', 80, 'ns', [30, 300], 'estimate', 'posted; packets 50 to 300 ns apart in a kernel writeq loop (Intel community thread 1186313)'),
  cost('nic.dma', 500, 'ns', [300, 800], 'estimate', 'last bit on the wire to descriptor write-back visible in memory'),
  cost('nic.tx.fetch', 1200, 'ns', [800, 2500], 'estimate', 'tail write to first bit on the wire: descriptor read and data read over PCIe gen1 x1, one round trip each'),
  cost('intx.latency', 400, 'ns', [200, 800], 'estimate', 'Assert_INTx message to the controller input'),
  cost('msi.latency', 450, 'ns', [300, 600], 'estimate', 'posted write to the local APIC (docs/sources/costs.md, MMIO)'),

  cost('pic.in', 700, 'ns', [400, 1200], 'fitted', 'fitted with pit.out to Fig 5 of APSys 2017 (I/O ports longest and interrupts about half, which needs PIT > PIC); 1 to 1.5 us an ISA access (FreeBSD sys/amd64/isa log 2006-12-03), 394 cycles for port 0x3cc (lkml 2007-12, Herman)'),
  cost('pic.out', 700, 'ns', [400, 1200], 'fitted', 'as pic.in'),
  cost('pic.inta', 1000, 'ns', [500, 1500], 'estimate', 'INTA cycle to the chipset before the vector is known, virtual-wire mode; not visible to the Fig 5 hooks'),
  cost('pit.in', 1400, 'ns', [800, 2000], 'fitted', 'as pit.out'),
  cost('pit.out', 1400, 'ns', [800, 2000], 'fitted', 'fitted with pic.in to Fig 5; 1.5 to 2 us (two OUTs: 3 to 4 us, rumprun platform/hw/arch/x86/clock.c), about 1 us a read (Linux fast PIT calibration)'),
  cost('hpet.read', 600, 'ns', [400, 1200], 'estimate', '1.23 us a clock_gettime through a user-mapped HPET, little else (RHEL-RT 7 reference guide, example 15.5)'),
  cost('hpet.write', 100, 'ns', [50, 300], 'estimate', 'posted MMIO write'),
  cost('ioapic.write', 80, 'ns', [50, 125], 'fitted', 'posted; a register-select and window pair above 0.2 us would put the IOAPIC system past the 0.3 % of Fig 5 (docs/sources/costs.md, MMIO and Port operations)'),
  cost('lapic.eoi', 50, 'cycles', [20, 100], 'estimate', 'xAPIC EOI register, an uncached store on the die'),
];
