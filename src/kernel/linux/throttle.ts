/** Classes of traffic, in the order in which the driver compares them (drivers/net/ethernet/intel/e1000e/e1000.h, enum latency_range). */
export const LOWEST_LATENCY = 0;
export const LOW_LATENCY = 1;
export const BULK_LATENCY = 2;
export type LatencyClass = typeof LOWEST_LATENCY | typeof LOW_LATENCY | typeof BULK_LATENCY;

/** Interrupts per second that each class aims at. */
const RATES: readonly number[] = [70_000, 20_000, 4_000];
/** Rate at which InterruptThrottleRate=3 starts (param.c). */
export const FIRST_RATE = 20_000;

/** EITR for a rate: 1e9 / (rate * 256) in whole units of 256 ns; 0 for no throttle. */
export function throttleUnits(rate: number): number {
  return rate === 0 ? 0 : Math.floor(1_000_000_000 / (rate * 256));
}

/** e1000_update_itr: the class of a ring after an interval in which `packets` of `bytes` in all went through it. */
export function nextClass(now: LatencyClass, packets: number, bytes: number): LatencyClass {
  if (packets === 0) return now;
  // The driver compares bytes / packets, a whole number: more than n means n + 1 or more.
  switch (now) {
    case LOWEST_LATENCY:
      if (bytes >= 8001 * packets) return BULK_LATENCY;
      return packets < 5 && bytes > 512 ? LOW_LATENCY : now;
    case LOW_LATENCY:
      if (bytes > 10_000) {
        if (packets < 10 || bytes >= 1201 * packets) return BULK_LATENCY;
        return packets > 35 ? LOWEST_LATENCY : now;
      }
      if (bytes >= 2001 * packets) return BULK_LATENCY;
      return packets <= 2 && bytes < 512 ? LOWEST_LATENCY : now;
    case BULK_LATENCY:
      if (bytes > 25_000) return packets > 35 ? LOW_LATENCY : now;
      return bytes < 6000 ? LOW_LATENCY : now;
  }
}

/** What chooses a ring's interrupt rate. */
export interface Throttle {
  /** Interrupts per second wanted now; 0: no limit. */
  readonly rate: number;
  /** Whether the driver asks at the end of every poll. */
  readonly adaptive: boolean;
  /** End of a poll: packets and bytes that the rings passed in the last interval. */
  update(rxPackets: number, rxBytes: number, txPackets: number, txBytes: number): void;
}

/**
 * e1000_set_itr with InterruptThrottleRate=3, dynamic conservative (e1000e netdev.c of Linux 4.9; costs.md 4c): each ring moves between latency classes, the lowest is
 * clamped to low, the more patient ring decides; a rising rate steps up by a quarter of its goal at a time.
 */
export class ConservativeThrottle implements Throttle {
  readonly adaptive = true;
  rate = FIRST_RATE;
  /** The rings begin in the lowest class; the first packet of any kind, long before a measurement, has moved them on. */
  rxClass: LatencyClass = LOW_LATENCY;
  txClass: LatencyClass = LOW_LATENCY;

  update(rxPackets: number, rxBytes: number, txPackets: number, txBytes: number): void {
    this.txClass = clamp(nextClass(this.txClass, txPackets, txBytes));
    this.rxClass = clamp(nextClass(this.rxClass, rxPackets, rxBytes));
    const goal = RATES[Math.max(this.rxClass, this.txClass)] ?? FIRST_RATE;
    this.rate = goal > this.rate ? Math.min(this.rate + (goal >> 2), goal) : goal;
  }
}

function clamp(latency: LatencyClass): LatencyClass {
  return latency === LOWEST_LATENCY ? LOW_LATENCY : latency;
}

/** InterruptThrottleRate=<rate>: set once, never looked at again. */
export class FixedThrottle implements Throttle {
  readonly adaptive = false;
  readonly rate: number;

  constructor(rate: number) {
    this.rate = rate;
  }

  update(): void {}
}
