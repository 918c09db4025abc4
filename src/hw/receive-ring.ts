import { NEVER, type Tick } from '../events/time.ts';
import type { CauseOutlet } from './cause-outlet.ts';
import type { Core } from './core.ts';
import type { Counters } from './counters.ts';
import { DelayTimer } from './delay-timer.ts';
import { FrameRuns, RUN_BYTES, RUN_COUNT, RUN_FIRST, RUN_PAYLOAD, RUN_SEQ, RUN_SPACING } from './frame-runs.ts';
import { ICR_RXDMT0, ICR_RXO, ICR_RXT0 } from './interrupt-causes.ts';

/** What of `NicSettings` is about receiving. */
export interface ReceiveSettings {
  readonly rxDescriptors: number;
  readonly rdtr: number;
  readonly radv: number;
  readonly rxBufferBytes: number;
}

/**
 * The receive half of the 82574L: descriptors, packet buffer and receive delay timers. It is told of frames before they come or as they come, and counts them when somebody looks (`advance`).
 * Frames that come have their place in `runs` from the beginning, since as a rule each finds a descriptor. While descriptors could run short they are kept apart until they are in memory,
 * for then they may wait in the packet buffer or be lost.
 */
export class ReceiveRing {
  /** Frames in memory, oldest first, for whoever passes them up, and behind them those that come. Ticks are of DMA completion. */
  readonly runs = new FrameRuns();
  /** Frames in memory, ever. */
  received = 0;
  /** Earliest arrival that has not been counted; NEVER when there is none. */
  next: Tick = NEVER;
  /** When there is something to report first, or earlier: the delay timer expires, or a frame of those kept apart comes. */
  due: Tick = NEVER;
  private readonly timer: DelayTimer;
  private readonly core: Core;
  private readonly counters: Counters;
  private readonly outlet: CauseOutlet;
  private readonly bufferBytes: number;
  private readonly lowWater: number;
  /** Descriptors the hardware may still fill. */
  private free: number;
  /** Frames that come. They are those from number `progress` of run `run` of `runs` on, or else all of `apart`. */
  private coming = 0;
  private run = 0;
  private progress = 0;
  private readonly apart = new FrameRuns();
  /** Frames that wait in the packet buffer for a descriptor. */
  private readonly waiting = new FrameRuns();
  private waitingBytes = 0;
  private readonly framesIn: number;
  private readonly bytesIn: number;
  private readonly missed: number;

  constructor(core: Core, counters: Counters, settings: ReceiveSettings, outlet: CauseOutlet) {
    this.core = core;
    this.counters = counters;
    this.outlet = outlet;
    this.bufferBytes = settings.rxBufferBytes;
    this.free = settings.rxDescriptors - 1;
    this.lowWater = settings.rxDescriptors >> 1;
    this.timer = new DelayTimer(settings.rdtr, settings.radv);
    this.framesIn = counters.define('frames.in');
    this.bytesIn = counters.define('bytes.in');
    this.missed = counters.define('frames.dropped');
  }

  /** `count` frames come, which is a small integer; the first one's DMA completes at `first`. */
  announce(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    if (this.waiting.length > 0 || this.coming + count >= this.free - this.lowWater) {
      this.keepApart();
      this.apart.extend(first, spacing, seq, payload, bytes, count);
      if (this.coming === 0) this.next = first;
      this.coming += count;
    } else {
      this.keepTogether();
      this.append(first, spacing, seq, payload, bytes, count);
    }
    this.plan();
  }

  private append(first: Tick, spacing: Tick, seq: number, payload: number, bytes: number, count: number): void {
    const { runs } = this;
    runs.extend(first, spacing, seq, payload, bytes, count);
    if (this.coming === 0) {
      this.next = first;
      this.run = runs.tail - 1;
      this.progress = (runs.words[runs.slot(this.run) + RUN_COUNT]! | 0) - count; // the run just written
    }
    this.coming += count;
  }

  /** Frames that come are kept apart from now on. */
  private keepApart(): void {
    if (this.coming > 0 && this.apart.length === 0) this.runs.move(this.run, this.progress, this.apart);
  }

  /** Frames that come have their place in `runs` again. */
  private keepTogether(): void {
    const { apart } = this;
    if (apart.length === 0) return;
    this.coming = 0;
    for (; apart.length > 0; apart.head++) {
      const { words } = apart;
      const slot = apart.slot(apart.head);
      this.append(words[slot + RUN_FIRST]!, words[slot + RUN_SPACING]!, words[slot + RUN_SEQ]!, words[slot + RUN_PAYLOAD]!, words[slot + RUN_BYTES]!, words[slot + RUN_COUNT]! | 0); // a slot in use
    }
  }

  /** Frames could reach the low-water mark before the driver returns any descriptor, or wait, or be lost: each has to be counted as it comes. */
  get short(): boolean {
    return this.coming > 0 && (this.waiting.length > 0 || this.coming >= this.free - this.lowWater);
  }

  /** No frame waits in the packet buffer: descriptors that come back are of no interest to anyone. */
  get bufferEmpty(): boolean {
    return this.waiting.length === 0;
  }

  /** All there is to report up to `now` is reported. Frames that are of no interest for that are left to count. */
  report(now: Tick): void {
    if (this.due <= now) this.catchUp(now);
  }

  /** Brings all up to `now`. */
  advance(now: Tick): void {
    if (this.next <= now || this.timer.due <= now) this.catchUp(now);
  }

  private catchUp(now: Tick): void {
    const { timer } = this;
    while (this.next <= now || timer.due <= now) {
      const { due } = timer;
      if (due === NEVER) {
        this.begin(now);
      } else {
        // A timer sees the frames of its tick, which may restart it.
        this.count(due < now ? due : now);
        if (due > now || timer.due > due) continue;
        timer.stop();
        this.outlet.set(ICR_RXT0, due);
      }
    }
    this.plan();
  }

  /** Says when there is something to report next. */
  private plan(): void {
    const { next, timer } = this;
    const due = timer.due === NEVER ? next + timer.least : timer.due;
    this.due = this.apart.length > 0 && next < due ? next : due;
  }

  /** The next frame starts the timer. */
  private begin(now: Tick): void {
    const { next, timer } = this;
    if (!timer.fixed || this.apart.length > 0) this.count(next);
    else if (next + timer.least >= now || !this.countThrough(now)) timer.start(next, next);
  }

  /** Counts the frames that have arrived up to `now`, which is no later than the timer's expiry. */
  private count(now: Tick): void {
    const { timer } = this;
    if (this.apart.length > 0) {
      this.countEach(now);
      return;
    }
    while (this.next <= now) {
      const from = this.next;
      const last = this.take(now);
      // It runs already, from `begin` on, when later frames do not matter to it.
      if (!timer.fixed) timer.start(from, last);
    }
  }

  /**
   * Counts the frames of the first run that have arrived up to `now` although the delay timer, which is fixed, expires between them; the last expiry is left to come.
   * False, and nothing has been done, where there is no such thing.
   */
  private countThrough(now: Tick): boolean {
    const { received, runs, timer } = this;
    const from = this.next;
    const spacing = runs.words[runs.slot(this.run) + RUN_SPACING]!; // a run that comes
    if (spacing === 0) return false;
    this.take(now);
    const expired = timer.pass(from, spacing, this.received - received);
    if (expired !== NEVER) this.outlet.set(ICR_RXT0, expired);
    return true;
  }

  /** The frames of the first run that comes which have arrived up to `now` are in memory. Returns when the last of them was. */
  private take(now: Tick): Tick {
    const { counters, progress, runs } = this;
    const { words } = runs;
    const slot = runs.slot(this.run);
    const first = words[slot + RUN_FIRST]!; // a slot in use, here and below
    const spacing = words[slot + RUN_SPACING]!;
    const bytes = words[slot + RUN_BYTES]!;
    const count = words[slot + RUN_COUNT]! | 0;
    const end = first + (count - 1) * spacing;
    const done = end <= now ? count : (((now - first) / spacing) | 0) + 1;
    const fresh = done - progress;
    this.core.probe?.frames(this.next, spacing, fresh, bytes, this.received);
    this.received += fresh;
    this.free -= fresh;
    counters.addMany(this.framesIn, fresh);
    counters.addMany(this.bytesIn, bytes * fresh);
    this.coming -= fresh;
    if (done < count) {
      this.progress = done;
      this.next = first + done * spacing;
      return this.next - spacing;
    }
    if (this.coming === 0) {
      this.next = NEVER;
    } else {
      this.run++;
      this.progress = 0;
      this.next = words[runs.slot(this.run) + RUN_FIRST]!;
    }
    return end;
  }

  /** The same where frames are kept apart. */
  private countEach(now: Tick): void {
    const { apart, waiting } = this;
    while (this.next <= now) {
      const { words } = apart;
      const slot = apart.slot(apart.head);
      const tick = this.next;
      const seq = words[slot + RUN_SEQ]!; // a slot in use, here and below
      const payload = words[slot + RUN_PAYLOAD]!;
      const bytes = words[slot + RUN_BYTES]!;
      apart.shift();
      this.coming--;
      this.next = this.coming === 0 ? NEVER : words[apart.slot(apart.head) + RUN_FIRST]!;
      if (waiting.length === 0 && this.free > 0) {
        this.store(tick, seq, payload, bytes);
      } else if (this.waitingBytes + bytes > this.bufferBytes) {
        this.counters.add(this.missed);
        this.outlet.setWithFrame(ICR_RXO, tick);
      } else {
        waiting.append(tick, 0, seq, payload, bytes, 1);
        this.waitingBytes += bytes;
      }
    }
  }

  /** The driver gives `count` descriptors back. */
  giveBack(count: number): void {
    this.free += count;
  }

  /** Frames that wait in the packet buffer take the descriptors there are. */
  drain(tick: Tick): void {
    const { waiting } = this;
    while (this.free > 0 && waiting.length > 0) {
      const { words } = waiting;
      const slot = waiting.slot(waiting.head);
      const bytes = words[slot + RUN_BYTES]!; // a slot in use, here and below
      this.waitingBytes -= bytes;
      this.store(tick, words[slot + RUN_SEQ]!, words[slot + RUN_PAYLOAD]!, bytes);
      waiting.shift();
    }
    this.plan();
  }

  /** A frame that was kept apart is in memory. */
  private store(tick: Tick, seq: number, payload: number, bytes: number): void {
    this.core.probe?.frames(tick, 0, 1, bytes, this.received);
    this.runs.extend(tick, 0, seq, payload, bytes, 1);
    this.received++;
    this.free--;
    this.counters.add(this.framesIn);
    this.counters.addMany(this.bytesIn, bytes);
    this.timer.start(tick, tick);
    if (this.free === this.lowWater) this.outlet.setWithFrame(ICR_RXDMT0, tick);
  }
}
