import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import type { Tick } from '../events/time.ts';
import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { type PathTable, spend } from './path.ts';
import { ProbeEvent } from './probe.ts';
import type { Access } from './sequence.ts';

/** Counter period: 69.841279 ns (14.31818 MHz), as the capability register of Intel chipsets reports it in femtoseconds. */
const PERIOD_TICKS = 69841.279;

/** Register offsets that a probe is told (IA-PC HPET specification 1.0a, section 2.3). */
const MAIN_COUNTER = 0xf0;
const TIMER0_COMPARATOR = 0x108;

/**
 * The HPET's main counter and its timer 0 as a one-shot, reached by 32-bit MMIO from whoever has it mapped. A read stalls the core; a write is posted.
 */
export class Hpet {
  private readonly core: Core;
  private readonly simulator: Simulator;
  private readonly counters: Counters;
  /** Path and counter of an access, for who makes it part of a sequence. */
  readonly reading: Access;
  readonly writing: Access;
  private readonly expiry: Event;

  /** `interrupt` delivers timer 0's interrupt: an I/O APIC input, or a message. */
  constructor(core: Core, simulator: Simulator, counters: Counters, paths: PathTable, interrupt: () => void) {
    this.core = core;
    this.simulator = simulator;
    this.counters = counters;
    this.reading = { path: paths.define('mmio/hpet/read', spend('hpet.read')), counter: counters.define('mmio.hpet.read') };
    this.writing = { path: paths.define('mmio/hpet/write', spend('hpet.write')), counter: counters.define('mmio.hpet.write') };
    this.expiry = new Event('hpet/expiry', Priority.timer, () => {
      core.probe?.event(ProbeEvent.timerExpire, 'hpet', TIMER0_COMPARATOR, 0);
      interrupt();
    });
  }

  /** One 32-bit read of the main counter's low or high half. */
  read(): void {
    this.counters.add(this.reading.counter);
    this.core.stall(this.reading.path);
    this.core.probe?.event(ProbeEvent.mmioRead, 'hpet', MAIN_COUNTER, Math.floor(this.core.now / PERIOD_TICKS));
  }

  /** One 32-bit write of half a comparator; the caller says with `arm` when the value is complete. */
  write(): void {
    this.counters.add(this.writing.counter);
    this.core.stall(this.writing.path);
    this.core.probe?.event(ProbeEvent.mmioWrite, 'hpet', TIMER0_COMPARATOR, 0);
  }

  /** The comparator now holds counter + delay: the expiry falls on a whole count, never early. */
  arm(delay: Tick): void {
    const count = Math.ceil((this.core.now + delay) / PERIOD_TICKS);
    const expiry = Math.max(this.core.now, Math.round(count * PERIOD_TICKS));
    this.core.probe?.event(ProbeEvent.timerProgram, 'hpet', TIMER0_COMPARATOR, expiry - this.core.now);
    this.simulator.reschedule(this.expiry, expiry);
  }
}
