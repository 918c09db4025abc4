import type { Cursor } from './bytes.ts';

/** What happens with the lines of a log whose time is known. */
export interface QemuLines {
  /** A line at `t` (ns), with its count of instructions; the cursor stands behind the event's name. False: it cannot be read. */
  line(event: number, t: number, instructions: number, args: Cursor): boolean;
  end(): void;
}
