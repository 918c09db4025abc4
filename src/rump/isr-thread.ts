import { operation } from '../anykernel/operation.ts';
import type { WmDriver } from '../anykernel/wm.ts';
import type { Core } from '../hw/core.ts';
import type { BmkScheduler, BmkThread } from './bmk-scheduler.ts';
import type { Softints } from './softints.ts';

/** How a platform acknowledges an interrupt whose handlers have run. */
export interface InterruptAcknowledge {
  /** After the handlers, still inside the rump kernel (seL4: IRQHandler_Ack). */
  handled(): void;
  /** When no work is left (bare metal: end of interrupt). */
  drained(): void;
}

/** Rumprun's interrupt thread (platform intr.c, doisr): runs the handlers of the interrupts that isr() noted, until none is left. */
export class IsrThread implements BmkThread {
  readonly name = 'isr';
  readonly context: number;
  readonly begin: number;
  private readonly core: Core;
  private readonly driver: WmDriver;
  private readonly softints: Softints;
  private readonly acknowledge: InterruptAcknowledge;
  private readonly scheduler: BmkScheduler;
  private readonly id: number;
  private readonly end: number;
  private todo = false;

  constructor(core: Core, scheduler: BmkScheduler, softints: Softints, driver: WmDriver, acknowledge: InterruptAcknowledge) {
    this.core = core;
    this.scheduler = scheduler;
    this.softints = softints;
    this.driver = driver;
    this.acknowledge = acknowledge;
    this.context = core.defineContext('rump:isr');
    this.begin = operation(core.paths, 'isr.begin');
    this.end = operation(core.paths, 'isr.end');
    this.id = scheduler.addThread(this);
  }

  /** isr(): called in the platform's interrupt context; notes the interrupt and wakes the thread. */
  note(): void {
    this.todo = true;
    this.scheduler.wake(this.id);
  }

  run(begun: boolean): void {
    let ahead = begun;
    do {
      this.todo = false;
      if (!ahead) this.core.run(this.begin);
      ahead = false;
      this.driver.interrupt();
      this.acknowledge.handled();
      this.core.run(this.end);
      this.softints.dispatch();
    } while (this.todo);
    this.scheduler.blockPrepare();
    this.acknowledge.drained();
  }
}
