import type { Tick } from '../events/time.ts';
import type { Core } from '../hw/core.ts';
import type { Counters } from '../hw/counters.ts';
import type { I82574 } from '../hw/i82574.ts';
import { ICR_RXDMT0, ICR_RXO, ICR_RXT0, ICR_TXDW } from '../hw/interrupt-causes.ts';
import { spend } from '../hw/path.ts';
import { ANYWHERE, type Sequence } from '../hw/sequence.ts';
import { less, operation } from './operation.ts';

/** Transmit jobs a wm queue holds, and the number left at which start reclaims by itself (WM_TXQUEUELEN_MAX, WM_TXQUEUE_GC; if_wm.c rev 1.416). */
const TX_JOBS = 64;
const TX_GC = 8;

/** Looking up a physical address for DMA, part of the counts of receiving and sending: only Rumprun on seL4 does, where memory is mapped page by page. */
export const VIRT_TO_MACH = 'insn.rump.virt-to-mach';

/**
 * NetBSD's wm(4), if_wm.c rev 1.416, as it drives an 82574L through INTx or MSI (wm_intr_legacy): ICR is read until it shows nothing; each pass empties
 * the receive ring, without limit, and reclaims finished transmissions; the receive tail is written for every frame, the transmit tail for every packet.
 * Through MSI-X (wm_txrxintr_msix) ICR is not read: the queue's causes are masked, transmissions reclaimed, the ring emptied, the causes unmasked.
 */
export class WmDriver {
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly nic: I82574;
  private readonly framesTaken: () => void;
  private readonly intr: number;
  private readonly intrEnd: number;
  private readonly pass: number;
  private readonly msixPass: number;
  private readonly readIcr: number;
  private readonly writeMask: number;
  private readonly rxFrame: number;
  private readonly rxFrameTicks: Tick;
  private readonly txDone: number;
  private readonly icrReads: number;
  private readonly tailWrites: number;
  private readonly passes: number;
  /** From the handler's beginning to the first value of ICR. */
  private readonly firstLook: Sequence;
  /** IMS: the causes that interrupt. With MSI-X the NIC also clears them itself when it sends their message (EIAC). */
  readonly causes: number;

  /** `framesTaken` is called once a pass that took frames: they are nic.taken - 1 and before. With MSI-X a receive overrun belongs to another vector. */
  constructor(core: Core, counters: Counters, nic: I82574, framesTaken: () => void, msix = false) {
    this.core = core;
    this.counters = counters;
    this.nic = nic;
    this.framesTaken = framesTaken;
    const paths = core.paths;
    this.intr = operation(paths, 'wm.intr');
    this.intrEnd = operation(paths, 'wm.intr-end');
    this.pass = operation(paths, 'wm.pass');
    this.msixPass = msix ? operation(paths, 'wm.msix-pass') : this.pass;
    this.readIcr = paths.define('mmio/nic/icr-read', spend('nic.mmio.read'));
    this.writeMask = msix ? paths.define('mmio/nic/mask-write', spend('nic.mmio.write')) : this.readIcr;
    this.causes = msix ? ICR_TXDW | ICR_RXDMT0 | ICR_RXT0 : ICR_TXDW | ICR_RXDMT0 | ICR_RXO | ICR_RXT0;
    this.rxFrame = operation(paths, 'wm.rx-frame', spend('nic.mmio.write'), spend('miss.descriptor'), ...less(paths, 'driver', VIRT_TO_MACH));
    this.rxFrameTicks = paths.path(this.rxFrame).ticks;
    this.txDone = operation(paths, 'wm.tx-done');
    this.icrReads = counters.define('mmio.nic.read');
    this.tailWrites = counters.define('mmio.nic.write');
    this.passes = counters.define('wm.passes');
    this.firstLook = core.defineSequence(ANYWHERE, [this.intr, this.readIcr], counters, [this.icrReads]);
  }

  /** wm_init: enables the causes of IMS. */
  attach(): void {
    this.nic.enable(this.causes);
  }

  /** wm_intr_legacy. */
  interrupt(): void {
    const { core } = this;
    if (!core.runSequenceHere(this.firstLook)) {
      core.run(this.intr);
      this.counters.add(this.icrReads);
      core.stall(this.readIcr);
    }
    while (this.nic.readCause() !== 0) {
      this.counters.add(this.passes);
      core.run(this.pass);
      this.receive();
      this.reclaim();
      this.counters.add(this.icrReads);
      core.stall(this.readIcr);
    }
    core.run(this.intrEnd);
  }

  /** wm_txrxintr_msix. */
  interruptMsix(): void {
    this.counters.add(this.tailWrites);
    this.core.stall(this.writeMask);
    this.nic.disable(this.causes);
    this.counters.add(this.passes);
    this.core.run(this.msixPass);
    this.reclaim();
    this.receive();
    this.counters.add(this.tailWrites);
    this.core.stall(this.writeMask);
    this.nic.enable(this.causes);
  }

  /** Packets that start can queue before it must reclaim, 0 when it must now. */
  get transmitRoom(): number {
    return Math.max(0, TX_JOBS - TX_GC + 1 - this.nic.transmitsPending);
  }

  /** wm_txeof. */
  reclaim(): void {
    const done = this.nic.transmitsDone();
    // Taken first: in a native kernel an interrupt may come here too, which then finds the others.
    this.nic.reclaim(done);
    this.core.runMany(this.txDone, done);
  }

  /** wm_rxeof: until a descriptor that is not done. */
  private receive(): void {
    const { core, nic } = this;
    const first = nic.taken;
    for (let there = this.waiting(); there > 0; there = this.waiting()) {
      const room = there > 1 && nic.bufferEmpty ? core.room(this.rxFrameTicks, there) : 0;
      const frames = room > 1 ? room : 1;
      core.runMany(this.rxFrame, frames);
      nic.taken += frames;
      nic.writeReceiveTail(frames);
    }
    if (nic.taken === first) return;
    this.counters.addMany(this.tailWrites, nic.taken - first);
    this.framesTaken();
  }

  /** Frames that were received and not taken. */
  private waiting(): number {
    const { core, nic } = this;
    // Of what the NIC would be brought up to date with only frames matter here.
    if (nic.nextArrival() <= core.now) nic.sync(core.now);
    return nic.received - nic.taken;
  }
}
