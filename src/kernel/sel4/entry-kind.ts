import type { Tick } from '../../events/time.ts';
import type { Core } from '../../hw/core.ts';
import type { Counters } from '../../hw/counters.ts';
import type { Sequence } from '../../hw/sequence.ts';
import { type Operation, operationContext, OPERATIONS, OTHER_CALLS } from './operation.ts';
import { type EntryName, entryIndex } from './tally.ts';

/** What a kernel entry is booked on. */
export class EntryKind {
  /** Index of OPERATIONS; -1: Fig 5 has no category for it. */
  readonly operation: number;
  /** Ledger context. */
  readonly context: number;
  /** Counter of its operation. */
  readonly counter: number;
  /** What recordings of the 2023 platform call it, in a tally. */
  readonly name: number;

  constructor(core: Core, counters: Counters, operation: Operation | typeof OTHER_CALLS, name: EntryName) {
    this.operation = operation === OTHER_CALLS ? -1 : OPERATIONS.indexOf(operation);
    this.context = core.defineContext(operationContext(operation));
    this.counter = counters.define(`kernel.${operation}`);
    this.name = entryIndex(name);
  }
}

/** A system call: what it is booked on, its body, and the whole of it with its stubs and device accesses. */
export interface Call {
  readonly kind: EntryKind;
  readonly body: number;
  readonly whole: Sequence;
  /** Time between the hooks of the entry log: all but the stubs. */
  readonly inside: Tick;
}
