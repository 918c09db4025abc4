import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import type { Tick } from '../events/time.ts';
import { type Core, PIN_LAPIC } from './core.ts';
import { ProbeEvent } from './probe.ts';

/** Offsets of the EOI and the timer's initial count register, and the address interrupt messages are written to. */
export const LAPIC_EOI = 0xb0;
const LAPIC_INITIAL_COUNT = 0x380;
const MESSAGE_ADDRESS = 0xfee00000;

/** The local APIC (xAPIC): fixed interrupts by vector, in-service tracking, its own periodic timer. */
export class LocalApic {
  private readonly core: Core;
  private readonly simulator: Simulator;
  private readonly requests = new Int32Array(8);
  private readonly service = new Int32Array(8);
  /** The highest vector requested and in service, -1: none. */
  private requested = -1;
  private serviced = -1;
  private readonly timer: Event;
  private period: Tick = 0;
  private timerVector = 0;
  /** Told of every end of interrupt, as an IOAPIC is by broadcast. */
  onEndOfInterrupt: (vector: number) => void = () => {};

  constructor(core: Core, simulator: Simulator) {
    this.core = core;
    this.simulator = simulator;
    this.timer = new Event('lapic/timer', Priority.timer, (tick) => {
      this.simulator.schedule(this.timer, tick + this.period);
      this.core.probe?.event(ProbeEvent.timerExpire, 'lapic', LAPIC_INITIAL_COUNT, this.timerVector);
      this.request(this.timerVector);
    });
  }

  /** Periodic timer: first expiry at `first`, then every `period` ticks. */
  startTimer(vector: number, first: Tick, period: Tick): void {
    this.timerVector = vector;
    this.period = period;
    this.core.probe?.event(ProbeEvent.timerProgram, 'lapic', LAPIC_INITIAL_COUNT, Math.max(0, first - this.core.now));
    this.simulator.reschedule(this.timer, first);
  }

  /** An interrupt message arrives. A vector that is already requested merges with it. */
  accept(vector: number): void {
    this.core.probe?.event(ProbeEvent.msi, 'lapic', MESSAGE_ADDRESS, vector);
    this.request(vector);
  }

  private request(vector: number): void {
    this.requests[vector >> 5]! |= 1 << (vector & 31); // vectors are 0..255
    if (vector > this.requested) this.requested = vector;
    this.update();
  }

  /** The core takes the highest request: its vector, now in service. */
  acknowledge(): number {
    const vector = this.requested;
    this.requests[vector >> 5]! &= ~(1 << (vector & 31));
    this.requested = highest(this.requests);
    this.service[vector >> 5]! |= 1 << (vector & 31);
    if (vector > this.serviced) this.serviced = vector;
    this.core.probe?.event(ProbeEvent.irqDeliver, 'lapic', 0, vector);
    this.update();
    return vector;
  }

  /** Write to the EOI register: ends the highest interrupt in service. */
  endOfInterrupt(): void {
    const vector = this.serviced;
    if (vector < 0) return;
    this.core.probe?.event(ProbeEvent.eoi, 'lapic', LAPIC_EOI, vector);
    this.service[vector >> 5]! &= ~(1 << (vector & 31));
    this.serviced = highest(this.service);
    this.onEndOfInterrupt(vector);
    this.update();
  }

  private update(): void {
    // Only a higher priority class (upper four bits of the vector) may interrupt one in service.
    if (this.requested >= 0 && this.requested >> 4 > this.serviced >> 4) this.core.interruptRequest |= PIN_LAPIC;
    else this.core.interruptRequest &= ~PIN_LAPIC;
  }
}

function highest(bits: Int32Array): number {
  for (let word = 7; word >= 0; word--) {
    const value = bits[word]!; // 8 words
    if (value !== 0) return (word << 5) + 31 - Math.clz32(value);
  }
  return -1;
}
