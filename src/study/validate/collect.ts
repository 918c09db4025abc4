import { DEFAULT_PIECES } from '../icount-pieces.ts';
import { NESTED, operationName } from './quantities.ts';
import { segment, type RumpRun, type Step } from './segment.ts';
import type { Sel4Recording } from './sel4-recording.ts';
import { addFitRow, addPiece, emptyStatistics, type Statistics } from './statistics.ts';

/** iperf 3.1.3 reads blocks of this many bytes in these recordings. */
const BLOCK = 1024;
/** The recorded driver spreads a frame over two descriptors. */
const DESCRIPTORS_A_FRAME = 2;
/** Clock and softclock runs are shorter than any of softint and iperf. */
const LONGEST_CLOCK_RUN = 4700;
/** An idle exit that finds the clock's timeout expired takes 277; longer ones did more. */
const EXIT_EXPIRED = 300;

/** A length this far outside a piece's published range is of something else that begins and ends alike. */
const TOLERANCE = 1.25;
const RANGES = new Map(DEFAULT_PIECES.map(({ id, low, high }) => [id, [low / TOLERANCE, high * TOLERANCE] as const]));
/** The same for an interrupt run: further than this from the published formula means that its completions were not known. */
const OFF_FORMULA = 0.05;

/** Lengths that pieces are derived from, beside those that are pieces themselves. */
export const DERIVED = {
  sameThreadToFirstIcr: '(idle exit to first ICR, same thread)',
  exitExpired: '(idle exit, clock expired)',
} as const;

/** Counts the pieces of a recording. */
export function collect(recording: Sel4Recording): Statistics {
  const statistics = emptyStatistics();
  kernelPieces(recording, statistics);
  if (recording.accesses === null) return statistics;
  const { wire, setup } = recording;
  const payloads = (wire?.frames ?? []).filter(({ inbound, payload }) => inbound && payload > 0).map(({ payload }) => payload);
  const typical = payloads.length === 0 ? 1460 : Math.round(payloads.reduce((sum, bytes) => sum + bytes, 0) / payloads.length);
  const runs = new RumpRuns(statistics, typical);
  const pit = setup.timer.value === 'pit';
  segment(recording.entries, recording.accesses, {
    run: (run) => runs.take(run),
    step: (step) => stepPiece(step, pit, statistics),
  });
  return statistics;
}

function kernelPieces({ entries, setup }: Sel4Recording, into: Statistics): void {
  for (const { op: raw, instructions, left, next, from, to } of entries) {
    if (raw === NESTED) continue;
    const op = operationName(raw);
    const idle = (name: string): boolean => name === 'root:count_idle';
    const root = (name: string): boolean => name.startsWith('root:') && !idle(name);
    const piece = (variant: string): void => addPiece(into, `kernel.${op}${variant}`, instructions);
    // An entry out of or into another one has a few instructions more or less: it counts for the operations, not for their pieces.
    if (from === 'N' || to === 'N') continue;
    if (op === 'irq_nic') piece(`.${setup.controller.value}.${root(left) ? 'ready' : 'switch'}`);
    else if (op === 'irq_timer') piece(`.${setup.timer.value}.${root(left) ? 'active' : 'switch'}`);
    else if (op === 'tick') piece(instructions > 250 ? '.sliceOver' : '');
    else if (op === 'ReplyRecv_slow') piece(root(next) ? '.pending' : '.ready');
    else if (op === 'Signal') piece(instructions < 500 ? '.idle' : instructions < 700 ? '.switch' : '.ready');
    else if (op === 'Wait') piece(instructions < 400 ? '.pending' : to === 'I' ? '.switchOther' : '.switchSame');
    else if (op === 'Recv') piece(instructions < 400 ? '.pending' : to === 'I' ? '.idle' : '.switch');
    else if (op === 'IRQHandlerAck') piece(setup.controller.value === 'pic' ? '.pic' : '.ioapic');
    else piece('');
  }
}

const PCI_STEPS: Readonly<Record<string, string>> = { 'irq_nic Signal': 'pci.wake.begin', 'Signal Wait': 'pci.wake.end', 'irq_nic Wait': 'pci.wake.busy' };
const ROOT_STEPS: Readonly<Record<string, string>> = {
  'Call_slow ReplyRecv': 'root.rpc', 'Call_slow ReplyRecv_slow': 'root.rpc', 'irq_timer IRQHandlerAck': 'root.irq.toAck', 'IRQHandlerAck Signal': 'root.irq.toSignal', 'Signal Recv': 'root.irq.toRecv',
};
const PROGRAMMING_STEPS: Readonly<Record<string, string>> = { 'Call_slow ReplyRecv': 'root.rpc.program', 'Call_slow ReplyRecv_slow': 'root.rpc.program', 'IRQHandlerAck Recv': 'root.irq.notDue' };
const PIT_STEPS: Readonly<Record<string, string>> = {
  'Call_slow ReplyRecv': 'root.pit.rpc', 'Call_slow ReplyRecv_slow': 'root.pit.rpc', 'Call_slow IOPortControl_Issue': 'root.pit.rpc.program', 'IOPortControl_Issue IOPort': 'root.pit.issueToOut',
  'IOPort CNode_Delete': 'root.pit.outToDelete', 'CNode_Delete IOPortControl_Issue': 'root.pit.deleteToIssue', 'CNode_Delete ReplyRecv': 'root.pit.program.end', 'CNode_Delete ReplyRecv_slow': 'root.pit.program.end',
  'CNode_Delete Recv': 'root.pit.program.end', 'irq_timer IRQHandlerAck': 'root.pit.irq.toAck', 'IRQHandlerAck Signal': 'root.pit.irq.toSignal', 'IRQHandlerAck IOPortControl_Issue': 'root.pit.irq.notDue', 'Signal Recv': 'root.irq.toRecv',
};

function stepPiece({ thread, from, to, instructions, programmed }: Step, pit: boolean, into: Statistics): void {
  const steps = thread === 'pci' ? PCI_STEPS : pit ? PIT_STEPS : programmed ? PROGRAMMING_STEPS : ROOT_STEPS;
  const id = steps[`${from} ${to}`];
  if (id !== undefined) addInRange(into, id, instructions);
}

/** Counts a piece if its length is one that the piece can have. */
function addInRange(into: Statistics, id: string, instructions: number): boolean {
  const [low, high] = RANGES.get(id) ?? [0, Infinity];
  if (instructions < low || instructions > high) return false;
  addPiece(into, id, instructions);
  return true;
}

/** Tells the bmk threads' runs apart. The run queue is first in, first out: an interrupt run with frames queues softint, softint queues iperf. */
class RumpRuns {
  private readonly into: Statistics;
  private readonly payload: number;
  private readonly queue: ('softint' | 'iperf')[] = [];
  /** Frames taken by the driver, not yet by softint; by softint, not yet read. */
  private driven = 0;
  private buffered = 0;
  /** Packets sent that the driver has not reclaimed. */
  private unclaimed = 0;
  /** Whether the queue is known: from the first idle entry on. */
  private known = false;

  constructor(into: Statistics, payload: number) {
    this.into = into;
    this.payload = payload;
  }

  take(run: RumpRun): void {
    const { coverage } = this.into;
    coverage.rump += run.instructions;
    if (!this.describe(run)) coverage.unexplained += run.instructions;
    this.unclaimed += run.transmits.length;
    if (run.end === 'rpc' && !this.known) {
      this.known = true;
      this.queue.length = 0;
      this.driven = this.buffered = this.unclaimed = 0;
    }
  }

  private describe(run: RumpRun): boolean {
    const { start, end, instructions, icr } = run;
    if (start === 'rpc') return end === 'block' && this.piece('idle.enterToRecv', instructions);
    if (icr.length > 1) return this.interrupt(run);
    if (start === 'wake') {
      if (end === 'rpc') return this.piece('idle.spuriousWake', instructions) || instructions < LONGEST_CLOCK_RUN;
      if (end !== 'switch') return false;
      return this.piece('idle.exitSwitch', instructions) || (instructions < EXIT_EXPIRED && this.piece(DERIVED.exitExpired, instructions));
    }
    if (instructions <= LONGEST_CLOCK_RUN && run.transmits.length === 0) return this.clock(run);
    if (!this.known) return false;
    const who = this.queue.shift();
    if (who === 'softint') return this.softint(run);
    if (who === 'iperf') return this.iperf(run);
    return false;
  }

  private piece(id: string, length: number): boolean {
    return addInRange(this.into, id, length);
  }

  private interrupt({ start, end, icr, descriptors, acknowledged, instructions }: RumpRun): boolean {
    const [first = 0, last = 0] = [icr[0], icr.at(-1)];
    const frames = Math.round(descriptors / DESCRIPTORS_A_FRAME);
    const completions = this.unclaimed;
    this.unclaimed = 0;
    if (frames > 0) {
      this.driven += frames;
      if (!this.queue.includes('softint')) this.queue.push('softint');
    }
    this.piece(start === 'wake' ? DERIVED.sameThreadToFirstIcr : 'isr.toFirstIcr', first);
    const extra = icr.length - 2;
    const formula = 272 + 229 * extra + 2197.4 * frames + 250.2 * completions;
    const known = this.known && Math.abs(last - first - formula) < OFF_FORMULA * formula + 100;
    if (known) addFitRow(this.into, 'isr', [1, extra, frames, completions], last - first);
    if (acknowledged !== null) {
      this.piece('isr.lastIcrToAck', acknowledged - last);
      if (frames > 0 && end === 'switch') this.piece('isr.tailRx.switch', instructions - acknowledged);
      else if (end === 'rpc') this.piece('isr.tailNoWork.toIdle', instructions - acknowledged);
    }
    return known;
  }

  private softint({ instructions, transmits }: RumpRun): boolean {
    const frames = this.driven;
    this.driven = 0;
    this.buffered += frames;
    if (!this.queue.includes('iperf')) this.queue.push('iperf');
    if (frames === 0) return false;
    addFitRow(this.into, 'softint', [1, frames, transmits.length], instructions);
    const first = transmits[0];
    // Which frame it acknowledges shows in its place: 4,337 instructions a frame.
    if (first !== undefined) addFitRow(this.into, 'firstTransmit', [1, frames, Math.max(1, Math.round((first - 554 * frames - 3848) / 4337))], first);
    return true;
  }

  private iperf({ instructions, transmits }: RumpRun): boolean {
    const frames = this.buffered;
    this.buffered = 0;
    if (frames === 0) return false;
    const bytes = frames * this.payload;
    addFitRow(this.into, 'iperf', [1, Math.ceil(bytes / BLOCK), frames - 1, transmits.length], instructions - bytes / 4);
    return true;
  }

  private clock({ instructions, end }: RumpRun): boolean {
    this.piece(end === 'rpc' && instructions >= 900 ? 'clock.tick' : 'clock.softclock', instructions);
    return true;
  }
}
