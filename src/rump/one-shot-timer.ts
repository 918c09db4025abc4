import { operation } from '../anykernel/operation.ts';
import { SECOND, type Tick } from '../events/time.ts';
import type { Core } from '../hw/core.ts';
import type { Counters } from '../hw/counters.ts';
import type { Hpet } from '../hw/hpet.ts';
import { PIT_CHANNEL0, PIT_COMMAND, PIT_HZ, pitCounts } from '../hw/pit.ts';
import type { PortIo } from '../hw/port-io.ts';
import { ANYWHERE, type Sequence } from '../hw/sequence.ts';
import type { Sel4Kernel } from '../kernel/sel4/kernel.ts';

/** A one-shot timer as a platform programs it on every idle entry. */
export interface OneShotTimer {
  /** Shortest delay worth programming, ticks; below it the platform spins. */
  readonly shortest: Tick;
  program(delay: Tick): void;
}

/** Mode 0, low byte then high byte, channel 0. */
const PIT_ONE_SHOT = 0x30;
const PIT_LONGEST = 65535;
/** PIT_MIN_DELTA of rumprun's platform/hw/arch/x86/clock.c. */
const SHORTEST_COUNTS = 16;

/** The PIT behind seL4: three IOPort_Out8 invocations (command, low byte, high byte) a programming (util_libs pit.c, seL4_libs io_port_ops.c; costs.md 5c). */
export class Sel4PitTimer implements OneShotTimer {
  readonly shortest = 0;
  private readonly core: Core;
  private readonly kernel: Sel4Kernel;
  private readonly counters: Counters;
  private readonly convert: number;
  private readonly programmed: number;

  constructor(core: Core, kernel: Sel4Kernel, counters: Counters) {
    this.core = core;
    this.kernel = kernel;
    this.counters = counters;
    this.convert = operation(core.paths, 'sel4.pit-program');
    this.programmed = counters.define('timer.programmed');
  }

  program(delay: Tick): void {
    this.counters.add(this.programmed);
    this.core.run(this.convert);
    const counts = Math.min(pitCounts(delay), PIT_LONGEST);
    this.kernel.portOut8(PIT_COMMAND, PIT_ONE_SHOT);
    this.kernel.portOut8(PIT_CHANNEL0, counts & 0xff);
    this.kernel.portOut8(PIT_CHANNEL0, counts >> 8);
  }
}

/** The PIT on bare metal: two OUTs, the mode having been set at boot (rumprun platform/hw/arch/x86/clock.c). Below 16 counts the platform spins instead. */
export class DirectPitTimer implements OneShotTimer {
  readonly shortest: Tick;
  private readonly core: Core;
  private readonly ports: PortIo;
  private readonly counters: Counters;
  private readonly convert: number;
  private readonly programmed: number;
  private whole: Sequence | null = null;

  constructor(core: Core, ports: PortIo, counters: Counters) {
    this.core = core;
    this.ports = ports;
    this.counters = counters;
    this.convert = operation(core.paths, 'bmk.timer-program');
    this.programmed = counters.define('timer.programmed');
    this.shortest = Math.ceil((SHORTEST_COUNTS * SECOND) / PIT_HZ);
  }

  program(delay: Tick): void {
    const { core, ports } = this;
    const counts = Math.min(pitCounts(delay), PIT_LONGEST);
    this.whole ??= this.sequence();
    if (core.runSequenceHere(this.whole)) {
      // The first of two bytes does nothing but wait for the second.
      ports.written(PIT_CHANNEL0, counts & 0xff);
      ports.written(PIT_CHANNEL0, counts >> 8);
      return;
    }
    this.counters.add(this.programmed);
    core.run(this.convert);
    ports.out8(PIT_CHANNEL0, counts & 0xff);
    ports.out8(PIT_CHANNEL0, counts >> 8);
  }

  private sequence(): Sequence {
    const { path, counter } = this.ports.access('out', PIT_CHANNEL0);
    return this.core.defineSequence(ANYWHERE, [this.convert, path, path], this.counters, [this.programmed, counter, counter]);
  }
}

/**
 * The HPET mapped into whoever programs it: the 64-bit counter is read (low, high, high again), the comparator written in two halves, the counter read again to see that it has not
 * passed (util_libs hpet.c, with 64-bit accesses split in two on ia32): six reads, two writes, no kernel entry.
 */
export class HpetTimer implements OneShotTimer {
  readonly shortest = 0;
  private readonly core: Core;
  private readonly hpet: Hpet;
  private readonly counters: Counters;
  private readonly convert: number;
  private readonly programmed: number;
  /** Up to the writes, and the reads after them. */
  private readonly writing: Sequence;
  private readonly checking: Sequence;

  constructor(core: Core, hpet: Hpet, counters: Counters) {
    this.core = core;
    this.hpet = hpet;
    this.counters = counters;
    this.convert = operation(core.paths, 'sel4.hpet-program');
    this.programmed = counters.define('timer.programmed');
    const { reading: { path: read, counter: reads }, writing: { path: write, counter: writes } } = hpet;
    this.writing = core.defineSequence(ANYWHERE, [read, read, read, this.convert, write, write], counters, [this.programmed, reads, reads, reads, writes, writes]);
    this.checking = core.defineSequence(ANYWHERE, [read, read, read], counters, [reads, reads, reads]);
  }

  program(delay: Tick): void {
    const { core, hpet } = this;
    const due = core.now + delay;
    if (!core.runSequenceHere(this.writing)) {
      this.counters.add(this.programmed);
      this.readCounter();
      core.run(this.convert);
      hpet.write();
      hpet.write();
    }
    // Programming takes microseconds: what is left of the delay is counted from here, and a comparator already passed fires at once.
    hpet.arm(Math.max(0, due - core.now));
    if (!core.runSequenceHere(this.checking)) this.readCounter();
  }

  private readCounter(): void {
    this.hpet.read();
    this.hpet.read();
    this.hpet.read();
  }
}
