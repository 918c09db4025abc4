import type { Core } from '../hw/core.ts';
import type { Counters } from '../hw/counters.ts';
import { ICR_RXDMT0, ICR_RXO, ICR_RXT0, ICR_TXDW, type I82574 } from '../hw/i82574.ts';
import { spend } from '../hw/path.ts';
import { operation } from './operation.ts';

/** Transmit jobs a wm queue holds, and the number left at which start reclaims by itself (WM_TXQUEUELEN_MAX, WM_TXQUEUE_GC; if_wm.c rev 1.416). */
const TX_JOBS = 64;
const TX_GC = 8;

/**
 * NetBSD's wm(4), if_wm.c rev 1.416, as it drives an 82574L through INTx or MSI (wm_intr_legacy): ICR is read until it shows nothing; each pass empties
 * the receive ring, without limit, and reclaims finished transmissions; the receive tail is written for every frame, the transmit tail for every packet.
 */
export class WmDriver {
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly nic: I82574;
  private readonly framesTaken: () => void;
  private readonly intr: number;
  private readonly intrEnd: number;
  private readonly pass: number;
  private readonly readIcr: number;
  private readonly rxFrame: number;
  private readonly txDone: number;
  private readonly icrReads: number;
  private readonly tailWrites: number;
  private readonly passes: number;

  /** `framesTaken` is called once a pass that took frames: they are nic.taken - 1 and before. */
  constructor(core: Core, counters: Counters, nic: I82574, framesTaken: () => void) {
    this.core = core;
    this.counters = counters;
    this.nic = nic;
    this.framesTaken = framesTaken;
    const paths = core.paths;
    this.intr = operation(paths, 'wm.intr');
    this.intrEnd = operation(paths, 'wm.intr-end');
    this.pass = operation(paths, 'wm.pass');
    this.readIcr = paths.define('mmio/nic/icr-read', spend('nic.mmio.read'));
    this.rxFrame = operation(paths, 'wm.rx-frame', spend('nic.mmio.write'), spend('miss.descriptor'));
    this.txDone = operation(paths, 'wm.tx-done');
    this.icrReads = counters.define('mmio.nic.read');
    this.tailWrites = counters.define('mmio.nic.write');
    this.passes = counters.define('wm.passes');
  }

  /** wm_init: enables the causes of IMS. */
  attach(): void {
    this.nic.enable(ICR_TXDW | ICR_RXDMT0 | ICR_RXO | ICR_RXT0);
  }

  /** wm_intr_legacy. */
  interrupt(): void {
    this.core.run(this.intr);
    for (;;) {
      this.counters.add(this.icrReads);
      this.core.stall(this.readIcr);
      if (this.nic.readCause() === 0) break;
      this.counters.add(this.passes);
      this.core.run(this.pass);
      this.receive();
      this.reclaim();
    }
    this.core.run(this.intrEnd);
  }

  /** Whether start must reclaim before it can queue a packet. */
  get transmitQueueShort(): boolean {
    return this.nic.transmitsPending > TX_JOBS - TX_GC;
  }

  /** wm_txeof. */
  reclaim(): void {
    const done = this.nic.transmitsDone();
    this.core.runMany(this.txDone, done);
    this.nic.reclaim(done);
  }

  /** wm_rxeof: until a descriptor that is not done. */
  private receive(): void {
    const nic = this.nic;
    const first = nic.taken;
    nic.sync(this.core.now);
    while (nic.received > nic.taken) {
      this.core.run(this.rxFrame);
      nic.taken++;
      nic.writeReceiveTail(1);
      if (nic.received === nic.taken) nic.sync(this.core.now);
    }
    if (nic.taken === first) return;
    this.counters.addMany(this.tailWrites, nic.taken - first);
    this.framesTaken();
  }
}
