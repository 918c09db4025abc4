import type { Tick } from '../events/time.ts';

/** What happened. The numbers are the codes a hardware trace is written with; new events go at the end. */
export const ProbeEvent = {
  dmaWrite: 0,
  irqRaise: 1,
  irqLower: 2,
  msi: 3,
  irqDeliver: 4,
  eoi: 5,
  timerProgram: 6,
  timerExpire: 7,
  portRead: 8,
  portWrite: 9,
  mmioRead: 10,
  mmioWrite: 11,
} as const;

export type ProbeEventCode = (typeof ProbeEvent)[keyof typeof ProbeEvent];

/** Sees the hardware events of a machine in the order in which they happen. It may not change anything: a probed run is the same run. */
export interface Probe {
  /** `address` and `value`: non-negative integers; what they mean depends on the event (src/trace/format.ts). */
  event(code: ProbeEventCode, tick: Tick, device: string, address: number, value: number): void;
}

/** Sees the frames at a NIC's port. It may not change anything. */
export interface WireTap {
  /** A frame's last bit was in at `tick`, which may lie a little back. The words are those of `frame.ts`, valid until the call returns. */
  received(tick: Tick, words: Float64Array, offset: number): void;
  /** A frame was handed over whose last bit leaves the port at `tick`, later than now. */
  sent(tick: Tick, bytes: number, ack: number, window: number, sackLow: number, sackHigh: number): void;
}
