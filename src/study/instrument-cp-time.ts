import type { Tick } from '../events/time.ts';
import { CP_IDLE } from '../kernel/netbsd/level.ts';
import type { Instrument } from './instrument.ts';

/**
 * NetBSD's cp_time (sys/kern/kern_clock.c 361-464 at src-netbsd b8b951e9), read with sysctl: hz = 100, so at each clock tick one sample of what the tick interrupted; interrupts and softints on top of
 * the idle lwp count as busy. Nothing that the tick itself sets going is ever sampled (the bias of sampling in phase with the clock), and 1,000 samples of a share p
 * have a standard deviation of sqrt(p (1 - p) / 1000) if they are independent.
 */
export class CpTimeInstrument implements Instrument {
  readonly name = 'cp_time, sampled at 100 Hz';
  private idle = 0;
  private samples = 0;

  /** One tick of the statistics clock that found the CPU in `state`. */
  sample(state: number): void {
    this.samples++;
    if (state === CP_IDLE) this.idle++;
  }

  begin(): void {
    this.idle = 0;
    this.samples = 0;
  }

  read(elapsed: Tick, idle: Tick): number {
    return this.samples === 0 ? (elapsed - idle) / elapsed : 1 - this.idle / this.samples;
  }
}
