import { young } from '../events/young.ts';
import type { Core } from '../hw/core.ts';
import { PIN_LAPIC } from '../hw/core.ts';
import type { LocalApic } from '../hw/local-apic.ts';
import { spend } from '../hw/path.ts';
import type { Pic } from '../hw/pic.ts';

/** A handler for none of the numbers. Copied, since making it takes long. */
const NONE: readonly undefined[] = Array.from({ length: 256 }, () => undefined);

/**
 * No kernel: Rumprun's BMK platform owns the machine. An interrupt runs a handler on the current context with interrupts off and returns; nothing else happens between hardware and
 * the unikernel.
 */
export class BareMetal {
  private readonly core: Core;
  private readonly pic: Pic | null;
  private readonly apic: LocalApic;
  private readonly handlers: ((() => void) | undefined)[] = [...NONE];
  private readonly context: number;
  private readonly entry: number;
  /** Interrupts taken so far. */
  taken = 0;

  constructor(core: Core, pic: Pic | null, apic: LocalApic) {
    this.core = core;
    this.pic = pic;
    this.apic = apic;
    this.context = core.defineContext('bmk:interrupt');
    this.entry = core.paths.define('interrupt/entry-and-return', spend('bmk.interrupt'));
    core.onInterrupt = young(() => this.interrupt());
  }

  /** `number` is a PIC input or an APIC vector. */
  setHandler(number: number, handler: () => void): void {
    this.handlers[number] = handler;
  }

  private interrupt(): void {
    const core = this.core;
    core.context = this.context;
    const local = (core.interruptRequest & PIN_LAPIC) !== 0 || this.pic === null;
    const number = local || this.pic === null ? this.apic.acknowledge() : this.pic.acknowledge();
    this.taken++;
    core.run(this.entry);
    this.handlers[number]?.();
  }
}
