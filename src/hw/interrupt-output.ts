import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import type { Tick } from '../events/time.ts';
import type { InterruptOutput } from './interrupt-causes.ts';
import type { LocalApic } from './local-apic.ts';

/** INTx: assert and deassert messages travel to the controller's input. Deassertion is ordered before the ICR read that caused it returns. */
export class IntxOutput implements InterruptOutput {
  private readonly simulator: Simulator;
  private readonly latency: Tick;
  private readonly setLine: (high: boolean) => void;
  private readonly arrival: Event;

  constructor(simulator: Simulator, latency: Tick, setLine: (high: boolean) => void) {
    this.simulator = simulator;
    this.latency = latency;
    this.setLine = setLine;
    this.arrival = new Event('intx', Priority.interrupt, () => setLine(true));
  }

  raise(tick: Tick): void {
    this.simulator.reschedule(this.arrival, tick + this.latency);
  }

  lower(): void {
    this.simulator.deschedule(this.arrival);
    this.setLine(false);
  }
}

/** MSI: one posted write to the local APIC; nothing takes it back. */
export class MsiOutput implements InterruptOutput {
  private readonly simulator: Simulator;
  private readonly latency: Tick;
  private readonly arrival: Event;

  constructor(simulator: Simulator, latency: Tick, apic: LocalApic, vector: number) {
    this.simulator = simulator;
    this.latency = latency;
    this.arrival = new Event('msi', Priority.interrupt, () => apic.accept(vector));
  }

  raise(tick: Tick): void {
    // A message still under way to the same vector merges with this one in the APIC's request register.
    if (!this.arrival.scheduled) this.simulator.schedule(this.arrival, tick + this.latency);
  }

  lower(): void {}
}
