import { Mode } from '../../trace/format.ts';
import type { TraceSource } from '../../trace/source.ts';

/** What ran before or after a kernel entry: user code, the idle loop, or the kernel itself. */
export type Side = 'U' | 'I' | 'N';

/** One kernel entry of a recording in instruction time. */
export interface KernelEntry {
  /** Instructions since power-on, at the entry. */
  readonly t: number;
  /** User instructions since the last kernel exit. */
  readonly user: number;
  readonly from: Side;
  readonly op: string;
  readonly instructions: number;
  readonly to: Side;
  /** `image:function` that was left and that runs next. */
  readonly left: string;
  readonly next: string;
}

const SIDES: Readonly<Record<number, Side>> = { [Mode.user]: 'U', [Mode.idle]: 'I', [Mode.kernel]: 'N' };

/** The rows of a kernel trace. @throws TraceError. */
export function kernelEntries(source: TraceSource): KernelEntry[] {
  const entries: KernelEntry[] = [];
  const origin = Number(source.metadata.clock.origin);
  for (let batch = source.next(); batch !== null; batch = source.next()) {
    const [user, instructions] = [batch.integers('user'), batch.integers('instructions')];
    const [fromMode, toMode, operation, from, to] = [batch.codes('from_mode'), batch.codes('to_mode'), batch.codes('operation'), batch.codes('from'), batch.codes('to')];
    const [operations, lefts, nexts] = [source.names('operation'), source.names('from'), source.names('to')];
    for (let row = 0; row < batch.rows; row++) {
      entries.push({
        t: origin + batch.t[row]!, user: user[row]!, instructions: instructions[row]!, // a column has the batch's rows, here and below
        from: SIDES[fromMode[row]!] ?? 'U', to: SIDES[toMode[row]!] ?? 'U', op: operations[operation[row]!] ?? '', left: lefts[from[row]!] ?? '', next: nexts[to[row]!] ?? '',
      });
    }
  }
  return entries;
}
