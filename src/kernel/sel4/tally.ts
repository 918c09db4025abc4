import type { Tick } from '../../events/time.ts';

/** Kernel entries as recordings of the 2023 platform name them; nested_rest: an interrupt taken inside another one's entry. */
export const ENTRY_NAMES = [
  'irq_nic', 'irq_timer', 'tick', 'nested_rest', 'IRQHandlerAck', 'Signal', 'Wait', 'Recv', 'Call_slow', 'ReplyRecv', 'ReplyRecv_slow', 'SetTLSBase', 'IOPortControl_Issue', 'IOPort', 'CNode_Delete',
] as const;

export type EntryName = (typeof ENTRY_NAMES)[number];

/** Number and time of kernel entries by name. */
export class EntryTally {
  readonly entries: Float64Array;
  readonly ticks: Float64Array;

  constructor(entries = new Float64Array(ENTRY_NAMES.length), ticks = new Float64Array(ENTRY_NAMES.length)) {
    this.entries = entries;
    this.ticks = ticks;
  }

  add(name: number, ticks: Tick): void {
    this.entries[name]!++; // an index of ENTRY_NAMES, here and below
    this.ticks[name]! += ticks;
  }

  snapshot(): EntryTally {
    return new EntryTally(this.entries.slice(), this.ticks.slice());
  }
}

export function entryIndex(name: EntryName): number {
  return ENTRY_NAMES.indexOf(name);
}
