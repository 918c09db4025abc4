import { operation } from '../anykernel/operation.ts';
import type { Tick } from '../events/time.ts';
import { SECOND } from '../events/time.ts';
import type { Core } from '../hw/core.ts';
import type { InterruptRoute } from '../hw/interrupt-route.ts';
import type { BareMetal } from '../kernel/bare-metal.ts';
import type { Platform, Shortcut } from './bmk-scheduler.ts';
import type { InterruptAcknowledge } from './isr-thread.ts';
import type { OneShotTimer } from './one-shot-timer.ts';

/**
 * Rumprun's bare-metal platform (seL4/rumprun 582c0b5 platform/hw): splhigh is CLI; the NIC's interrupt notes itself and is ended only when the interrupt thread has no work left;
 * the timer's is ended at once and wakes nobody, since leaving the idle loop is enough. Idle polls the TSC, as in the paper's build (costs.md 1b, 5b).
 */
export class BmkPlatform implements Platform, Shortcut, InterruptAcknowledge {
  readonly shortcut: Shortcut = this;
  /** The path of the way out of the idle loop. */
  readonly back: number;
  private readonly core: Core;
  private readonly machine: BareMetal;
  private readonly oneShot: OneShotTimer;
  private readonly nicRoute: InterruptRoute;
  private readonly timerRoute: InterruptRoute;
  private readonly idleEnter: number;
  private readonly isr: number;
  private readonly clockIsr: number;

  constructor(core: Core, machine: BareMetal, oneShot: OneShotTimer, nicRoute: InterruptRoute, timerRoute: InterruptRoute) {
    this.core = core;
    this.machine = machine;
    this.oneShot = oneShot;
    this.nicRoute = nicRoute;
    this.timerRoute = timerRoute;
    this.idleEnter = operation(core.paths, 'idle.enter');
    this.back = operation(core.paths, 'idle.exit');
    this.isr = operation(core.paths, 'bmk.isr');
    this.clockIsr = operation(core.paths, 'bmk.clock-isr');
  }

  /** Wires the handlers: `note` is isr(); numbers are PIC inputs or APIC vectors. */
  start(nicNumber: number, timerNumber: number, nicCount: () => void, timerCount: () => void, note: () => void): void {
    this.machine.setHandler(nicNumber, () => {
      nicCount();
      this.core.run(this.isr);
      note();
    });
    this.machine.setHandler(timerNumber, () => {
      timerCount();
      this.core.run(this.clockIsr);
      this.timerRoute.endOfInterrupt();
    });
  }

  splhigh(): void {
    this.core.disableInterrupts();
  }

  splx(): void {
    this.core.enableInterrupts();
  }

  cpuBlock(until: Tick): boolean {
    const { core } = this;
    core.run(this.idleEnter);
    const delay = Math.min(until - core.now, SECOND);
    if (delay <= 0) return true;
    const before = this.machine.taken;
    if (delay >= this.oneShot.shortest) {
      this.oneShot.program(delay);
      core.enableInterrupts();
      // An interrupt that was pending was taken by that STI; the loop then ends before it began.
      if (this.machine.taken === before) core.idle();
    } else {
      core.enableInterrupts();
    }
    core.disableInterrupts();
    this.resumed();
    return true;
  }

  resumed(): void {
    this.core.run(this.back);
  }

  contended(): boolean {
    return this.core.interruptRequest !== 0;
  }

  cameBack(): void {}

  handled(): void {}

  drained(): void {
    // At splhigh, as in doisr: what the end of interrupt lets in is taken by spl0, before schedule() looks.
    this.core.disableInterrupts();
    this.nicRoute.endOfInterrupt();
    this.core.enableInterrupts();
  }
}
