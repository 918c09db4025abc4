import type { Tick } from '../events/time.ts';

/** What happened. The numbers are the codes of a hardware trace; new events go at the end. */
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

/** Sees what the devices of a machine do. It changes nothing: a probed run is the same run. Hung on the core, where every device finds it. */
export interface Probe {
  /** Something happens now. `address` and `value`: non-negative integers whose meaning depends on the event (src/trace/format.ts). */
  event(code: ProbeEventCode, device: string, address: number, value: number): void;
  /**
   * The DMA of `count` received frames of `bytes` each, numbered from `frame` on, was complete at `first`, `first + spacing`, ... Told in time order, but late: when
   * somebody has looked.
   */
  frames(first: Tick, spacing: Tick, count: number, bytes: number, frame: number): void;
}

/** Path of a slice in which the core idles. */
export const IDLE_SLICE = -1;

/** Sees what the core's time goes to, slice by slice in time order without gaps. It changes nothing. */
export interface SliceWatcher {
  /**
   * From `from` on the core spent `ticks` in `context` on `path` of its path table, or idle (IDLE_SLICE). `done`: the path came to its end with it; else an interrupt or the edge of a measurement cut
   * it, and the rest follows.
   */
  slice(context: number, path: number, from: Tick, ticks: Tick, done: boolean): void;
}

/** Sees the frames at a NIC's port. It changes nothing. */
export interface WireTap {
  /** The last bit of a frame, or of the first of a run, was in at `tick`, a little before now. The words are those of `frame.ts`, valid until the call returns. */
  received(tick: Tick, words: Float64Array, offset: number): void;
  /** A frame was handed over whose last bit leaves the port at `tick`, later than now. */
  sent(tick: Tick, bytes: number, ack: number, window: number, sackLow: number, sackHigh: number): void;
}
