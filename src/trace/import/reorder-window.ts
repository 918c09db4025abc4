import { RowQueue } from '../row-queue.ts';

/**
 * Rows on their way into time order, each `width` numbers: what comes in order waits in a queue, what comes late in a heap, and the earliest of both goes out next. Rows of one
 * time keep the order in which they came.
 */
export class ReorderWindow {
  /** The row at offset o owns words[o .. o + width). Which array it is changes with each `push` and `shift`. */
  words: Float64Array;
  count = 0;
  private readonly width: number;
  private readonly queue: RowQueue;
  private last = -Infinity;
  private late: Float64Array;
  private lateTimes: Float64Array;
  /** Order of coming. */
  private lateOrder: Float64Array;
  /** Places in `late`, a binary heap by time and order of coming; behind the first `lateCount` the free ones. */
  private heap: Int32Array;
  private lateCount = 0;
  private arrivals = 0;

  constructor(width: number) {
    this.width = width;
    this.queue = new RowQueue(width);
    this.words = this.queue.words;
    this.late = new Float64Array(0);
    this.lateTimes = new Float64Array(0);
    this.lateOrder = new Float64Array(0);
    this.heap = new Int32Array(0);
  }

  /** Time of the earliest row; Infinity when there is none. */
  get headTime(): number {
    return Math.min(this.queue.headTick, this.lateHead);
  }

  /** Adds a row at `time` and returns its offset in `words`. */
  push(time: number): number {
    this.count++;
    let offset: number;
    if (time >= this.last) {
      this.last = time;
      offset = this.queue.push(time);
      this.words = this.queue.words;
    } else {
      offset = this.pushLate(time);
      this.words = this.late;
    }
    return offset;
  }

  /** Takes the earliest row and returns its offset in `words`, which stays until the next `push`. */
  shift(): number {
    this.count--;
    const queued = this.queue.headTick;
    const late = this.lateHead;
    // When a row came late, the queue had gone beyond its time: those of the same time were there before.
    if (queued <= late) {
      const offset = this.queue.shift();
      this.words = this.queue.words;
      return offset;
    }
    this.words = this.late;
    return this.shiftLate();
  }

  private get lateHead(): number {
    return this.lateCount === 0 ? Infinity : this.lateTimes[this.heap[0]!]!; // the heap holds places
  }

  private pushLate(time: number): number {
    if (this.lateCount === this.heap.length) this.grow();
    const place = this.heap[this.lateCount]!; // a free one
    this.lateTimes[place] = time;
    this.lateOrder[place] = this.arrivals++;
    let at = this.lateCount++;
    // Of those with its time it came last, so it stays behind them.
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.heap[parent]!; // places before this one
      if (this.lateTimes[above]! <= time) break;
      this.heap[at] = above;
      at = parent;
    }
    this.heap[at] = place;
    return place * this.width;
  }

  private shiftLate(): number {
    const { heap } = this;
    const taken = heap[0]!; // not empty
    const size = --this.lateCount;
    const moved = heap[size]!; // the last one
    heap[size] = taken;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && this.before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.before(heap[child]!, moved)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    if (size > 0) heap[at] = moved;
    return taken * this.width;
  }

  private before(a: number, b: number): boolean {
    const timeA = this.lateTimes[a]!; // places of late rows
    const timeB = this.lateTimes[b]!;
    return timeA < timeB || (timeA === timeB && this.lateOrder[a]! < this.lateOrder[b]!);
  }

  private grow(): void {
    const size = Math.max(64, this.heap.length * 2);
    const { late, lateTimes, lateOrder, heap } = this;
    this.late = new Float64Array(size * this.width);
    this.late.set(late);
    this.lateTimes = new Float64Array(size);
    this.lateTimes.set(lateTimes);
    this.lateOrder = new Float64Array(size);
    this.lateOrder.set(lateOrder);
    this.heap = new Int32Array(size);
    this.heap.set(heap);
    for (let place = heap.length; place < size; place++) this.heap[place] = place;
  }
}
