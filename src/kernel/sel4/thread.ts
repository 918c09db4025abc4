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
  ready = true;
  /** Order of becoming ready, for first-in first-out among equals. */
  readySince = 0;
  /** Kernel ticks left of the time slice. */
  slice = 0;

  constructor(name: string, priority: number, vspace: VSpace, context: number, program: Program) {
    this.name = name;
    this.priority = priority;
    this.vspace = vspace;
    this.context = context;
    this.program = program;
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
