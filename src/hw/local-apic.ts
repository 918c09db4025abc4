import { Event } from '../events/event.ts';
import { Priority } from '../events/priority.ts';
import type { Simulator } from '../events/simulator.ts';
import type { Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { type Core, PIN_LAPIC } from './core.ts';
import { ProbeEvent } from './probe.ts';

/** Offsets of the EOI and the timer's initial count register, and the address interrupt messages are written to. */
export const LAPIC_EOI = 0xb0;
const LAPIC_INITIAL_COUNT = 0x380;
const MESSAGE_ADDRESS = 0xfee00000;

/** Vectors 0..255, one bit each, as the local APIC's 256-bit registers hold them. */
class VectorSet {
  /** The highest vector, -1: none. */
  highest = -1;
  private readonly bits = new Int32Array(8);
  /** Which of the words of `bits` are not 0, one bit each: there is one vector at a time, or a few. */
  private words = 0;

  add(vector: number): void {
    const word = vector >> 5;
    this.bits[word]! |= 1 << (vector & 31); // vectors are 0..255
    this.words |= 1 << word;
    if (vector > this.highest) this.highest = vector;
  }

  /** Takes the highest out, of which there is one. */
  removeHighest(): void {
    const word = this.highest >> 5;
    const left = this.bits[word]! & ~(1 << (this.highest & 31));
    this.bits[word] = left;
    if (left === 0) this.words &= ~(1 << word);
    this.highest = this.words === 0 ? -1 : this.first();
  }

  /** There is one vector and no more. */
  get single(): boolean {
    const { words } = this;
    if (words === 0 || (words & (words - 1)) !== 0) return false;
    const bits = this.bits[this.highest >> 5]!; // the word of a vector
    return (bits & (bits - 1)) === 0;
  }

  private first(): number {
    const word = 31 - Math.clz32(this.words);
    return (word << 5) + 31 - Math.clz32(this.bits[word]!); // a word in use
  }
}

/** The local APIC (xAPIC): fixed interrupts by vector, in-service tracking, its own periodic timer. */
export class LocalApic {
  private readonly core: Core;
  private readonly simulator: Simulator;
  private readonly requests = new VectorSet();
  private readonly service = new VectorSet();
  private readonly timer: Event;
  private period: Tick = ZERO;
  private timerVector = 0;
  /** Told of every end of interrupt, as an IOAPIC is by broadcast. Null: there is none. */
  onEndOfInterrupt: ((vector: number) => void) | null = null;

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
    this.requests.add(vector);
    this.update();
  }

  /** The core takes the highest request: its vector, now in service. */
  acknowledge(): number {
    const vector = this.requests.highest;
    this.requests.removeHighest();
    this.service.add(vector);
    this.core.probe?.event(ProbeEvent.irqDeliver, 'lapic', 0, vector);
    this.update();
    return vector;
  }

  /** Write to the EOI register: ends the highest interrupt in service. */
  endOfInterrupt(): void {
    const vector = this.service.highest;
    if (vector < 0) return;
    this.core.probe?.event(ProbeEvent.eoi, 'lapic', LAPIC_EOI, vector);
    this.service.removeHighest();
    this.onEndOfInterrupt?.(vector);
    this.update();
  }

  /** The one vector that is requested while none is in service; -1: there is none, or more. */
  get only(): number {
    return this.service.highest < 0 && this.requests.single ? this.requests.highest : -1;
  }

  /** The same as taking the only request and ending it, for who has paid for that in a row. */
  takeAndEnd(): void {
    const vector = this.requests.highest;
    this.requests.removeHighest();
    this.onEndOfInterrupt?.(vector);
    this.update();
  }

  private update(): void {
    // Only a higher priority class (upper four bits of the vector) may interrupt one in service.
    const requested = this.requests.highest;
    if (requested >= 0 && requested >> 4 > this.service.highest >> 4) this.core.interruptRequest |= PIN_LAPIC;
    else this.core.interruptRequest &= ~PIN_LAPIC;
  }
}
