import { operation } from '../../anykernel/operation.ts';
import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { I82574 } from '../../hw/i82574.ts';
import type { MsixCauses } from '../../hw/msix.ts';
import { spend } from '../../hw/path.ts';
import type { Gro } from './gro.ts';
import { type Throttle, throttleUnits } from './throttle.ts';

/** A pure ACK with timestamps: Ethernet 14 + IP 20 + TCP 20 + options 12; with a SACK block 12 more. */
const ACK_BYTES = 66;
const SACK_BYTES = 12;
/** Buffers given back for each write of the receive tail (E1000_RX_BUFFER_WRITE). */
const RX_BUFFER_WRITE = 16;
/** Most frames of one poll. */
export const NAPI_WEIGHT = 64;

/**
 * Linux 4.9's e1000e on an 82574L with MSI-X (drivers/net/ethernet/intel/e1000e/netdev.c): three vectors, ICR is never read. The receive interrupt writes EITR when the rate has changed and
 * schedules NAPI; a poll takes up to 64 frames, refills the ring as it goes (tail every 16 buffers), and when the ring is empty asks the throttle, flushes GRO and writes IMS.
 * The transmit interrupt reclaims and writes IMS; its EITR stays at the first rate.
 */
export class E1000e {
  readonly throttle: Throttle;
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly nic: I82574;
  private readonly causes: MsixCauses;
  private readonly gro: Gro;
  private readonly rxIrq: number;
  private readonly txIrq: number;
  private readonly txDone: number;
  private readonly pollPath: number;
  private readonly rxFrame: number;
  private readonly rxFrameTicks: Tick;
  private readonly mmioWrite: number;
  private readonly mmioWrites: number;
  private readonly imsWrites: number;
  private readonly eitrWrites: number;
  private readonly rxTailWrites: number;
  private readonly polls: number;
  private readonly frames: number;
  private readonly classChanges: number;
  private newRate = false;
  private cleaned = 0;
  private inRun = 0;
  private rxPackets = 0;
  private rxBytes = ZERO;
  private txPackets = 0;
  private txBytes = 0;

  constructor(core: Core, counters: Counters, nic: I82574, causes: MsixCauses, gro: Gro, throttle: Throttle) {
    this.core = core;
    this.counters = counters;
    this.nic = nic;
    this.causes = causes;
    this.gro = gro;
    this.throttle = throttle;
    const { paths } = core;
    this.rxIrq = operation(paths, 'linux.rx-irq');
    this.txIrq = operation(paths, 'linux.tx-irq');
    this.txDone = operation(paths, 'linux.tx-done');
    this.pollPath = operation(paths, 'linux.poll');
    this.rxFrame = operation(paths, 'linux.rx-frame', spend('miss.descriptor'), spend('miss.frame'));
    this.rxFrameTicks = paths.path(this.rxFrame).ticks;
    this.mmioWrite = paths.define('mmio/nic/write', spend('nic.mmio.write'));
    this.mmioWrites = counters.define('mmio.nic.write');
    // Never added to: in MSI-X mode nothing reads the NIC.
    counters.define('mmio.nic.read');
    this.imsWrites = counters.define('nic.ims-writes');
    this.eitrWrites = counters.define('nic.eitr-writes');
    this.rxTailWrites = counters.define('nic.rx-tail-writes');
    this.polls = counters.define('linux.polls');
    this.frames = counters.define('linux.frames');
    this.classChanges = counters.define('linux.rate-changes');
  }

  /** e1000_configure_msix and e1000_irq_enable. */
  attach(): void {
    const units = throttleUnits(this.throttle.rate);
    this.causes.receive.throttle = units;
    this.causes.transmit.throttle = units;
    this.nic.useVectors(this.causes);
    this.causes.receive.enable();
    this.causes.transmit.enable();
  }

  /** e1000_intr_msix_rx. The caller schedules NAPI; `idle`: it was not scheduled before. */
  receiveInterrupt(idle: boolean): void {
    this.core.run(this.rxIrq);
    if (this.newRate) {
      this.newRate = false;
      this.write();
      this.counters.add(this.eitrWrites);
      this.causes.receive.throttle = throttleUnits(this.throttle.rate);
    }
    if (idle) {
      this.rxPackets = 0;
      this.rxBytes = 0;
    }
  }

  /** e1000_intr_msix_tx. */
  transmitInterrupt(): void {
    this.core.run(this.txIrq);
    const done = this.nic.transmitsDone();
    this.txPackets = done;
    this.txBytes = done * ACK_BYTES;
    this.core.runMany(this.txDone, done);
    this.nic.reclaim(done);
    this.write();
    this.counters.add(this.imsWrites);
    this.causes.transmit.enable();
  }

  /** e1000e_poll. Returns false when the weight was used up and the poll must be repeated. */
  poll(): boolean {
    const { core, nic, gro } = this;
    this.counters.add(this.polls);
    core.run(this.pollPath);
    const { runs, receiveLatency } = nic;
    let work = 0;
    nic.sync(core.now);
    while (work < NAPI_WEIGHT && nic.received > nic.taken) {
      let slot = runs.slot(runs.head);
      if (this.inRun === runs.count[slot]!) {
        // The run is used up, and since more frames were received there is another.
        runs.head++;
        this.inRun = 0;
        slot = runs.slot(runs.head);
      }
      // Slots in use; a run may grow while it is read.
      const { inRun } = this;
      const most = Math.min(runs.count[slot]! - inRun, nic.received - nic.taken, NAPI_WEIGHT - work, RX_BUFFER_WRITE - this.cleaned);
      // Several at once where nothing goes up before they are all in, and no buffer goes back before the last.
      const fits = gro.room(runs, slot, inRun);
      const room = most > 1 && fits > 1 ? core.room(this.rxFrameTicks, Math.min(most, fits)) : 1;
      const frames = room > 1 ? room : 1;
      this.rxBytes += runs.bytes[slot]! * frames;
      this.inRun = inRun + frames;
      nic.taken += frames;
      work += frames;
      core.runMany(this.rxFrame, frames);
      // More may have arrived meanwhile, and moved the run.
      slot = runs.slot(runs.head);
      if (fits > 0) gro.receiveRun(runs, slot, inRun, frames, receiveLatency);
      else gro.receive(runs.seq[slot]! + inRun * runs.payload[slot]!, runs.payload[slot]!, runs.first[slot]! + inRun * runs.spacing[slot]! - receiveLatency);
      this.refill(frames);
      if (nic.received === nic.taken) nic.sync(core.now);
    }
    this.rxPackets += work;
    this.counters.addMany(this.frames, work);
    if (work === NAPI_WEIGHT) {
      gro.flush();
      return false;
    }
    if (this.throttle.adaptive) this.askThrottle();
    gro.flush();
    this.write();
    this.counters.add(this.imsWrites);
    this.causes.receive.enable();
    return true;
  }

  /** e1000_xmit_frame for a pure ACK; the caller's path holds its instructions. */
  transmit(ack: number, window: number, sackLow: number, sackHigh: number): void {
    this.write();
    this.nic.writeTransmitTail(sackHigh > 0 ? ACK_BYTES + SACK_BYTES : ACK_BYTES, ack, window, sackLow, sackHigh);
  }

  private askThrottle(): void {
    const before = this.throttle.rate;
    this.throttle.update(this.rxPackets, this.rxBytes, this.txPackets, this.txBytes);
    if (this.throttle.rate === before) return;
    this.newRate = true;
    this.counters.add(this.classChanges);
  }

  /** e1000_alloc_rx_buffers: `frames` more buffers are free, not more than are given back together. */
  private refill(frames: number): void {
    this.cleaned += frames;
    if (this.cleaned < RX_BUFFER_WRITE) return;
    this.cleaned = 0;
    this.write();
    this.counters.add(this.rxTailWrites);
    this.nic.writeReceiveTail(RX_BUFFER_WRITE);
  }

  private write(): void {
    this.counters.add(this.mmioWrites);
    this.core.run(this.mmioWrite);
  }
}
