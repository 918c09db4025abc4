import type { Core } from '../hw/core.ts';
import type { Counters } from '../hw/counters.ts';
import type { Part } from '../hw/sequence.ts';

/** Soft interrupt levels of NetBSD, in the order in which they are dispatched (sys/sys/intr.h: BIO, CLOCK, SERIAL, NET). */
export const SOFTINT_CLOCK = 0;
export const SOFTINT_NET = 1;
export const SOFTINT_LEVELS = 2;

export type Softint = () => void;

/**
 * What kernel code that runs anywhere asks of the place it runs in: the anykernel's hypercalls. Rumprun implements it with cooperative threads,
 * a native kernel with interrupts, softint lwps and processes.
 */
export interface Host {
  readonly core: Core;
  readonly counters: Counters;
  /** softint_schedule(): runs `handler` in the thread of its level, later; scheduling a pending one again does nothing. */
  scheduleSoftint(level: number, handler: Softint): void;
  /** Makes the application thread runnable (it sleeps in select or read). */
  wakeApplication(): void;
  /** Told at each turn of the application's loop and before it sleeps (`last`); absent where nothing else costs then. */
  readonly applicationTurns?: (last: boolean) => void;
  /** What a kernel with processes and preemption adds; absent in Rumprun, where a system call is a function call and nothing preempts. */
  readonly boundary?: Boundary;
}

/** The application's way into the kernel, and what it holds there against interrupts. Each act pays for itself. */
export interface Boundary {
  /** A system call begins, and returns. */
  enterKernel(): void;
  leaveKernel(): void;
  /** What these run, and the contexts in the kernel and outside, for who makes a sequence that begins and ends in the kernel. */
  readonly enters: Part;
  readonly leaves: Part;
  readonly kernelContext: number;
  readonly userContext: number;
  /** splsoftnet() and splx(): between them no network softint runs. */
  raiseToSoftnet(): void;
  lower(): void;
  /** softnet_lock, taken without raising the level: a network softint that comes meanwhile blocks on it until it is released. */
  lockSockets(): void;
  unlockSockets(): void;
}
