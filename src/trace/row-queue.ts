/** Rows that wait for their turn, in the order in which they came, each a time and `width` numbers in one array. */
export class RowQueue {
  /** The rows' numbers: the row at offset o owns words[o .. o + width). */
  words: Float64Array;
  private readonly width: number;
  private ticks: Float64Array;
  private mask = 63;
  private head = 0;
  private count = 0;

  constructor(width: number) {
    this.width = width;
    this.ticks = new Float64Array(64);
    this.words = new Float64Array(64 * width);
  }

  /** Time of the oldest row; Infinity when there is none. */
  get headTick(): number {
    return this.count === 0 ? Infinity : this.ticks[this.head]!; // inside the ring
  }

  /** Appends a row and returns its offset in `words`. */
  push(tick: number): number {
    if (this.count > this.mask) this.grow();
    const slot = (this.head + this.count++) & this.mask;
    this.ticks[slot] = tick;
    return slot * this.width;
  }

  /** Takes the oldest row and returns its offset in `words`, which stay until the next push. */
  shift(): number {
    const slot = this.head;
    this.head = (slot + 1) & this.mask;
    this.count--;
    return slot * this.width;
  }

  private grow(): void {
    const size = this.mask + 1;
    const ticks = new Float64Array(size * 2);
    const words = new Float64Array(size * 2 * this.width);
    for (let i = 0; i < size; i++) {
      const slot = (this.head + i) & this.mask;
      ticks[i] = this.ticks[slot]!; // the ring is full
      words.set(this.words.subarray(slot * this.width, (slot + 1) * this.width), i * this.width);
    }
    this.ticks = ticks;
    this.words = words;
    this.head = 0;
    this.mask = size * 2 - 1;
  }
}
