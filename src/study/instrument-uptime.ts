import { MS, type Tick } from '../events/time.ts';
import type { Core } from '../hw/core.ts';
import type { Instrument } from './instrument.ts';

/** Unit of both fields of /proc/uptime. */
const UNIT: Tick = 10 * MS;

/** Who counts idle jiffies: the tickless kernel. */
export interface IdleJiffies {
  readonly idleJiffies: number;
}

/**
 * Linux 4.9's /proc/uptime, read at both ends of the window (fs/proc/uptime.c): its idle field is cpustat's idle time, which without VIRT_CPU_ACCOUNTING (not to be had on ia32) is a count of jiffies. A
 * jiffy is idle when the tick was stopped at its boundary, which it is from idle's entry to the next switch, interrupts and softirqs taken in idle included. Both fields are cut to 10 ms.
 */
export class UptimeInstrument implements Instrument {
  readonly name = '/proc/uptime, idle field';
  private readonly core: Core;
  private readonly kernel: IdleJiffies;
  private readonly jiffy: Tick;
  private idleFrom = 0;
  private upFrom = 0;

  constructor(core: Core, kernel: IdleJiffies, jiffy: Tick) {
    this.core = core;
    this.kernel = kernel;
    this.jiffy = jiffy;
  }

  begin(): void {
    this.upFrom = this.upField();
    this.idleFrom = this.idleField();
  }

  read(): number {
    const up = this.upField() - this.upFrom;
    return up === 0 ? 0 : 1 - (this.idleField() - this.idleFrom) / up;
  }

  private idleField(): number {
    return Math.floor((this.kernel.idleJiffies * this.jiffy) / UNIT);
  }

  private upField(): number {
    return Math.floor(this.core.simulator.now / UNIT);
  }
}
