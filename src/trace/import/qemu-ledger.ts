import { IDLE_NAME, LedgerColumn } from '../format.ts';
import type { TraceSink } from '../sink.ts';
import type { LineReader } from './lines.ts';
import type { QemuLines } from './qemu-lines.ts';

/** Lines from which the length of an instruction is found. */
const LEARNING = 4096;
/** The largest -icount shift of QEMU. */
const MOST_NS = 2 ** 10;

/**
 * Busy and idle time from stamps with instructions and virtual ns. Under a fixed -icount shift an instruction takes 2^shift ns and virtual time passes faster only
 * while the processor is halted: between two lines the idle time is d(ns) - d(instructions) * 2^shift. It is put at the end of the stretch, because what ends it
 * is an event. The shift is not in the log; it is the least ns per instruction between two lines. One processor (icount runs them in turn).
 */
export class QemuLedger implements QemuLines {
  static readonly notes = 'Busy and idle time from instruction counts and virtual time (-icount shift=N); idle time is put at the end of the stretch between two lines in which it lies.';
  private readonly sink: TraceSink;
  private readonly lines: LineReader;
  private readonly contexts: readonly [busy: number, idle: number];
  private readonly paths: readonly [busy: number, idle: number];
  private readonly learnt = new Float64Array(2 * LEARNING);
  private waiting = 0;
  private instruction = 0;
  private lastInstructions = -1;
  private lastTime = 0;
  private busySince = 0;
  private idleSince = 0;

  constructor(sink: TraceSink, lines: LineReader) {
    this.sink = sink;
    this.lines = lines;
    this.contexts = [sink.code('context', 'busy'), sink.code('context', IDLE_NAME)];
    this.paths = [sink.code('path', 'busy'), sink.code('path', IDLE_NAME)];
  }

  line(_event: number, t: number, instructions: number): boolean {
    if (this.instruction === 0) {
      if (instructions < (this.waiting === 0 ? 0 : this.learnt[2 * this.waiting - 2]!)) return false; // a line waits
      this.learnt[2 * this.waiting] = instructions;
      this.learnt[2 * this.waiting + 1] = t;
      if (++this.waiting === LEARNING) this.learn();
      return true;
    }
    return this.advance(instructions, t);
  }

  end(): void {
    if (this.instruction === 0) this.learn();
    this.idleBefore(this.busySince);
    if (this.lastTime > this.busySince) this.row(0, this.busySince, this.lastTime);
  }

  private learn(): void {
    const { learnt } = this;
    let least = Infinity;
    for (let i = 2; i < 2 * this.waiting; i += 2) {
      const instructions = learnt[i]! - learnt[i - 2]!;
      if (instructions > 0) least = Math.min(least, (learnt[i + 1]! - learnt[i - 1]!) / instructions);
    }
    // All idle: any length will do.
    this.instruction = least === Infinity ? 1 : least;
    if (!(this.instruction >= 1 && this.instruction <= MOST_NS && Number.isInteger(Math.log2(this.instruction)))) {
      this.lines.fail(`between its lines virtual time passes at no less than ${least} ns an instruction, which is no power of two`, 'record it with a fixed -icount shift=N');
    }
    for (let i = 0; i < this.waiting; i++) this.advance(learnt[2 * i]!, learnt[2 * i + 1]!);
    this.waiting = 0;
  }

  private advance(instructions: number, t: number): boolean {
    if (this.lastInstructions >= 0) {
      if (instructions < this.lastInstructions) return false;
      const halted = this.lastTime + (instructions - this.lastInstructions) * this.instruction;
      if (halted > t) return false;
      if (halted < t) {
        // Events that wake nobody do not end the idle time.
        if (halted > this.busySince) {
          this.idleBefore(this.busySince);
          this.row(0, this.busySince, halted);
          this.idleSince = halted;
        }
        this.busySince = t;
      }
    }
    this.lastInstructions = instructions;
    this.lastTime = t;
    return true;
  }

  private idleBefore(t: number): void {
    if (t > this.idleSince) this.row(1, this.idleSince, t);
  }

  private row(which: 0 | 1, from: number, to: number): void {
    const row = this.sink.row(from);
    const { columns } = this.sink;
    columns[LedgerColumn.duration]![row] = to - from; // the ledger format has these columns, here and below
    columns[LedgerColumn.cpu]![row] = 0;
    columns[LedgerColumn.context]![row] = this.contexts[which];
    columns[LedgerColumn.path]![row] = this.paths[which];
    columns[LedgerColumn.count]![row] = 1;
  }
}
