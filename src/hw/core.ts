import type { Fingerprint } from '../events/fingerprint.ts';
import type { Simulator } from '../events/simulator.ts';
import { NEVER, type Tick } from '../events/time.ts';
import { ZERO } from '../events/zero.ts';
import { young } from '../events/young.ts';
import { Accounts } from './accounts.ts';
import type { PathTable } from './path.ts';
import { IDLE_SLICE, type Probe, type SliceWatcher } from './probe.ts';
import type { Sequence } from './sequence.ts';

/** Vectored requests of the local APIC. */
export const PIN_LAPIC = 1;
/** The 8259 pair, through LINT0 in virtual-wire mode: the core fetches the vector with an INTA cycle. */
export const PIN_EXTINT = 2;

/** No account is open; the open one is idle. */
const NONE = -1;
const IDLE = -2;

/**
 * The simulated processor core. It is not an event source: software runs paths on it, each up to the next hardware event, and it takes
 * an interrupt at the first tick at which the hardware could. All of its time is spent through `run`, `spend`, `stall` or `idle`,
 * so busy + idle = elapsed holds by construction.
 */
export class Core extends Accounts {
  readonly simulator: Simulator;
  readonly fingerprint: Fingerprint;
  /** Nothing may be done in one go. */
  readonly oneByOne: boolean;
  /** The core's own time. Every hardware event at or before it has been dispatched. While events are dispatched it is the tick at which the core began to run or idle. */
  now: Tick = ZERO;
  /** The IF flag. */
  interruptsEnabled = false;
  /** The core's interrupt pins, one bit each (PIN_LAPIC, PIN_EXTINT), driven by the interrupt controllers; 0: no request. */
  interruptRequest = 0;
  /** Set at the end of a run: idle loops return, software unwinds. */
  stopped = false;
  /** Ticks a context spent idle are told to it: length of each uninterrupted idle span (what an idle-loop instrument sees). */
  idleSpan: ((ticks: Tick) => void) | null = null;
  /** Interrupt entry point of whatever runs on the core. Called with interrupts off. */
  onInterrupt: () => void = young(() => {});
  /** Who watches the hardware; null: nobody. */
  probe: Probe | null = null;
  /** The account that the time since `openSince` belongs to, while events are dispatched. */
  private openAccount = NONE;
  private openSince: Tick = ZERO;
  private watcher: SliceWatcher | null = null;
  /** Every act is done by itself: somebody is told of each, or `oneByOne`. */
  private actByAct: boolean;

  /** `oneByOne`: `room` is never found, `runSequence` does nothing and who passes frames on passes them singly: the slow way to the same result, for comparison. */
  constructor(simulator: Simulator, paths: PathTable, fingerprint: Fingerprint, oneByOne = false) {
    super(paths);
    this.simulator = simulator;
    this.fingerprint = fingerprint;
    this.oneByOne = oneByOne;
    this.actByAct = oneByOne;
  }

  /** Time since the core was powered on, at tick 0. */
  get elapsed(): Tick {
    return this.now;
  }

  /** Tells `watcher` every slice from now on. The shortcuts of an unwatched core are taken away, so that all time passes through `settle`; nothing else changes. */
  watch(watcher: SliceWatcher): void {
    this.watcher = watcher;
    this.actByAct = true;
    this.run = young((path) => this.advance(path, this.book[path]!, true));
    this.runMany = young((path, times) => {
      for (let i = 0; i < times; i++) this.run(path);
    });
    this.spend = young((path, ticks) => this.advance(path, ticks, true));
    this.stall = young((path) => {
      this.advance(path, this.book[path]!, false);
      if (this.interruptRequest !== 0 && this.interruptsEnabled) this.interrupt();
    });
  }

  /** Runs a path; interrupts are taken between its instructions when they are on. */
  run(path: number): void {
    const { book } = this;
    const ticks = book[path]!; // invariant: path ids come from the table the prices were made of
    const end = this.now + ticks;
    if (end < this.simulator.nextTick) {
      this.now = end;
      book[this.base + path]! += ticks;
    } else {
      this.advance(path, ticks, true);
    }
  }

  /**
   * How many acts of `ticks` each, at most `limit`, the core could complete in a row before anything else happens: what they do between them nobody sees, so they may be done
   * in one go, to the same effect as one by one. 0 when the first does not fit, and always when somebody watches the hardware, who is told act by act.
   */
  room(ticks: Tick, limit: number): number {
    if (this.oneByOne || this.probe !== null || this.watcher !== null) return 0;
    const free = this.simulator.nextTick - this.now;
    if (ticks * limit < free) return limit;
    // Whole numbers; the last act ends before the next event.
    return Math.max(0, Math.floor((free - 1) / ticks));
  }

  /** Runs a path `times` times in a row, with nothing between that anybody could see. */
  runMany(path: number, times: number): void {
    if (times > 0) this.spend(path, this.book[path]! * times);
  }

  /** Like `run`, for an act whose length depends on data (bytes copied): `ticks` is a whole number. */
  spend(path: number, ticks: Tick): void {
    const end = this.now + ticks;
    if (end < this.simulator.nextTick) {
      this.now = end;
      this.book[this.base + path]! += ticks;
    } else {
      this.advance(path, ticks, true);
    }
  }

  /** Whether a sequence could be run as one now: it ends before anything else happens, and nobody is told of each act. */
  fits(sequence: Sequence): boolean {
    return this.now + sequence.ticks < this.simulator.nextTick && !this.actByAct && this.probe === null && (this.interruptRequest === 0 || !this.interruptsEnabled);
  }

  /** The same as running (or stalling for) the paths of a sequence one by one, each in its context, where it fits; else false, and nothing has been done. The core's own context stays as it is. */
  runSequence(sequence: Sequence): boolean {
    if (!this.fits(sequence)) return false;
    this.runFitting(sequence);
    return true;
  }

  /** Of a sequence that fits. */
  runFitting(sequence: Sequence): void {
    this.now += sequence.ticks;
    sequence.times++;
  }

  /** The same in the core's own context. A sequence is cheap while that is the one it was in the last time. */
  runSequenceHere(sequence: Sequence): boolean {
    if (sequence.context !== this.contextId) {
      sequence.charge(this.book, this.width);
      sequence.context = this.contextId;
    }
    return this.runSequence(sequence);
  }

  /**
   * Runs a sequence up to `limit` times in a row in the core's own context, as often as nobody can notice, and returns how often. Events with slack may be left behind: when what the
   * sequence does is done, `catchUp` fires them.
   */
  repeatHere(sequence: Sequence, limit: number): number {
    if (this.actByAct || this.probe !== null) return 0;
    const { ticks } = sequence;
    const free = this.simulator.patience - this.now;
    const times = ticks * limit < free ? limit : Math.floor((free - 1) / ticks);
    if (times < 1) return 0;
    if (sequence.context !== this.contextId) {
      sequence.charge(this.book, this.width);
      sequence.context = this.contextId;
    }
    this.now += times * ticks;
    sequence.times += times;
    return times;
  }

  /** Fires what `repeatHere` has left behind. What is due now comes with the next act, which also looks for an interrupt. */
  catchUp(): void {
    while (this.simulator.nextTick < this.now) this.simulator.fireNext();
  }

  /** A bus access the core waits for: hardware events go on, but no interrupt is taken before it completes. */
  stall(path: number): void {
    const { book } = this;
    const ticks = book[path]!;
    const end = this.now + ticks;
    if (end < this.simulator.nextTick) {
      this.now = end;
      book[this.base + path]! += ticks;
    } else {
      this.advance(path, ticks, false);
    }
    if (this.interruptRequest !== 0 && this.interruptsEnabled) this.interrupt();
  }

  /** STI: a pending interrupt is taken at once. */
  enableInterrupts(): void {
    this.interruptsEnabled = true;
    if (this.interruptRequest !== 0) this.interrupt();
  }

  disableInterrupts(): void {
    this.interruptsEnabled = false;
  }

  /**
   * Idles until the interrupt pin is raised (or the run stops), then takes the interrupt. Interrupts must be on or turned on by the caller's hardware state;
   * with them off this is a wait for the pin only.
   */
  idle(): void {
    const { simulator } = this;
    const start = this.now;
    this.openAccount = IDLE;
    this.openSince = start;
    while (this.interruptRequest === 0 && !this.stopped) {
      if (simulator.nextTick === NEVER) throw new Error('the core idles and nothing is left to wake it');
      simulator.fireNext();
    }
    if (simulator.now > start) this.now = simulator.now;
    this.settle(this.now);
    this.openAccount = NONE;
    // How software unwinds after the end is no part of the run.
    if (!this.stopped) this.fingerprint.step(this.now, this.contextId, this.now - start);
    this.idleSpan?.(this.now - start);
    if (this.interruptRequest !== 0 && this.interruptsEnabled) this.interrupt();
  }

  /** Sleeps on for `ticks`, whatever the pins say: the way out of a sleep state. Idle time. */
  sleep(ticks: Tick): void {
    const { simulator } = this;
    const end = this.now + ticks;
    this.openAccount = IDLE;
    this.openSince = this.now;
    while (simulator.nextTick <= end) simulator.fireNext();
    this.now = end;
    this.settle(end);
    this.openAccount = NONE;
  }

  /**
   * Charges the open account up to `tick`. Time is charged when an account closes; whoever reads the ledger from an event settles it first.
   */
  settle(tick: Tick): void {
    if (this.openAccount >= 0) this.book[this.openAccount]! += tick - this.openSince;
    else if (this.openAccount === IDLE) this.ledger.idle += tick - this.openSince;
    if (this.watcher !== null) this.tell(this.watcher, tick, false);
    this.openSince = tick;
  }

  private tell(watcher: SliceWatcher, tick: Tick, done: boolean): void {
    const { openAccount, openSince } = this;
    const { width } = this;
    if (openAccount >= 0) watcher.slice(Math.floor(openAccount / width) - 1, openAccount % width, openSince, tick - openSince, done);
    else if (openAccount === IDLE && tick > openSince) watcher.slice(this.contextId, IDLE_SLICE, openSince, tick - openSince, done);
  }

  private advance(path: number, ticks: Tick, interruptible: boolean): void {
    const { simulator } = this;
    const account = this.base + path;
    let end = this.now + ticks;
    this.openAccount = account;
    this.openSince = this.now;
    while (simulator.nextTick <= end) {
      simulator.fireNext();
      if (interruptible && this.interruptRequest !== 0 && this.interruptsEnabled) {
        const at = simulator.now;
        this.settle(at);
        this.openAccount = NONE;
        this.now = at;
        this.interrupt();
        end += this.now - at;
        this.openAccount = account;
        this.openSince = this.now;
      }
    }
    this.now = end;
    this.book[account]! += end - this.openSince;
    if (this.watcher !== null) this.tell(this.watcher, end, true);
    this.openAccount = NONE;
  }

  private interrupt(): void {
    const context = this.contextId;
    if (!this.stopped) this.fingerprint.step(this.now, context, 0);
    // Requests that are still there when the handler returns are taken before the next instruction of the interrupted code.
    do {
      this.interruptsEnabled = false;
      this.onInterrupt();
      this.interruptsEnabled = true;
    } while (this.interruptRequest !== 0 && !this.stopped);
    this.context = context;
  }
}
