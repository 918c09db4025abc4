import type { CostTable } from '../../hw/cost.ts';
import type { ControllerKind } from '../../hw/interrupt-route.ts';
import { type Bill, type BillLine, type Priced, total } from './bill.ts';
import type { TimerKind } from './controllers.ts';

/** What a reader of recorded traces found in them, not yet priced. */
export interface Recorded {
  readonly bill: Bill;
  /** Length of the recording, seconds. */
  readonly seconds: number;
  /** Which interrupt controller the NIC was wired to, and the timer that was programmed, as far as the traces show it. */
  readonly controller: ControllerKind | null;
  readonly timer: TimerKind | null;
  /** Interrupts of the NIC and timer programmings: what a change of controller or timer is applied to. */
  readonly nicInterrupts: number;
  readonly programmings: number;
  /** What a reader of the price has to know, one line each. */
  readonly notes: readonly string[];
}

/** A recorded run under a machine's costs. */
export interface PricedTrace {
  readonly lines: readonly BillLine[];
  /** Milliseconds in all. */
  readonly total: Priced;
  /** Share of the recorded time that the CPU would have been busy with what is priced. */
  readonly share: Priced;
  readonly notes: readonly string[];
}

/** Prices what was recorded. Time and counts are those of the recording: the answer is open loop. */
export function priceRecorded({ bill, seconds, notes }: Recorded, costs: CostTable): PricedTrace {
  const lines = bill.price(costs).filter((line) => line.count !== 0 || line.value !== 0);
  const sum = total(lines);
  const part = (ms: number): number => (seconds > 0 ? ms / 1e3 / seconds : 0);
  const share = { value: part(sum.value), low: part(sum.low), high: part(sum.high) };
  const overload = share.value > 1 ? ['the price is more than the recorded time: this machine would not have kept up, so frames would have been lost or the sender slowed down'] : [];
  return { lines, total: sum, share, notes: [...notes, ...overload] };
}
