import { operation } from '../../anykernel/operation.ts';
import type { Tick } from '../../events/time.ts';
import { ZERO } from '../../events/zero.ts';
import type { AckRun } from '../../hw/ack-run.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import { RUN_BYTES, RUN_COUNT, RUN_FIRST, RUN_PAYLOAD, RUN_SEQ, RUN_SPACING } from '../../hw/frame-runs.ts';
import type { I82574 } from '../../hw/i82574.ts';
import type { MsixCauses } from '../../hw/msix.ts';
import { spend } from '../../hw/path.ts';
import { type Access, ANYWHERE, type Sequence } from '../../hw/sequence.ts';
import type { Gro } from './gro.ts';
import { type Throttle, throttleUnits } from './throttle.ts';

/** A pure ACK with timestamps: Ethernet 14 + IP 20 + TCP 20 + options 12; with a SACK block 12 more. */
const ACK_BYTES = 66;
const SACK_BYTES = 12;
/** Buffers given back for each write of the receive tail (E1000_RX_BUFFER_WRITE): a power of two, and its logarithm. */
const RX_BUFFER_WRITE = 16;
const RX_BUFFER_SHIFT = 4;
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
  /** What the handlers of the two interrupts run before they look at anything, and a poll with the counter of polls. */
  readonly rxIrq: number;
  readonly txIrq: number;
  readonly polling: Access;
  private readonly txDone: number;
  /** Register writes with their counters: IMS at the end of a poll; the same after one packet was freed; one of the receive tail. */
  private readonly pollEnd: Sequence;
  private readonly oneFreed: Sequence;
  private readonly oneRefill: Sequence;
  private readonly rxFrame: number;
  private readonly rxFrameTicks: Tick;
  private readonly mmioWrite: number;
  private readonly writeTicks: Tick;
  private readonly mmioWrites: number;
  private readonly imsWrites: number;
  readonly eitrWrites: number;
  private readonly rxTailWrites: number;
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
    const pollPath = operation(paths, 'linux.poll');
    this.rxFrame = operation(paths, 'linux.rx-frame', spend('miss.descriptor'), spend('miss.frame'));
    this.rxFrameTicks = paths.path(this.rxFrame).ticks;
    this.mmioWrite = paths.define('mmio/nic/write', spend('nic.mmio.write'));
    this.writeTicks = paths.path(this.mmioWrite).ticks;
    this.mmioWrites = counters.define('mmio.nic.write');
    // Never added to: in MSI-X mode nothing reads the NIC.
    counters.define('mmio.nic.read');
    this.imsWrites = counters.define('nic.ims-writes');
    this.eitrWrites = counters.define('nic.eitr-writes');
    this.rxTailWrites = counters.define('nic.rx-tail-writes');
    this.polling = { path: pollPath, counter: counters.define('linux.polls') };
    this.frames = counters.define('linux.frames');
    this.classChanges = counters.define('linux.rate-changes');
    const ends = [this.mmioWrites, this.imsWrites];
    this.pollEnd = core.defineSequence(ANYWHERE, [this.mmioWrite], counters, ends);
    this.oneFreed = core.defineSequence(ANYWHERE, [this.txDone, this.mmioWrite], counters, ends);
    this.oneRefill = core.defineSequence(ANYWHERE, [this.mmioWrite], counters, [this.mmioWrites, this.rxTailWrites]);
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
      this.write();
      this.counters.add(this.eitrWrites);
      this.setRate();
    }
    if (idle) this.newInterval();
  }

  /** The next receive interrupt writes EITR. */
  get rateChanged(): boolean {
    return this.newRate;
  }

  /** EITR has been written. */
  setRate(): void {
    this.newRate = false;
    this.causes.receive.throttle = throttleUnits(this.throttle.rate);
  }

  /** NAPI is scheduled. */
  newInterval(): void {
    this.rxPackets = 0;
    this.rxBytes = 0;
  }

  /** e1000_intr_msix_tx. */
  transmitInterrupt(): void {
    this.core.run(this.txIrq);
    this.cleanTransmits();
  }

  /** e1000_clean_tx_irq and the write of IMS. */
  cleanTransmits(): void {
    const done = this.nic.transmitsDone();
    this.txPackets = done;
    this.txBytes = done * ACK_BYTES;
    if (done !== 1 || !this.core.runSequenceHere(this.oneFreed)) {
      this.core.runMany(this.txDone, done);
      this.write();
      this.counters.add(this.imsWrites);
    }
    this.nic.reclaim(done);
    this.causes.transmit.enable();
  }

  /** e1000e_poll. Returns false when the weight was used up and the poll must be repeated. `begun`: it has been counted and its path run. */
  poll(begun: boolean): boolean {
    const { core, gro } = this;
    if (!begun) {
      this.counters.add(this.polling.counter);
      core.run(this.polling.path);
    }
    let work = 0;
    while (work < NAPI_WEIGHT) {
      const there = this.waiting();
      if (there === 0) break;
      const frames = this.takeMany(Math.min(there, NAPI_WEIGHT - work));
      if (frames === 0) this.takeOne();
      work += frames === 0 ? 1 : frames;
    }
    this.rxPackets += work;
    this.counters.addMany(this.frames, work);
    if (work === NAPI_WEIGHT) {
      gro.flush();
      return false;
    }
    if (this.throttle.adaptive) this.askThrottle();
    gro.flush();
    if (!core.runSequenceHere(this.pollEnd)) {
      this.write();
      this.counters.add(this.imsWrites);
    }
    this.causes.receive.enable();
    return true;
  }

  /** A register write of the NIC. */
  get writing(): Access {
    return { path: this.mmioWrite, counter: this.mmioWrites };
  }

  /** e1000_xmit_frame for pure ACKs, without `writing`; the caller's path holds its instructions. */
  transmit(run: AckRun): void {
    this.nic.writeTransmitTails(run, ACK_BYTES);
  }

  /** The same for one with a SACK block. */
  transmitSack(ack: number, window: number, sackLow: number, sackHigh: number): void {
    this.nic.writeTransmitTail(ACK_BYTES + SACK_BYTES, ack, window, sackLow, sackHigh);
  }

  private askThrottle(): void {
    const before = this.throttle.rate;
    this.throttle.update(this.rxPackets, this.rxBytes, this.txPackets, this.txBytes);
    if (this.throttle.rate === before) return;
    this.newRate = true;
    this.counters.add(this.classChanges);
  }

  /** Frames that were received and not taken. */
  private waiting(): number {
    const { core, nic } = this;
    // Of what the NIC would be brought up to date with only frames matter here.
    if (nic.nextArrival() <= core.now) nic.sync(core.now);
    return nic.received - nic.taken;
  }

  /**
   * Up to `most` frames that were received already, with the buffers given back on the way, in one go: where all is done before anything else happens, and nothing goes up before the last one is in.
   * Returns how many; none: the next frame is to be taken by itself.
   */
  private takeMany(most: number): number {
    const { core, nic, gro } = this;
    const writes = (this.cleaned + most) >> RX_BUFFER_SHIFT;
    // The NIC has no use for buffers while no frame waits for one.
    if (!nic.bufferEmpty || core.room(most * this.rxFrameTicks + writes * this.writeTicks, 1) === 0) return 0;
    const { runs } = nic;
    let frames = 0;
    while (frames < most) {
      const slot = this.nextSlot();
      const taken = gro.receiveRun(runs, slot, this.inRun, most - frames);
      if (taken === 0) break;
      this.inRun += taken;
      this.rxBytes += runs.words[slot + RUN_BYTES]! * taken; // a slot in use
      frames += taken;
    }
    nic.taken += frames;
    core.runMany(this.rxFrame, frames);
    this.refill(frames);
    return frames;
  }

  private takeOne(): void {
    const { core, nic } = this;
    const { runs } = nic;
    const before = this.nextSlot();
    const { inRun } = this;
    this.rxBytes += runs.words[before + RUN_BYTES]!; // a slot in use, here and below
    this.inRun = inRun + 1;
    nic.taken++;
    core.run(this.rxFrame);
    // More may have arrived meanwhile, and moved the run.
    const { words } = runs;
    const slot = runs.slot(runs.head);
    const payload = words[slot + RUN_PAYLOAD]!;
    this.gro.receive(words[slot + RUN_SEQ]! + inRun * payload, payload, words[slot + RUN_FIRST]! + inRun * words[slot + RUN_SPACING]! - nic.receiveLatency);
    this.refill(1);
  }

  /** Where the run is that holds the next frame, of which there is one. */
  private nextSlot(): number {
    const { runs } = this.nic;
    const slot = runs.slot(runs.head);
    if (this.inRun < runs.words[slot + RUN_COUNT]!) return slot; // a slot in use
    // The run is used up, and since more frames were received there is another.
    runs.head++;
    this.inRun = 0;
    return runs.slot(runs.head);
  }

  /** e1000_alloc_rx_buffers: `frames` more buffers are free. They are given back in lots. */
  private refill(frames: number): void {
    const cleaned = this.cleaned + frames;
    this.cleaned = cleaned & (RX_BUFFER_WRITE - 1);
    const writes = cleaned >> RX_BUFFER_SHIFT;
    if (writes === 0) return;
    if (writes !== 1 || !this.core.runSequenceHere(this.oneRefill)) {
      this.counters.addMany(this.mmioWrites, writes);
      this.counters.addMany(this.rxTailWrites, writes);
      this.core.runMany(this.mmioWrite, writes);
    }
    this.nic.writeReceiveTail(writes * RX_BUFFER_WRITE);
  }

  write(): void {
    this.counters.add(this.mmioWrites);
    this.core.run(this.mmioWrite);
  }
}
