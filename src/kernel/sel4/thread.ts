import type { Tick } from '../../events/time.ts';
import type { Sequence } from '../../hw/sequence.ts';
import type { EntryLog } from './entry-log.ts';

/** A thread's user-level code. `resume` is called when the thread runs after having been blocked (or first); it returns once a system call blocked the thread. */
export interface Program {
  resume(): void;
}

/** An address space; switching to another one writes CR3. */
export interface VSpace {
  readonly name: string;
  /** Path spent when a thread of it runs after another address space was loaded (TLB and cache refill). */
  readonly refill: number;
}

/** A thread control block: fixed priority, one address space, at most one notification it waits for. */
export class Tcb {
  readonly name: string;
  readonly priority: number;
  readonly vspace: VSpace;
  /** Ledger context of the thread's own instructions. */
  readonly context: number;
  readonly program: Program;
  ready = false;
  /** The next one in the queue of ready threads; null: it is the last, or not ready. */
  next: Tcb | null = null;
  /** Kernel ticks left of the time slice. */
  slice = 0;
  /** What it usually does after an interrupt; null: nothing is known of that. */
  turn: Turn | null = null;

  constructor(name: string, priority: number, vspace: VSpace, context: number, program: Program) {
    this.name = name;
    this.priority = priority;
    this.vspace = vspace;
    this.context = context;
    this.program = program;
  }
}

/** The threads that can run, by priority, first-in first-out among equals. The thread that runs stays in it, and is its first. */
export class ReadyQueue {
  /** Null: none is ready. */
  first: Tcb | null = null;

  /** A thread becomes ready, or is ready and goes behind its equals. */
  add(thread: Tcb): void {
    if (thread.ready) this.remove(thread);
    thread.ready = true;
    let before: Tcb | null = null;
    let after = this.first;
    for (; after !== null && after.priority >= thread.priority; after = after.next) before = after;
    thread.next = after;
    if (before === null) this.first = thread;
    else before.next = thread;
  }

  /** A thread blocks. */
  remove(thread: Tcb): void {
    thread.ready = false;
    if (this.first === thread) {
      this.first = thread.next;
    } else {
      let before = this.first;
      while (before !== null && before.next !== thread) before = before.next;
      if (before !== null) before.next = thread.next;
    }
    thread.next = null;
  }
}

/** A notification object: a binary flag, and the thread that waits for it. */
export class Notification {
  readonly name: string;
  active = false;
  waiter: Tcb | null = null;

  constructor(name: string) {
    this.name = name;
  }
}

/** A thread that an interrupt wakes, as it usually is: it signals somebody who has been waiting, and waits for the next interrupt. */
export interface Handler {
  readonly signals: Notification;
  /** What its code spends before the signal and between it and the wait. */
  readonly before: number;
  readonly after: number;
  /** Whether it is going to do just that now. */
  usual(): boolean;
  /** What its code does beside calling the kernel and spending time. */
  act(): void;
}

/**
 * All that is executed from an interrupt's entry until the handler that it has woken waits again and the thread that this has woken is the current one. It is the same each time, so the kernel does it as
 * one where nothing comes between.
 */
export interface Turn {
  readonly handler: Handler;
  readonly whole: Sequence;
  /** Kernel entries in it. */
  readonly entries: number;
  /** Logs them; `end`: of the whole. */
  record(log: EntryLog, end: Tick): void;
}
